"""From an instance to the two-stage problem of reinforcement as arrays (3.4)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optichain.compilation import compile_network
from optichain.design.aims import COST, LOSS, OBJECTIVES, WORST_CASE
from optichain.design.firststage.periods import Period, effective_periods, full_effect
from optichain.design.firststage.rules import build_first_stage
from optichain.design.firststage.stage import FirstStage
from optichain.design.firststage.wishes import Wishes
from optichain.design.recourse.autonomy import AutonomyModel
from optichain.design.recourse.blockmodels import BlockModels, EventModel
from optichain.design.recourse.bounds import useful_quantity
from optichain.design.recourse.protection import find_levers
from optichain.design.recourse.scenarios import ScenarioMaker, Template
from optichain.design.recourse.weighing import Weighing, engine_for, value_weights
from optichain.design.twostage.arrays import DesignProblem, Floor, Low, Product, Scenario, Tail
from optichain.design.twostage.binding import Binder
from optichain.design.twostage.pieces import Piece, spread_pieces
from optichain.network import Network
from optichain.risk.events import Event
from optichain.risk.flows.engine import ContinuityEngine
from optichain.sentences import say

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = [
    "OBJECTIVES",
    "Assembler",
    "DesignProblem",
    "Floor",
    "Product",
    "Scenario",
    "Tail",
    "build_problem",
    "value_weights",
]

Floats = npt.NDArray[np.float64]

CHANGED = 1e-9
"""Continuity by which measures must be able to change an event for it to become a scenario."""


def build_problem(
    instance: Instance,
    wishes: Wishes | None = None,
    *,
    engine: ContinuityEngine | None = None,
    executor: Executor | None = None,
) -> DesignProblem:
    """Build the two-stage problem of an instance.

    Parameters
    ----------
    instance : Instance
    wishes : Wishes, optional
        What is asked for beside the instance; the most expected ACC by default. For the expected annual loss, flows
        serve value instead of weighted chains.
    engine : ContinuityEngine, optional
        For the same weights, to share what was solved before.
    executor : Executor, optional
        Builds the blocks; the problem does not depend on it.

    Returns
    -------
    DesignProblem
    """
    asked = Wishes() if wishes is None else wishes
    network = compile_network(instance)
    stage = build_first_stage(instance, **asked.first_stage())
    return Assembler(network, stage, asked, engine).problem(executor)


class Assembler:
    """Goes through blocks, events and periods.

    Parameters
    ----------
    network : Network
    stage : FirstStage
    wishes : Wishes
    engine : ContinuityEngine, optional
        For the weights that the objective needs.
    """

    def __init__(
        self,
        network: Network,
        stage: FirstStage,
        wishes: Wishes,
        engine: ContinuityEngine | None,
    ) -> None:
        self.network, self.stage, self.wishes, self.aim = network, stage, wishes, wishes.aim
        self.engine = engine_for(network, self.aim) if engine is None else engine
        self.periods = effective_periods(network.instance, stage)
        self.levers = find_levers(network)
        self.useful = useful_quantity(network)
        self.weighing = Weighing(network, self.aim, self.engine)
        self.out = DesignProblem(
            name=network.instance.settings.name,
            stage=stage,
            weight=self.engine.weight,
            periods=self.periods,
            stage_cost=np.zeros(len(stage.columns)),
            sense=self.aim.sense,
        )
        self.binder = Binder(stage, network.instance)
        self.out.products = self.binder.products
        self._arrays: dict[bytes, Floats] = {}
        self._terms: dict[tuple[int, int, float], tuple[int, int, float]] = {}
        self._tails: list[Tail] = []
        self._attacks: dict[tuple[object, ...], int] = {}
        self._models: dict[int, BlockModels] = {}
        self._acc_terms: dict[int, float] = {}
        self._constants: list[float] = []
        self._acc_constants: list[float] = []

    def problem(self, executor: Executor | None = None) -> DesignProblem:
        """Return the problem; an executor builds its blocks."""
        out, network = self.out, self.network
        if self.aim.objective == WORST_CASE:
            out.lows = tuple(Low(p.weight, (self.attacked(None, p),)) for p in self.periods)
        elif self.aim.objective != COST or self.wishes.min_acc is not None:
            for number in self.network.blocks.tolist() if executor is None else ():
                self._block(number)
            if executor is not None:
                asked = (network, self.stage, self.wishes, self.engine.weight)
                for piece in spread_pieces(_build_piece, *asked, executor):
                    self._join(piece)
        out.tails = tuple(self._tails)
        out.constant = math.fsum(self._constants)
        if self.wishes.min_acc is not None:
            self._require_acc(self.wishes.min_acc)
        if self.wishes.min_autonomy is not None:
            self._require_autonomy(self.wishes.min_autonomy)
        if self.aim.objective == COST:
            out.stage_cost = -self.stage.cost_of_columns()
        if self.aim.objective == LOSS:
            out.offset = self.weighing.calm_loss
        if self.wishes.change_price:
            # doing nothing breaks every promise; each one that is kept gives its price back
            out.constant -= self.wishes.change_price * len(self.wishes.announced)
            for column, _, _ in self.stage.kept.values():
                out.stage_cost[column] += self.wishes.change_price
        out.nothing = out.value(out.second_stage([s.worst for s in out.scenarios]))
        out.everything = out.value(out.second_stage([s.best for s in out.scenarios]))
        return out

    def piece(self, numbers: Sequence[int]) -> Piece:
        """Return what some blocks add to the problem."""
        for number in numbers:
            self._block(number)
        out = self.out
        return Piece(
            out.products,
            out.scenarios,
            self._tails,
            self._constants,
            self._acc_terms,
            self._acc_constants,
        )

    def _join(self, piece: Piece) -> None:
        """Take a piece into the problem."""
        first, scenarios = len(self.out.scenarios), self.out.scenarios
        number = [*(self.binder.number(product) for product in piece.products), -1]
        for s in piece.scenarios:
            column, row = (
                [(place, number[p], value) for place, p, value in terms]
                for terms in (s.column_terms, s.row_terms)
            )
            scenarios.append(replace(s, column_terms=column, row_terms=row))
        for tail in piece.tails:
            members = tuple((p, first + n if n >= 0 else -1, v) for p, n, v in tail.members)
            self._tails.append(replace(tail, members=members))
        self._constants += piece.constants
        self._acc_terms.update({first + n: value for n, value in piece.acc_terms.items()})
        self._acc_constants += piece.acc_constants

    def attacked(self, event: Event | None, period: Period) -> tuple[tuple[tuple[float, int], ...], float]:
        """Return the weighted continuity of all chains under an event in a period, as a member of a `Low`.

        Scenarios that are not there yet are added to the problem, with no weight of their own.
        """
        terms: list[tuple[float, int]] = []
        constant = 0.0
        for number in self.network.blocks.tolist():
            share = self.weighing.share(number)
            if share <= 0.0:
                continue
            models = self._of_block(number)
            states = (period.running, period.all_in_effect)
            worst, best = (float(models.values([event], u)[0]) for u in states)
            if best - worst <= CHANGED:
                constant += share * worst
                continue
            model = models.model(event)
            scenario = self._event_scenario(model, models.template(event), event, period, (worst, best))
            place = self._attacks.setdefault(_key(scenario), len(self.out.scenarios))
            if place == len(self.out.scenarios):
                self.out.scenarios.append(scenario)
            terms.append((share, place))
        return tuple(terms), constant

    def _of_block(self, number: int) -> BlockModels:
        if number not in self._models:
            self._models[number] = BlockModels(self.network, self.engine, number, self.levers, self.useful)
        return self._models[number]

    def _require_acc(self, least: float) -> None:
        """Demand a mean ACC over the years that count."""
        terms = tuple((coefficient, number) for number, coefficient in self._acc_terms.items())
        message = say("acc-at-least", least=least)
        self.out.floors += (Floor("min_acc", message, terms, least - math.fsum(self._acc_constants), least),)

    def _require_autonomy(self, limit: float) -> None:
        """Demand that some flow keeps every chain's autonomy at a limit, the plan in full effect."""
        full = full_effect(self.network.instance, self.stage)
        for number in self.network.blocks.tolist():
            block = self.engine.block(number)
            maker = ScenarioMaker(self.network, block.flow, self.levers, self.useful)
            model = AutonomyModel(self.network, block, self.levers, maker, limit)
            ends = model.value(full.running), model.value(full.all_in_effect)
            if ends[0] >= model.most - 1e-9:
                continue
            name = f"block {number}, nothing foreign, in full effect"
            scenario = self._scenario(name, model.matrix, model.cost, model.template, full, ends)
            self.out.scenarios.append(scenario)
            chains = [self.network.chains[c] for c in block.chains.tolist()]
            message = say("autonomy-at-least", chains=chains, least=limit)
            terms = ((1.0, len(self.out.scenarios) - 1),)
            self.out.floors += (Floor("min_autonomy", message, terms, model.most, limit),)

    def _block(self, number: int) -> None:
        """Add all scenarios and tails of a block."""
        share = self.weighing.share(number)
        if share <= 0.0:
            return
        models = BlockModels(self.network, self.engine, number, self.levers, self.useful)
        known: dict[tuple[object, ...], int] = {}
        self._arrays, self._terms = {}, {}
        members: list[dict[tuple[int, float], float]] = [{} for _ in self.periods]
        listed = [(event, p) for event, p in self.weighing.of_block(number) if p > 0.0]
        events = [event for event, _ in listed]
        # periods share states: what runs already, and all that can be in effect
        units = {u.tobytes(): u for p in self.periods for u in (p.running, p.all_in_effect)}
        ends = {key: models.values(events, u).tolist() for key, u in units.items()}
        constant = 0.0
        for row, (event, probability) in enumerate(listed):
            for place, period in enumerate(self.periods):
                weight = probability * share * period.weight
                worst = ends[period.running.tobytes()][row]
                best = ends[period.all_in_effect.tobytes()][row]
                if best - worst <= CHANGED:
                    # most events are changed by no measure in most years: their bounds are never written down
                    constant += weight * worst
                    member = (-1, worst)
                else:
                    model, template = models.model(event), models.template(event)
                    scenario = self._event_scenario(model, template, event, period, (worst, best))
                    member = (self._add(scenario, weight, known), 0.0)
                members[place][member] = members[place].get(member, 0.0) + probability
        # added up by block: so the sum does not depend on who builds which
        self._constants.append(self.aim.expectation * constant)
        self._acc_constants.append(constant)
        if self.aim.risky and self.aim.mix < 1.0:
            self._add_tails(share, members)

    def _add(self, scenario: Scenario, weight: float, known: dict[tuple[object, ...], int]) -> int:
        """Add a scenario, or its weight to the same linear programme; return its number."""
        scenarios = self.out.scenarios
        number = known.setdefault(_key(scenario), len(scenarios))
        if number == len(scenarios):
            scenarios.append(scenario)
        counted = self.aim.expectation * weight
        scenarios[number] = replace(scenarios[number], weight=scenarios[number].weight + counted)
        self._acc_terms[number] = self._acc_terms.get(number, 0.0) + weight
        return number

    def _add_tails(self, share: float, members: Sequence[dict[tuple[int, float], float]]) -> None:
        """Add a block's worst event or CVaR of each period; one that no decision changes is a constant."""
        for period, inside in zip(self.periods, members, strict=True):
            weight = share * period.weight * (1.0 - self.aim.mix)
            total = sum(inside.values())
            listed = tuple((p / total, number, constant) for (number, constant), p in inside.items())
            tail = Tail(weight, self.aim.mass, listed)
            if all(number < 0 for _, number, _ in listed):
                self._constants.append(weight * tail.value([]))
            else:
                self._tails.append(tail)

    def _event_scenario(
        self,
        model: EventModel,
        template: Template,
        event: Event | None,
        period: Period,
        ends: tuple[float, float],
    ) -> Scenario:
        """Return the scenario of an event in a period."""
        phases = len(template.lengths)
        number = model.flow.number
        name = f"block {number}, {'undisturbed' if event is None else event.name}, {period.label}"
        return self._scenario(name, model.matrix(phases), model.cost(phases), template, period, ends)

    def _scenario(
        self,
        name: str,
        matrix: sp.csc_matrix,
        cost: Floats,
        template: Template,
        period: Period,
        ends: tuple[float, float],
    ) -> Scenario:
        """Return the scenario of a template in a period, with no weight yet."""
        columns = self.binder.bind(template.column_terms, period)
        rows = self.binder.bind(template.row_terms, period)
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
        return Scenario(
            name,
            0.0,
            matrix,
            self._same(cost),
            self._same(upper),
            self._same(row_lower),
            self._same(row_upper),
            [self._terms.setdefault(term, term) for term in columns],
            [self._terms.setdefault(term, term) for term in rows],
            *ends,
        )

    def _same(self, array: Floats) -> Floats:
        """Return an equal array that is there already: most bounds of a block's scenarios are equal."""
        return self._arrays.setdefault(array.tobytes(), array)


def _build_piece(
    network: Network, stage: FirstStage, wishes: Wishes, weight: Floats, numbers: Sequence[int]
) -> Piece:
    """Return what some blocks add to a problem."""
    return Assembler(network, stage, wishes, ContinuityEngine(network, weight)).piece(numbers)


def _key(scenario: Scenario) -> tuple[object, ...]:
    """Return what tells scenarios apart that are not the same linear programme."""
    arrays = (scenario.upper, scenario.row_lower, scenario.row_upper)
    return (
        id(scenario.matrix),
        *(a.tobytes() for a in arrays),
        tuple(sorted(scenario.column_terms)),
        tuple(sorted(scenario.row_terms)),
    )
