"""The two-stage problem of reinforcement as arrays (3.4): first stage, products of decisions, scenarios.

Solvers read this and nothing else; they need no supply chain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optichain.compilation import compile_network
from optichain.design.bounds import useful_quantity
from optichain.design.periods import Period, effective_periods
from optichain.design.protection import find_levers
from optichain.design.rules import Rows, build_first_stage
from optichain.design.scenarios import ScenarioMaker, Template
from optichain.design.stage import FirstStage
from optichain.design.terms import Monomial
from optichain.effects import apply_measures
from optichain.errors import UsageError
from optichain.network import Network
from optichain.risk.continuity import ContinuityEngine
from optichain.risk.events import Event, make_events
from optichain.risk.reach import reach_of
from optichain.risk.resilience import reached_blocks

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["OBJECTIVES", "DesignProblem", "Product", "Scenario", "build_problem"]

Floats = npt.NDArray[np.float64]

OBJECTIVES = ("expected", "loss")


@dataclass(frozen=True, slots=True)
class Product:
    """A product of decisions: measures in effect, times the units in effect of at most one.

    Attributes
    ----------
    binaries : tuple of tuple of int
        For each measure the columns of its starts that are in effect: the measure is in effect when their
        sum is 1.
    units : tuple of int
        Columns of units in effect that multiply the product; empty: none.
    most : float
        Largest value of the units.
    """

    binaries: tuple[tuple[int, ...], ...]
    units: tuple[int, ...]
    most: float


@dataclass(frozen=True, eq=False)
class Scenario:
    """A linear programme of the second stage: a block under an event in a period.

    maximise ``cost v`` with ``row_lower <= matrix v <= row_upper``, ``0 <= v <= upper``, where products add to bounds.

    Attributes
    ----------
    name : str
    weight : float
        In the objective.
    matrix : csc_matrix, shape (rows, columns)
        Shared by all scenarios of a block with as many phases.
    cost, upper : ndarray, shape (columns,)
    row_lower, row_upper : ndarray, shape (rows,)
    column_terms : list of (column, product, coefficient)
        Upper bounds that depend on decisions: ``v <= sum coefficient * product``; product -1 is the constant 1.
    row_terms : list of (row, product, coefficient)
        Added to the finite bounds of the row.
    worst, best : float
        Value with no measure beyond the running ones, and with all of them.
    """

    name: str
    weight: float
    matrix: sp.csc_matrix
    cost: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats
    column_terms: list[tuple[int, int, float]]
    row_terms: list[tuple[int, int, float]]
    worst: float
    best: float


@dataclass(eq=False)
class DesignProblem:
    """What a solver gets.

    Attributes
    ----------
    name : str
    stage : FirstStage
    products : list of Product
    scenarios : list of Scenario
        Only those that decisions can change.
    constant : float
        What all other scenarios add to the objective.
    sense : int
        1: the objective is maximised as it stands (continuity); -1: reported with its sign turned (a loss).
    offset : float
        Objective for people = sense x (constant + stage_cost x + scenarios) + offset.
    stage_cost : ndarray, shape (columns of the first stage,)
        Added to the maximised objective for each unit of a column: prices of money or of change; else 0.
    nothing, everything : float
        Objective for people with no new measure, and with all measures in full effect as early as can be.
    weight : ndarray, shape (chains,)
        Weights of the chains that the flows serve.
    periods : tuple of Period
    """

    name: str
    stage: FirstStage
    products: list[Product] = field(default_factory=list)
    scenarios: list[Scenario] = field(default_factory=list)
    constant: float = 0.0
    sense: int = 1
    offset: float = 0.0
    nothing: float = 0.0
    everything: float = 0.0
    weight: Floats = field(default_factory=lambda: np.zeros(0))
    periods: tuple[Period, ...] = ()
    stage_cost: Floats = field(default_factory=lambda: np.zeros(0))

    def value(self, gained: float) -> float:
        """Return the objective for people from the weighted sum over `scenarios`, stage costs included."""
        return self.sense * (self.constant + gained) + self.offset


def build_problem(
    instance: Instance,
    *,
    objective: str = "expected",
    budget: float | Sequence[float] | None = None,
    fix: Sequence[str] = (),
    forbid: Sequence[str] = (),
    rows: Rows = (),
    engine: ContinuityEngine | None = None,
) -> DesignProblem:
    """Build the two-stage problem of an instance.

    Parameters
    ----------
    instance : Instance
    objective : {"expected", "loss"}
        Expected ACC, or expected annual loss. For the loss, flows serve value instead of weighted chains.
    budget, fix, forbid, rows
        See `optichain.design.rules.build_first_stage`.
    engine : ContinuityEngine, optional
        For the same weights, to share what was solved before.

    Returns
    -------
    DesignProblem
    """
    if objective not in OBJECTIVES:
        raise UsageError(f"unknown objective {objective!r}: expected one of {', '.join(OBJECTIVES)}")
    network = compile_network(instance)
    stage = build_first_stage(instance, budget=budget, fix=fix, forbid=forbid, rows=rows)
    return _Assembler(network, stage, objective, engine).problem()


def value_weights(network: Network) -> Floats:
    """Return each chain's share of the demanded value, shape (chains,)."""
    worth = np.zeros(len(network.chains))
    np.add.at(worth, network.demand_chain, network.demand_rate * network.demand_value)
    return np.asarray(worth / worth.sum(), dtype=float)


class _Assembler:
    def __init__(
        self, network: Network, stage: FirstStage, objective: str, engine: ContinuityEngine | None
    ) -> None:
        self.network, self.stage, self.objective = network, stage, objective
        weight = network.weight if objective == "expected" else value_weights(network)
        self.engine = ContinuityEngine(network, weight) if engine is None else engine
        self.periods = effective_periods(network.instance, stage)
        self.names = [str(m) for m in network.instance["measures"]["measure"]]
        self.most = network.instance["measures"]["max_units"].to_numpy(float)
        self.levers = find_levers(network)
        self.useful = useful_quantity(network)
        self.events = [e for e in make_events(network) if e.probability > 0.0]
        self.reached = reached_blocks(network, self.events)
        self.out = DesignProblem(
            name=network.instance.settings.name,
            stage=stage,
            weight=weight,
            periods=self.periods,
            stage_cost=np.zeros(len(stage.columns)),
        )
        self._product_number: dict[Product, int] = {}
        self.nothing = self.everything = 0.0

    def problem(self) -> DesignProblem:
        """Go through blocks, events and periods."""
        for column, number in enumerate(self.network.blocks.tolist()):
            self._block(column, number)
        out = self.out
        if self.objective == "loss":
            demanded = float(
                np.sum(self.network.demand_rate * self.network.demand_value) * self.network.horizon
            )
            base = apply_measures(self.network, np.zeros(len(self.names)))
            calm = self.engine.undisturbed(base)
            has = self.network.chain_block >= 0
            out.sense = -1
            out.offset = (
                sum(e.probability for e in self.events) * float(calm[has] @ self.out.weight[has]) * demanded
            )
        out.nothing, out.everything = (
            out.value(self.nothing - out.constant),
            out.value(self.everything - out.constant),
        )
        return out

    def _block(self, column: int, number: int) -> None:
        """Add all scenarios of a block."""
        chains = np.flatnonzero(self.network.chain_block == number)
        share = float(self.out.weight[chains].sum())
        if share <= 0.0:
            return
        block = self.engine.block(number)
        maker = ScenarioMaker(self.network, block.flow, self.levers, self.useful)
        merged: dict[tuple[object, ...], Scenario] = {}
        for event, probability in self._weights(column, number):
            if probability <= 0.0:
                continue
            # most events are changed by no measure in most years: their bounds are never written down
            changed = [
                p for p in self.periods if self._changes(number, event, p, probability * share * p.weight)
            ]
            if not changed:
                continue
            template = maker.template(event)
            matrix = block.flow.matrix(len(template.lengths))
            for period in changed:
                scenario = self._scenario(
                    matrix, template, event, period, number, probability * share * period.weight
                )
                key = _key(scenario)
                same = merged.get(key)
                merged[key] = (
                    scenario if same is None else replace(same, weight=same.weight + scenario.weight)
                )
        self.out.scenarios += merged.values()

    def _weights(self, column: int, number: int) -> list[tuple[Event | None, float]]:
        """Return the events that count for a block with their weights (3.3): of ACC, or of the annual loss."""
        mine = [e for e, hit in zip(self.events, self.reached[:, column], strict=True) if hit]
        total = sum(e.probability for e in mine)
        if self.objective == "expected":
            return [(e, e.probability / total) for e in mine] if mine else [(None, 1.0)]
        demanded = float(np.sum(self.network.demand_rate * self.network.demand_value) * self.network.horizon)
        base = apply_measures(self.network, np.zeros(len(self.names)))
        flow = self.engine.block(number).flow
        near = [e for e in self.events if flow.touched(base, reach_of(self.network, base, e)) or e in mine]
        # an event that only destroys stock which a measure adds later must count as near as well
        if self.network.instance.settings.stock_at_failed_site == "lost" and self.levers.stockpile:
            near = list(self.events)
        away = sum(e.probability for e in self.events) - sum(e.probability for e in near)
        return [*((e, e.probability * demanded) for e in near), (None, max(away, 0.0) * demanded)]

    def _changes(self, number: int, event: Event | None, period: Period, weight: float) -> bool:
        """Tell whether decisions can change an event in a period; where not, add its value to the constant."""
        worst, best = (self._value(number, event, units) for units in (period.running, period.all_in_effect))
        self.nothing += weight * worst
        self.everything += weight * best
        if best - worst > 1e-12:
            return True
        self.out.constant += weight * worst
        return False

    def _scenario(
        self,
        matrix: sp.csc_matrix,
        template: Template,
        event: Event | None,
        period: Period,
        number: int,
        weight: float,
    ) -> Scenario:
        """Return the scenario of an event in a period."""
        worst, best = (self._value(number, event, units) for units in (period.running, period.all_in_effect))
        columns = self._bind(template.column_terms, period)
        rows = self._bind(template.row_terms, period)
        upper = template.upper.copy()
        constant_only = {c for c, _, _ in columns} - {c for c, p, _ in columns if p >= 0}
        if constant_only:
            upper[list(constant_only)] = 0.0
            for c, _, value in columns:
                if c in constant_only:
                    upper[c] += value
            columns = [term for term in columns if term[0] not in constant_only]
        row_lower, row_upper = template.row_lower.copy(), template.row_upper.copy()
        for row, product, value in rows:
            if product < 0:
                row_lower[row] += value
                row_upper[row] += value
        rows = [term for term in rows if term[1] >= 0]
        cost = np.zeros(matrix.shape[1])
        block = self.engine.block(number)
        cost[block.flow.served_columns(len(template.lengths))] = block.cost_of_serving[None, :]
        name = f"block {number}, {'undisturbed' if event is None else event.name}, {period.label}"
        return Scenario(name, weight, matrix, cost, upper, row_lower, row_upper, columns, rows, worst, best)

    def _value(self, number: int, event: Event | None, units: Floats) -> float:
        state = apply_measures(self.network, units)
        block = self.engine.block(number)
        return float(block.continuity(state, reach_of(self.network, state, event)) @ block.mix)

    def _bind(
        self, terms: Sequence[tuple[int, Monomial, float]], period: Period
    ) -> list[tuple[int, int, float]]:
        """Replace measures in effect by decisions; measures that are never or always in effect drop out."""
        total: dict[tuple[int, int], float] = {}
        for place, monomial, coefficient in terms:
            bound = self._product(monomial, period)
            if bound is not None:
                product, factor = bound
                key = (place, product)
                total[key] = total.get(key, 0.0) + coefficient * factor
        return [
            (place, product, value)
            for (place, product), value in total.items()
            if value != 0.0 or product < 0
        ]

    def _product(self, monomial: Monomial, period: Period) -> tuple[int, float] | None:
        factor = 1.0
        binaries = []
        for m in monomial.binaries:
            if period.running[m] > 0.0:
                continue
            if not period.starts[m]:
                return None
            binaries.append(tuple(self.stage.start[self.names[m], y] for y in period.starts[m]))
        units: tuple[int, ...] = ()
        most = 1.0
        m = monomial.units
        if m >= 0:
            if period.running[m] > 0.0:
                factor = float(period.running[m])
            elif not period.starts[m]:
                return None
            else:
                units = tuple(self.stage.units[self.names[m], y] for y in period.starts[m])
                most = float(self.most[m])
        if not binaries and not units:
            return -1, factor
        product = Product(tuple(sorted(binaries)), units, most)
        if product not in self._product_number:
            self._product_number[product] = len(self.out.products)
            self.out.products.append(product)
        return self._product_number[product], factor


def _key(scenario: Scenario) -> tuple[object, ...]:
    """Return what tells scenarios apart that are not the same linear programme."""
    arrays = (scenario.upper, scenario.row_lower, scenario.row_upper)
    return (
        id(scenario.matrix),
        *(a.tobytes() for a in arrays),
        tuple(sorted(scenario.column_terms)),
        tuple(sorted(scenario.row_terms)),
    )
