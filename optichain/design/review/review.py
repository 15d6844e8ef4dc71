"""What a plan promised against what happened, by happening, chain, measure and year."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from optichain.compilation import compile_network
from optichain.design.evidence.bench import wishes_of
from optichain.design.firststage.rules import COSTS, build_first_stage, planning_of
from optichain.design.plan import Choice
from optichain.design.review.happened import Happened, Happening, read_happened
from optichain.effects import apply_measures
from optichain.errors import Fault, PlanError
from optichain.risk.flows.engine import ContinuityEngine
from optichain.risk.impact import demanded_value
from optichain.storage.tojson import plain

if TYPE_CHECKING:
    from optichain.design.plan import Plan
    from optichain.instance.model import Instance

__all__ = ["Review", "review"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Review:
    """What a plan promised against what happened; money in the currency of the instance.

    ``without`` is what the model says would have been lost without any measure of the plan, ``promised`` with the
    measures that the plan promised to be working by then, ``working`` with those that truly worked; ``realised`` is
    what was lost, NaN where it is not known. ``avoided_promised`` is without less promised, ``avoided_working``
    without less working, ``avoided`` without less realised.

    Attributes
    ----------
    years : tuple of int
        From the first planning year to the last year of which something is told.
    happenings : DataFrame
        happening, date, foreseen (event of the instance, None where it was none), title, without, promised, working,
        realised, avoided_promised, avoided_working, avoided, model_error (realised less working).
    chains : DataFrame
        chain and the same, summed over the happenings whose losses are known; those not known stand in
        `unknown` alone.
    measures : DataFrame
        measure, chain, title, promised_from (year), works_from (day; None: never), told (whether that is told; a measure
        of which nothing is told counts as promised), cost_promised, spent (NaN where nothing is told),
        avoided_promised and avoided_working: what would have been lost besides in the happenings without it, by the
        model, the other measures as promised, or as they truly worked.
    by_year : DataFrame
        year, happenings, budget, cost_promised, spent (both for the measures of the plan), expected_before and
        expected_promised (annual loss), lost (NaN where that of a happening is not told).
    unknown : tuple of str
        Happenings of which no loss is told.
    """

    years: tuple[int, ...]
    happenings: pd.DataFrame
    chains: pd.DataFrame
    measures: pd.DataFrame
    by_year: pd.DataFrame
    unknown: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the JSON of the command ``review``."""
        result: dict[str, Any] = plain({name: getattr(self, name) for name in self.__dataclass_fields__})
        return result


def review(instance: Instance, plan: Plan, happened: str | Path | Mapping[str, pd.DataFrame]) -> Review:
    """Hold a plan's promises against what happened.

    Parameters
    ----------
    instance : Instance
        That the plan was made for.
    plan : Plan
    happened : path or mapping of str to DataFrame
        See `optichain.design.review.happened.read_happened`.

    Raises
    ------
    PlanError
        The plan is for another version of the instance, or what happened is faulty: every fault is listed.

    Notes
    -----
    Losses are measured as everywhere (3.3): from the undisturbed service before any measure. A measure counts from the
    start of the year that the plan promised; a happening known by its year alone meets what worked at the end of it.
    The duration of a happening is how long the hit lasts before measures that speed recovery act on it. Few
    happenings tell little about probabilities: what was expected of a year and what it brought are beside each other
    and nothing is concluded from them.
    """
    if plan.instance_digest != instance.digest:
        message = "was made for another version of the instance, so it promised nothing about this one"
        hint = "give the version of the instance that the plan was made for"
        raise PlanError([Fault("plan", None, "instance_digest", "other-instance", message, hint)])
    return _Reviewing(instance, plan, read_happened(instance, plan, happened)).review()


LOSSES = ("without", "promised", "working", "realised")
GAINS = ("avoided_promised", "avoided_working", "avoided", "model_error")


class _Reviewing:
    """Works out what the measures did in each happening."""

    def __init__(self, instance: Instance, plan: Plan, happened: Happened) -> None:
        self.instance, self.plan, self.happened = instance, plan, happened
        self.network = compile_network(instance)
        self.engine = ContinuityEngine(self.network)
        self.worth = demanded_value(self.network)
        frame = instance["measures"]
        self.row = {str(m): i for i, m in enumerate(frame["measure"])}
        self.lead = frame["lead_time"].to_numpy(float)
        self.costs = frame[list(COSTS)].to_numpy(float)
        stage = build_first_stage(instance, **wishes_of(instance, plan).first_stage())
        self.running = {m: (float(u), int(y)) for m, (u, y) in stage.running.items()}
        self.begins = {c: c.start_year + int(self.lead[self.row[c.measure]]) for c in plan.choices}
        none = apply_measures(self.network, np.zeros(len(self.row)))
        self.calm = self.engine.undisturbed(none)
        self._known: dict[tuple[bytes, str], Floats] = {}
        told = [h.year for h in happened.happenings] + [year for _, year in happened.costs]
        first = planning_of(instance).years[0]
        self.years = tuple(range(min([first, *told]), max([first, *told]) + 1))

    def review(self) -> Review:
        """Return the review."""
        rows = [self._of(happening) for happening in self.happened.happenings]
        return Review(
            years=self.years,
            happenings=self._happenings(rows),
            chains=self._chains(rows),
            measures=self._measures(),
            by_year=self._by_year(),
            unknown=tuple(h.name for h in self.happened.happenings if h.losses is None),
        )

    def _lost(self, happening: Happening, units: Mapping[str, float]) -> Floats:
        """Return what each chain loses with units of measures working, beside the support that runs."""
        vector = np.zeros(len(self.row))
        for measure, (given, start) in self.running.items():
            if start + self.lead[self.row[measure]] <= happening.year:
                vector[self.row[measure]] += given
        for measure, count in units.items():
            vector[self.row[measure]] += count
        key = (vector.tobytes(), happening.name)
        if key not in self._known:
            state = apply_measures(self.network, vector)
            under = self.engine.under(state, happening.event, self.engine.undisturbed(state))
            self._known[key] = np.where(self.worth > 0.0, (self.calm - under) * self.worth, 0.0)
        return self._known[key]

    def _promised(self, happening: Happening) -> dict[str, float]:
        """Return the units of measures that the plan promised to be working."""
        units: dict[str, float] = {}
        for choice, year in self.begins.items():
            if year <= happening.year:
                units[choice.measure] = units.get(choice.measure, 0.0) + choice.units
        return units

    def _working(self, happening: Happening) -> dict[str, float]:
        """Return the units of measures that worked; those of which nothing is told worked as promised."""
        told = self.happened.measures
        units = {m: u for m, u in self._promised(happening).items() if m not in told}
        return units | {m: r.units for m, r in told.items() if r.works_on(happening.latest)}

    def _of(self, happening: Happening) -> dict[str, Floats]:
        """Return the four losses by chain; what was realised is NaN where nothing is told."""
        told = happening.losses
        names = [str(c) for c in self.network.chains]
        realised = [math.nan if told is None else told.get(name, 0.0) for name in names]
        return {
            "without": self._lost(happening, {}),
            "promised": self._lost(happening, self._promised(happening)),
            "working": self._lost(happening, self._working(happening)),
            "realised": np.array(realised),
        }

    def _happenings(self, rows: list[dict[str, Floats]]) -> pd.DataFrame:
        records = []
        for happening, row in zip(self.happened.happenings, rows, strict=True):
            losses = {key: float(row[key].sum()) for key in LOSSES}
            records.append(
                {
                    "happening": happening.name,
                    "date": happening.date,
                    "foreseen": happening.foreseen,
                    "title": happening.event.title,
                    **_with_gains(losses),
                }
            )
        columns = ["happening", "date", "foreseen", "title", *LOSSES, *GAINS]
        return pd.DataFrame(records, columns=columns).astype({"foreseen": object})

    def _chains(self, rows: list[dict[str, Floats]]) -> pd.DataFrame:
        known = [r for r, h in zip(rows, self.happened.happenings, strict=True) if h.losses is not None]
        records = []
        for place, chain in enumerate(self.network.chains):
            losses = {key: math.fsum(float(row[key][place]) for row in known) for key in LOSSES}
            records.append({"chain": str(chain), **_with_gains(losses)})
        return pd.DataFrame(records, columns=["chain", *LOSSES, *GAINS])

    def _measures(self) -> pd.DataFrame:
        records = []
        titles = dict(
            zip(self.instance["measures"]["measure"], self.instance["measures"]["title"], strict=True)
        )
        for policy in (*self.plan.policies, *self.plan.shared_measures):
            for choice in policy.measures:
                measure = choice.measure
                title, told = titles[measure], self.happened.measures.get(measure)
                records.append(
                    {
                        "measure": measure,
                        "chain": policy.chain,
                        "title": title if isinstance(title, str) and title else measure,
                        "promised_from": self.begins[choice],
                        "works_from": f"{self.begins[choice]}-01-01" if told is None else told.works_from,
                        "told": told is not None,
                        "cost_promised": math.fsum(self._cost(choice, y) for y in self.years),
                        "spent": self._spent(measure),
                        "avoided_promised": self._thanks_to(measure, self._promised),
                        "avoided_working": self._thanks_to(measure, self._working),
                    }
                )
        columns = ["measure", "chain", "title", "promised_from", "works_from", "told"]
        columns += ["cost_promised", "spent", "avoided_promised", "avoided_working"]
        frame = pd.DataFrame(records, columns=columns)
        return frame.astype({"chain": object, "works_from": object, "spent": float})

    def _thanks_to(self, measure: str, units_in: Callable[[Happening], dict[str, float]]) -> float:
        """Return what would have been lost besides without a measure, over all happenings."""
        total = []
        for happening in self.happened.happenings:
            units = units_in(happening)
            if measure in units:
                others = {m: u for m, u in units.items() if m != measure}
                total.append(float((self._lost(happening, others) - self._lost(happening, units)).sum()))
        return math.fsum(total)

    def _cost(self, choice: Choice, year: int) -> float:
        """Return what a choice was to cost in a year."""
        offset = year - choice.start_year
        known = 0 <= offset < len(COSTS)
        return choice.units * float(self.costs[self.row[choice.measure], offset]) if known else 0.0

    def _spent(self, measure: str) -> float:
        told = [spent for (m, year), spent in self.happened.costs.items() if m == measure]
        return math.fsum(told) if told else math.nan

    def _by_year(self) -> pd.DataFrame:
        records = []
        for year in self.years:
            mine = [h for h in self.happened.happenings if h.year == year]
            spent = [s for (_, y), s in self.happened.costs.items() if y == year]
            records.append(
                {
                    "year": year,
                    "happenings": len(mine),
                    "budget": self.plan.budget.get(year, math.nan),
                    "cost_promised": math.fsum(self._cost(c, year) for c in self.plan.choices),
                    "spent": math.fsum(spent) if spent else math.nan,
                    "expected_before": self.plan.expected_annual_loss_before,
                    "expected_promised": self.plan.expected_annual_loss_by_year.get(year, math.nan),
                    "lost": math.fsum(
                        math.nan if h.losses is None else math.fsum(h.losses.values()) for h in mine
                    ),
                }
            )
        return pd.DataFrame(records)


def _with_gains(losses: Mapping[str, float]) -> dict[str, float]:
    return {
        **losses,
        "avoided_promised": losses["without"] - losses["promised"],
        "avoided_working": losses["without"] - losses["working"],
        "avoided": losses["without"] - losses["realised"],
        "model_error": losses["realised"] - losses["working"],
    }
