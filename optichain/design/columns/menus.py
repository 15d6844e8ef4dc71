"""From an instance to columns: the policies of each chain on its frontier, with what they cost and gain by year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from optichain.compilation import compile_network
from optichain.design.columns.columnfile import (
    Columns,
    ColumnsChain,
    ColumnsMeasure,
    ColumnsPolicy,
    raw_of,
    weighted_by,
)
from optichain.design.firststage.periods import counted_years
from optichain.design.firststage.rules import COSTS
from optichain.design.plan import Choice
from optichain.design.twostage.choices import read_choices
from optichain.design.twostage.parts import split
from optichain.design.twostage.problem import build_problem
from optichain.effects import apply_measures
from optichain.errors import UsageError
from optichain.network import Network
from optichain.risk.flows.engine import ContinuityEngine
from optichain.risk.resilience import Resilience, assess

if TYPE_CHECKING:
    from optichain.design.twostage.arrays import DesignProblem
    from optichain.instance.model import Instance

__all__ = ["find_columns"]

Floats = npt.NDArray[np.float64]


def find_columns(instance: Instance) -> Columns:
    """Work out the policies of each chain on its budget-to-ACC frontier, for each start year.

    Raises
    ------
    UsageError
        A chain cannot be handed over alone: it shares a block, a measure or a rule with another, or has too many
        policies to list.
    """
    from optichain.solving import find_solver

    network = compile_network(instance)
    engine = ContinuityEngine(network)
    problem = build_problem(instance, engine=engine)
    solver: Any = find_solver("portfolio")
    solver.solve(problem, gap=0.1)
    menus: dict[tuple[str, ...], list[Floats]] = solver.menus()
    deciding = {chain for chain, _ in problem.stage.chain}
    _insist_on_single(problem, deciding, menus)
    writer = _Writer(instance, network, engine, problem)
    chains = [writer.chain(chain, menus[(chain,)]) for chain in sorted(deciding)]
    settings = instance.settings
    return Columns(
        instance=settings.name,
        instance_digest=instance.digest,
        currency=settings.currency,
        time_unit=settings.time_unit,
        weighted_by=weighted_by(instance),
        planning_years=problem.stage.years,
        years_of_cost=problem.stage.money_years,
        chains=tuple(chains),
    )


def _insist_on_single(
    problem: DesignProblem, deciding: set[str], menus: dict[tuple[str, ...], list[Floats]]
) -> None:
    alone = {chains[0] for chains in menus if len(chains) == 1}
    shared = {m for m, _ in problem.stage.start} - set(problem.stage.owner)
    for part in split(problem).coalitions:
        mine = set(part.columns.tolist())
        with_shared = [m for (m, _), c in problem.stage.start.items() if c in mine and m in shared]
        for chain in part.chains:
            if with_shared:
                raise UsageError(
                    f"chain {chain} depends on the shared measure {with_shared[0]}: it has no columns of its own"
                )
            if chain not in alone:
                others = ", ".join(c for c in part.chains if c != chain)
                why = f"is tied to {others}" if others else "has too many policies to list"
                raise UsageError(f"chain {chain} {why}: it has no columns of its own")
    missing = deciding - alone
    if missing:
        raise UsageError(f"chain {sorted(missing)[0]} has no columns of its own")


class _Writer:
    """Works out what policies of one chain cost and gain."""

    def __init__(
        self, instance: Instance, network: Network, engine: ContinuityEngine, problem: DesignProblem
    ) -> None:
        self.instance, self.network, self.engine, self.problem = instance, network, engine, problem
        frame = instance["measures"]
        self.row = {str(m): i for i, m in enumerate(frame["measure"])}
        self.lead, self.kind = frame["lead_time"].to_numpy(float), [str(k) for k in frame["kind"]]
        self.costs = frame[list(COSTS)].to_numpy(float)
        self.years = counted_years(instance)
        self._known: dict[bytes, Resilience] = {}

    def chain(self, chain: str, points: Sequence[Floats]) -> ColumnsChain:
        facts = next(r for r in self.instance["chains"].to_dict("records") if r["chain"] == chain)
        owners = self.instance["chain_owners"]
        place = list(self.network.chains).index(chain)
        before = self._by_year(chain, [])
        policies = []
        for number, values in enumerate(points, start=1):
            choices, _ = read_choices(self.problem, values)
            after = self._by_year(chain, choices)
            gains = [{y: after[i][y] - before[i][y] for y in self.years} for i in (0, 1)]
            measures = tuple(self._measure(c) for c in sorted(choices, key=lambda c: c.measure))
            cost = tuple(
                float(sum(m.cost[i] for m in measures)) for i in range(len(self.problem.stage.money_years))
            )
            policies.append(
                ColumnsPolicy(
                    policy=f"{chain}-{number}",
                    start_year=choices[0].start_year,
                    measures=measures,
                    cost=cost,
                    gain_by_year=gains[0],
                    loss_avoided_by_year={y: -v for y, v in gains[1].items()},
                )
            )
        text = {k: facts[k] if isinstance(facts[k], str) else None for k in ("title", "cluster", "region")}
        return ColumnsChain(
            chain=chain,
            **text,
            owners=tuple(str(e) for e in owners.loc[owners["chain"] == chain, "enterprise"]),
            weight=float(raw_of(self.network)[place]),
            acc_by_year=before[0],
            expected_annual_loss_by_year=before[1],
            policies=tuple(policies),
        )

    def _measure(self, choice: Choice) -> ColumnsMeasure:
        i = self.row[choice.measure]
        years = self.problem.stage.money_years
        cost = [
            choice.units * float(self.costs[i, y - choice.start_year])
            if 0 <= y - choice.start_year < 3
            else 0.0
            for y in years
        ]
        return ColumnsMeasure(measure=choice.measure, units=choice.units, kind=self.kind[i], cost=tuple(cost))

    def _by_year(self, chain: str, choices: Sequence[Choice]) -> tuple[dict[int, float], dict[int, float]]:
        """Return ACC and expected annual loss of a chain in each year that counts."""
        given = [Choice(m, u, y) for m, (u, y) in self.problem.stage.running.items()]
        acc, loss = {}, {}
        for year in self.years:
            units = np.zeros(len(self.row))
            for c in (*given, *choices):
                if c.start_year + self.lead[self.row[c.measure]] <= year:
                    units[self.row[c.measure]] += c.units
            key = units.tobytes()
            if key not in self._known:
                state = apply_measures(self.network, units)
                self._known[key] = assess(self.network, state=state, engine=self.engine)
            table = self._known[key].chains
            row = table.loc[table["chain"] == chain].iloc[0]
            acc[year], loss[year] = float(row["acc"]), float(row["expected_annual_loss"])
        return acc, loss
