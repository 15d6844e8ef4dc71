"""What a plan with a few measures more or less comes to: only the blocks that they can change are worked out again."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from optichain.design.account.account import Account
from optichain.design.account.book import Book
from optichain.design.account.scale import Scale
from optichain.design.aims import COST, EXPECTED, LOSS, Aim
from optichain.design.columns.claimed import Claimed, charge
from optichain.design.firststage.periods import counted_years, year_weights
from optichain.design.firststage.rules import build_first_stage
from optichain.design.firststage.wishes import Wishes
from optichain.design.plan import Choice
from optichain.design.recourse.blockmodels import BlockModels
from optichain.design.recourse.bounds import useful_quantity
from optichain.design.recourse.protection import find_levers
from optichain.design.recourse.weighing import Weighing
from optichain.effects import apply_measures, base_state
from optichain.risk.events import Event
from optichain.risk.flows.reach import reach_of
from optichain.risk.impact import demanded_value

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["Figures", "Neighbour", "Neighbours", "are_additive"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Figures:
    """What a list of measures comes to.

    Attributes
    ----------
    objective : float
    acc, loss : float
        Continuity and money a year, all measures in full effect.
    acc_mean, loss_mean : float
        The same, averaged over the years that count, each with what is in effect by then.
    """

    objective: float
    acc: float
    acc_mean: float
    loss: float
    loss_mean: float


@dataclass(frozen=True)
class Neighbour:
    """A list of measures: its figures, the rules that it breaks, and money by year."""

    figures: Figures
    breaches: list[dict[str, str]]
    spend: Mapping[int, float]
    budget: Mapping[int, float]

    @classmethod
    def of_account(cls, account: Account, figures: Figures) -> Neighbour:
        """Return the part of an account that neighbours are compared by."""
        return cls(figures, account.breaches, account.spend, account.budget)


def are_additive(wishes: Wishes, scale: Scale) -> bool:
    """Whether what is asked for is a sum over blocks, so that a neighbour needs only its own blocks."""
    required = wishes.min_acc is not None or wishes.clear_spofs or wishes.min_autonomy is not None
    same = wishes.aim.objective != LOSS or scale.by_value is scale.engine
    return not required and same and wishes.aim.objective in (EXPECTED, LOSS, COST)


class Neighbours:
    """Works out lists of measures that differ in few blocks of the network.

    Parameters
    ----------
    instance : Instance
    wishes : Wishes
        For which `are_additive` holds.
    scale : Scale
    policies : mapping of chain to policy
    claimed : sequence of Claimed
    """

    def __init__(
        self,
        instance: Instance,
        wishes: Wishes,
        scale: Scale,
        policies: Mapping[str, str],
        claimed: Sequence[Claimed],
    ) -> None:
        self.instance, self.wishes, self.policies, self.claimed = instance, wishes, dict(policies), claimed
        self.stage = build_first_stage(instance, **wishes.first_stage())
        charge(instance, self.stage, claimed)
        self.weights, self.years = year_weights(instance), counted_years(instance)
        network, engine = scale.network, scale.engine
        continuity, loss = (Weighing(network, Aim(objective), engine) for objective in (EXPECTED, LOSS))
        levers, useful = find_levers(network), useful_quantity(network)
        self._blocks = [
            _Block(
                BlockModels(network, engine, number, levers, useful),
                continuity.of_block(number),
                [(event, weight / loss.demanded) for event, weight in loss.of_block(number)],
            )
            for number in network.blocks.tolist()
        ]

    def of(self, choices: Sequence[Choice]) -> Neighbour:
        """Return what a list of measures comes to."""
        book = Book(self.instance, self.stage, tuple(choices), self.policies)
        by_year = {y: self._over_blocks(book.in_effect(y)) for y in self.years}
        acc, loss = self._over_blocks(book.in_effect(None))
        acc_mean, loss_mean = (
            math.fsum(self.weights[y] * found[i] for y, found in by_year.items()) for i in (0, 1)
        )
        costs = book.cost(choices)
        aim = self.wishes.aim
        objective = {EXPECTED: acc_mean, LOSS: loss_mean, COST: math.fsum(costs)}[aim.objective]
        objective += aim.sense * math.fsum(policy.gain for policy in self.claimed)
        objective -= aim.sense * self.wishes.change_price * self.wishes.broken_promises(choices)
        spend = {
            y: self.stage.committed[y] + cost for y, cost in zip(self.stage.money_years, costs, strict=True)
        }
        figures = Figures(objective, acc, acc_mean, loss, loss_mean)
        return Neighbour(figures, book.breaches(), spend, self.stage.budget)

    def _over_blocks(self, units: Floats) -> tuple[float, float]:
        found = [block.of(units) for block in self._blocks]
        return math.fsum(acc for acc, _ in found), math.fsum(loss for _, loss in found)


class _Block:
    """What a block adds to ACC and to the expected annual loss, each combination of its measures worked out once.

    Parameters
    ----------
    models : BlockModels
    counted : list of (Event or None, float)
        What its ACC is averaged over, None being undisturbed.
    losing : list of (Event or None, float)
        What its loss is summed over, with annual frequencies.
    """

    def __init__(
        self,
        models: BlockModels,
        counted: list[tuple[Event | None, float]],
        losing: list[tuple[Event | None, float]],
    ) -> None:
        self._network, self._block = models.network, models.block
        self._events = list(dict.fromkeys(event for event, _ in (*counted, *losing)))
        place = {event: i for i, event in enumerate(self._events)}
        self._of_acc, self._of_loss = np.zeros(len(place)), np.zeros(len(place))
        for weights, listed in ((self._of_acc, counted), (self._of_loss, losing)):
            for event, weight in listed:
                weights[place[event]] += weight
        chains = self._block.chains
        self._weight, self._worth = self._network.weight[chains], demanded_value(self._network)[chains]
        base = base_state(self._network)
        self._calm = self._block.continuity(base, reach_of(self._network, base, None))
        near = [models.measures(event) for event in self._events]
        self._near: Ints = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *near]))
        self._known: dict[bytes, tuple[float, float]] = {}

    def of(self, units: Floats) -> tuple[float, float]:
        """Return the block's part of ACC, and of the loss, with measures in effect."""
        key = units[self._near].tobytes()
        if key not in self._known:
            mine = np.zeros_like(units)
            mine[self._near] = units[self._near]
            state = apply_measures(self._network, mine)
            served = np.array(
                [self._block.continuity(state, reach_of(self._network, state, e)) for e in self._events]
            )
            lost = (self._calm[None, :] - served) @ self._worth
            self._known[key] = (float(self._of_acc @ served @ self._weight), float(self._of_loss @ lost))
        return self._known[key]
