"""Periods: years that count alike, because the same starts are in effect in them (3.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from optichain.design.firststage.rules import planning_of
from optichain.design.firststage.stage import FirstStage

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["Period", "counted_years", "effective_periods", "full_effect", "year_weights"]


@dataclass(frozen=True, eq=False)
class Period:
    """Years in which the same starts are in effect.

    Attributes
    ----------
    years : tuple of int
    weight : float
        Share of the years in the objective, discounted; all periods sum to 1.
    starts : tuple of tuple of int
        For each measure the years of starting that are in effect by then.
    running : ndarray, shape (measures,)
        Units in effect of support given before.
    all_in_effect : ndarray, shape (measures,)
        Units if everything that can be in effect is.
    """

    years: tuple[int, ...]
    weight: float
    starts: tuple[tuple[int, ...], ...]
    running: npt.NDArray[np.float64]
    all_in_effect: npt.NDArray[np.float64]

    @property
    def label(self) -> str:
        """The years, for people."""
        return str(self.years[0]) if len(self.years) == 1 else f"{self.years[0]}-{self.years[-1]}"


def counted_years(instance: Instance) -> list[int]:
    """Return the years that count in the objective: planning years, then terminal years."""
    planning = planning_of(instance)
    last = planning.years[-1]
    return [*planning.years, *range(last + 1, last + 1 + planning.terminal_years)]


def year_weights(instance: Instance) -> dict[int, float]:
    """Return the discounted share of each counted year; they sum to 1."""
    planning = planning_of(instance)
    factor = 1.0 / (1.0 + planning.discount)
    raw = {year: factor**place for place, year in enumerate(counted_years(instance))}
    total = sum(raw.values())
    return {year: value / total for year, value in raw.items()}


def effective_periods(instance: Instance, stage: FirstStage) -> tuple[Period, ...]:
    """Return the periods of an instance, in the order of their first year."""
    measures = instance["measures"]
    names = [str(m) for m in measures["measure"]]
    lead = measures["lead_time"].to_numpy(float)
    most = measures["max_units"].to_numpy(float)
    groups: dict[tuple[tuple[tuple[int, ...], ...], tuple[float, ...]], list[int]] = {}
    for year in counted_years(instance):
        starts = tuple(
            tuple(y for y in stage.years if (name, y) in stage.start and y + lead[i] <= year)
            for i, name in enumerate(names)
        )
        running = tuple(_running_units(stage, name, lead[i], year) for i, name in enumerate(names))
        groups.setdefault((starts, running), []).append(year)
    weights = year_weights(instance)
    periods = []
    for (starts, running), years in groups.items():
        now = np.array(running, dtype=float)
        possible = np.array([m if s else 0.0 for m, s in zip(most, starts, strict=True)])
        weight = sum(weights[y] for y in years)
        periods.append(Period(tuple(years), weight, starts, now, np.maximum(now, possible)))
    return tuple(periods)


def full_effect(instance: Instance, stage: FirstStage) -> Period:
    """Return the time when all that starts in the planning years works, with no weight."""
    measures = instance["measures"]
    names = [str(m) for m in measures["measure"]]
    starts = tuple(tuple(y for y in stage.years if (name, y) in stage.start) for name in names)
    running = np.array([stage.running.get(name, (0.0, 0))[0] for name in names], dtype=float)
    most = measures["max_units"].to_numpy(float)
    possible = np.array([m if s else 0.0 for m, s in zip(most, starts, strict=True)])
    return Period((), 0.0, starts, running, np.maximum(running, possible))


def _running_units(stage: FirstStage, name: str, lead: float, year: int) -> float:
    units, start = stage.running.get(name, (0.0, 0))
    return units if units > 0.0 and start + lead <= year else 0.0
