"""What supports the plan: what is better or worse beside it, what each measure buys, and how firm it is."""

from __future__ import annotations

from dataclasses import dataclass

from optichain_reports.model.named import Named

__all__ = [
    "Bought",
    "ChainLoss",
    "Evidence",
    "Firmness",
    "Flip",
    "Gain",
    "Missing",
    "Quota",
    "Rival",
    "SharedNode",
    "Standing",
    "Unfunded",
    "YearShort",
]


@dataclass(frozen=True)
class Missing:
    """A kind of evidence that the plan file does not hold, the command that works it out, and why it could not be."""

    kind: str
    command: str
    reason: str | None


@dataclass(frozen=True)
class Rival:
    """The plan, the user's own list, or a simpler way of sharing out the same budget.

    Attributes
    ----------
    name : str
        ``plan``, ``given``, ``greedy``, ``by-spof``, ``by-score``, ``pro-rata``.
    loss_avoided, loss_after, acc, avoidable_share : float or None
        With its measures in full effect; money a year.
    loss_avoided_mean : float
        Averaged over the years that count.
    difference : float or None
        By how much more than the plan it avoids in full effect; None for the plan itself.
    share_of_plan : float or None
        What it improves of what the plan improves, by the plan's objective.
    besides, without : tuple of Named
        Measures that it funds and the plan does not, and the reverse.
    """

    name: str
    loss_avoided: float
    loss_avoided_mean: float
    avoidable_share: float | None
    loss_after: float
    acc: float
    cost: float
    difference: float | None
    share_of_plan: float | None
    measures: int
    chains: int
    spofs: int
    breaches: tuple[str, ...]
    besides: tuple[Named, ...]
    without: tuple[Named, ...]


@dataclass(frozen=True)
class Gain:
    """What one measure changes, the others as they are.

    Attributes
    ----------
    loss_avoided, acc_gain : float
        In full effect: money a year, and ACC; `avoidable_share` is the loss as a share of what all measures avoid.
    loss_avoided_mean : float
        Averaged over the years that count.
    cost_per_loss_avoided : float or None
        Cost over what it avoids a year, in years.
    spofs : int
        Elements that are single points of failure only without it.
    """

    measure: Named
    chain: Named | None
    start_year: int
    cost: float
    loss_avoided: float
    loss_avoided_mean: float
    avoidable_share: float | None
    acc_gain: float
    cost_per_loss_avoided: float | None
    spofs: int


@dataclass(frozen=True)
class Bought(Gain):
    """What one funded measure buys; ``rules_broken`` are those that the plan would break without it."""

    rules_broken: tuple[str, ...]


@dataclass(frozen=True)
class YearShort:
    """Money that a year lacks."""

    year: int
    money: float


@dataclass(frozen=True)
class Unfunded(Gain):
    """What one unit of a measure that is not funded would add, and why it is not.

    Attributes
    ----------
    why : str
        As of `optichain.design.evidence.add_one.Why`.
    short : tuple of YearShort
    rules_broken : tuple of str
        That the plan would break with it.
    """

    why: str
    short: tuple[YearShort, ...]
    rules_broken: tuple[str, ...]


@dataclass(frozen=True)
class Standing:
    """How firmly a measure is in or out of the plan.

    Attributes
    ----------
    standing : str or None
        ``core``, ``contested``, ``out`` or ``undecided`` among near-optimal plans.
    funded, as_planned : float or None
        Shares of the samples of uncertain inputs in which it is funded, and as planned.
    flipped_by : tuple of str
        Inputs each of which alone moves it into or out of the plan.
    """

    measure: Named
    chain: Named | None
    planned: bool
    standing: str | None
    funded: float | None
    as_planned: float | None
    flipped_by: tuple[str, ...]


@dataclass(frozen=True)
class Flip:
    """An input that nobody stated and that alone changes the plan within its range: what to verify first."""

    table: str
    column: str
    name: str
    assumed: float
    low: float
    high: float
    out: tuple[Named, ...]
    into: tuple[Named, ...]


@dataclass(frozen=True)
class Firmness:
    """How firm the plan is.

    Attributes
    ----------
    within : float or None
        A plan is near-optimal when at most this share of the best improvement is missing; None where it was not asked.
    samples, kept : int or None
        Samples of the uncertain inputs that have an answer, and those in which the plan stays best.
    regret_mean, regret_worst : float or None
        What keeping it misses in them, as a share of what is possible.
    inputs, tested : int or None
        Uncertain inputs, and how many of them were moved one by one.
    """

    standings: tuple[Standing, ...]
    within: float | None
    samples: int | None
    kept: int | None
    regret_mean: float | None
    regret_worst: float | None
    inputs: int | None
    tested: int | None
    flips: tuple[Flip, ...]


@dataclass(frozen=True)
class ChainLoss:
    """What one chain loses; money, once."""

    chain: Named
    lost: float


@dataclass(frozen=True)
class SharedNode:
    """An element that stops several chains, or at whose failure several lose, before any measure."""

    element: Named
    chains: int
    lost: float
    stopped: tuple[Named, ...]
    losing: tuple[ChainLoss, ...]


@dataclass(frozen=True)
class Quota:
    """What one rule costs: the plan solved again with the rule a step looser.

    Attributes
    ----------
    rule, side : str
        ``budget``, ``intake``, ``support``, ``limit``; ``min`` or ``max``.
    of : Named or None
        The chain whose support it limits.
    price, loss_avoided : float or None
        What the objective gains, and money a year avoided (mean over the years that count), by unit.
    status : str
        ``optimal``, ``feasible``, ``idle`` (no decision can break it), or why there is no answer.
    """

    rule: str
    name: str
    of: Named | None
    side: str
    value: float
    step: float
    price: float | None
    loss_avoided: float | None
    into: tuple[Named, ...]
    out: tuple[Named, ...]
    status: str


@dataclass(frozen=True)
class Evidence:
    """What supports the plan; a list is empty where it was not worked out, and `missing` then says so.

    Attributes
    ----------
    rivals : tuple of Rival
        The plan first.
    greedy_is_close : bool or None
        Whether buying greedily comes within a percent of what the plan improves.
    shared_nodes : tuple of SharedNode
        Empty also where nothing is shared.
    """

    rivals: tuple[Rival, ...]
    greedy_is_close: bool | None
    bought: tuple[Bought, ...]
    unfunded: tuple[Unfunded, ...]
    firmness: Firmness
    shared_nodes: tuple[SharedNode, ...]
    quotas: tuple[Quota, ...]
    missing: tuple[Missing, ...]

    def lacks(self, kind: str) -> Missing | None:
        """Return why a kind of evidence is not here; None where it is."""
        return next((one for one in self.missing if one.kind == kind), None)
