"""Events made of events: all combinations, and years drawn at random from the given probabilities (3.3)."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from optichain.errors import UsageError
from optichain.network import Network
from optichain.risk.events import Event

if TYPE_CHECKING:
    from optichain.risk.resilience import Resilience

__all__ = ["MOST_COMBINATIONS", "Sample", "combined_events", "sample_years", "standard_errors"]

MOST_COMBINATIONS = 200_000
JOIN = " + "


def combined_events(events: Sequence[Event], size: int) -> tuple[Event, ...]:
    """Return the events, and every combination of 2 to `size` of them that begins together.

    Parameters
    ----------
    events : sequence of Event
    size : int
        At least 1; 1 returns the events alone.

    Returns
    -------
    tuple of Event
        A combination is called ``one + other`` and has the product of the probabilities: events are taken as
        independent. What fails together for a common cause is a group or an event of its own.

    Raises
    ------
    UsageError
        A size below 1, or more than `MOST_COMBINATIONS` combinations.
    """
    if size < 1:
        raise UsageError(f"combinations: expected at least 1, got {size}")
    total = sum(math.comb(len(events), k) for k in range(1, size + 1))
    if total > MOST_COMBINATIONS:
        raise UsageError(
            f"{total} combinations of up to {size} of {len(events)} events are more than {MOST_COMBINATIONS}: "
            "choose fewer events with --event, or draw years with --sample"
        )
    result = list(events)
    for k in range(2, size + 1):
        result += [_joined(group) for group in itertools.combinations(events, k)]
    return tuple(result)


def _joined(group: Sequence[Event]) -> Event:
    return Event(
        JOIN.join(e.name for e in group),
        JOIN.join(e.title for e in group),
        math.prod(e.probability for e in group),
        tuple(hit for e in group for hit in e.hits),
    )


@dataclass(frozen=True)
class Sample:
    """Years drawn at random.

    Attributes
    ----------
    events : tuple of Event
        What happened, each distinct outcome once; its probability is its share of the years. Years in which
        nothing happened are none of these.
    counts : tuple of int
        Years with each outcome.
    years : int
    seed : int
    """

    events: tuple[Event, ...]
    counts: tuple[int, ...]
    years: int
    seed: int


def sample_years(events: Sequence[Event], years: int, *, seed: int = 0) -> Sample:
    """Draw years in which every event happens independently with its annual probability.

    Parameters
    ----------
    events : sequence of Event
        Common causes are events of their own (groups, or rows of the table ``events``).
    years : int
    seed : int
        Of a generator of its own; the same seed gives the same years whatever was drawn before.

    Returns
    -------
    Sample
        Events of one year are taken to begin together.

    Raises
    ------
    UsageError
        Fewer than two years: no standard error can be told.
    """
    if years < 2:
        raise UsageError(f"sample: expected at least 2 years, got {years}")
    draw = np.random.default_rng(seed)
    chances = np.array([min(e.probability, 1.0) for e in events])
    counts: dict[tuple[int, ...], int] = {}
    for first in range(0, years, 4096):
        block = draw.random((min(4096, years - first), len(events))) < chances[None, :]
        for row in block:
            happened = tuple(np.flatnonzero(row).tolist())
            if happened:
                counts[happened] = counts.get(happened, 0) + 1
    outcomes, times = [], []
    for happened, count in sorted(counts.items(), key=lambda item: (len(item[0]), item[0])):
        group = [events[i] for i in happened]
        joined = group[0] if len(group) == 1 else _joined(group)
        outcomes.append(Event(joined.name, joined.title, count / years, joined.hits))
        times.append(count)
    return Sample(tuple(outcomes), tuple(times), years, seed)


def standard_errors(network: Network, found: Resilience, sample: Sample) -> dict[str, Any]:
    """Return the standard errors of what a sample of years says.

    Parameters
    ----------
    network : Network
    found : Resilience
        Of the sample's events.
    sample : Sample

    Returns
    -------
    dict
        ``acc`` (of a ratio of means, linearised; NaN where no year reached a weighted block) and
        ``expected_annual_loss`` (money a year).
    """
    from optichain.risk.resilience import reached_blocks

    counts, years = np.array(sample.counts, dtype=float), sample.years
    lost = found.events["lost"].to_numpy(float)
    mean = float(counts @ lost) / years
    spread = (counts @ lost**2 - years * mean**2) / (years - 1)
    reached = reached_blocks(network, sample.events)
    continuity = found.chain_continuity.to_numpy(float)
    deviation, heard = np.zeros(len(counts)), True
    for column, number in enumerate(network.blocks.tolist()):
        chains = np.flatnonzero((network.chain_block == number) & (network.weight > 0.0))
        times = float(counts @ reached[:, column])
        if not len(chains) or not times:
            heard = heard and not len(chains)
            continue
        value = continuity[:, chains] @ network.weight[chains]
        middle = float(counts @ (value * reached[:, column])) / times
        deviation += reached[:, column] * (value - middle) * years / times
    variance = float(counts @ deviation**2) / (years - 1)
    return {
        "acc": math.sqrt(variance / years) if heard else math.nan,
        "expected_annual_loss": math.sqrt(max(spread, 0.0) / years),
    }
