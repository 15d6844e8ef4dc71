"""Decision stability (3.6): how often each measure stays when what nobody stated turns out otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from optichain.design.account.account import make_account
from optichain.design.account.scale import Scale
from optichain.design.aims import COST
from optichain.design.evidence.bench import wishes_of
from optichain.design.evidence.resolving import Resolver
from optichain.design.evidence.uncertain import Uncertain, uncertain_inputs, with_inputs
from optichain.design.firststage.wishes import Wishes
from optichain.design.plan import Choice, Plan
from optichain.errors import InfeasibleError, StoppedError, UsageError
from optichain.storage.tojson import plain

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["Stability", "stability"]

Progress = Callable[[int, int], None]
INPUT_COLUMNS = ("table", "column", "name", "assumed", "low", "high", "tested", "flips", "out", "into")
MEASURE_COLUMNS = ("measure", "chain", "planned", "funded", "as_planned", "flipped_by")


@dataclass(frozen=True, eq=False)
class Stability:
    """How a plan stands when uncertain inputs move.

    Attributes
    ----------
    measures : DataFrame
        measure, chain, planned (whether the plan funds it), funded and as_planned (shares of the samples in
        which it is funded, and with the same units from the same year), flipped_by (list of inputs, as
        ``table name column``, each of which alone moves it into or out of the plan).
    inputs : DataFrame
        table, column, name, assumed, low, high; tested (solved again at both ends of its range, the others as they
        are), flips (whether the plan is then no longer best), out and into (lists of measures).
    samples, unsolved, kept : int
        Samples drawn; those without an answer, which count in no share; those in which the plan stays the best.
    regret_mean, regret_worst : float
        What keeping the plan misses, as a share of what the best plan of a sample improves (of least cost: of its
        cost); NaN where no sample was solved.
    seed : int
    """

    measures: pd.DataFrame
    inputs: pd.DataFrame
    samples: int
    unsolved: int
    kept: int
    regret_mean: float
    regret_worst: float
    seed: int

    def to_json(self) -> dict[str, Any]:
        """Return the JSON of the command ``evidence``, under ``stability``."""
        result: dict[str, Any] = plain({name: getattr(self, name) for name in self.__dataclass_fields__})
        return result


@dataclass(frozen=True)
class _Outcome:
    """The best plan of an instance with inputs moved, and what keeping the given one misses."""

    choices: frozenset[Choice]
    regret: float


def stability(
    instance: Instance,
    plan: Plan,
    *,
    samples: int = 20,
    seed: int = 0,
    ranges: pd.DataFrame | None = None,
    most_inputs: int = 20,
    gap: float = 1e-3,
    time_limit: float | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Stability:
    """Draw the uncertain inputs anew and solve again, every time; then move the inputs that matter one by one.

    Parameters
    ----------
    instance : Instance
    plan : Plan
    samples : int
        All uncertain inputs are drawn together, independently, so many times.
    seed : int
    ranges : DataFrame, optional
        table, name, column, low, high: stated ranges of inputs; see `uncertain_inputs` for all others.
    most_inputs : int
        How many inputs are moved one by one: those whose draws go most with the regret of the samples.
    gap : float
        Improvement gap at which to stop; a plan within it counts as best still.
    time_limit : float, optional
        Seconds for each solve.
    threads : int, optional
    progress : callable of (done, all), optional

    Raises
    ------
    UsageError
        Fewer than one sample, ranges that cannot be used, or a plan that cannot be solved again here.

    Notes
    -----
    Nothing is approximated by a re-evaluation: each sample and each end of a range is a solve of its own, so 20
    samples of a large instance take long. Where the plan is no longer best, the one best plan that the solver finds
    is compared with it; among equally good ones the choice is the solver's.
    """
    if samples < 1:
        raise UsageError(f"samples: expected at least 1, got {samples}")
    wishes = wishes_of(instance, plan)
    inputs = uncertain_inputs(instance, ranges)
    places = np.random.default_rng(seed).random((samples, len(inputs)))
    total = samples + 2 * min(most_inputs, len(inputs))
    done = 0

    def outcome(values: Mapping[Uncertain, float]) -> _Outcome | None:
        nonlocal done
        if progress is not None:
            progress(done, total)
        done += 1
        moved = with_inputs(instance, values)
        return _outcome(moved, plan, wishes, gap=gap, time_limit=time_limit, threads=threads, seed=seed)

    drawn = [outcome({one: one.at(float(p)) for one, p in zip(inputs, row, strict=True)}) for row in places]
    regret = np.array([np.nan if found is None else found.regret for found in drawn])
    asked = _most_telling(places, regret)[:most_inputs]
    alone = {i: [outcome({inputs[i]: value}) for value in (inputs[i].low, inputs[i].high)] for i in asked}
    solved = [found for found in drawn if found is not None]
    frame = _inputs(plan, inputs, alone)
    return Stability(
        measures=_measures(instance, plan, solved, frame),
        inputs=frame,
        samples=samples,
        unsolved=samples - len(solved),
        kept=sum(found.choices == frozenset(plan.choices) for found in solved),
        regret_mean=float(np.mean([f.regret for f in solved])) if solved else np.nan,
        regret_worst=max((f.regret for f in solved), default=np.nan),
        seed=seed,
    )


def _outcome(
    moved: Instance,
    plan: Plan,
    wishes: Wishes,
    *,
    gap: float,
    time_limit: float | None,
    threads: int | None,
    seed: int,
) -> _Outcome | None:
    """Return the best plan of an instance, which is the given one where that is within the gap; ``None`` without one."""
    resolver = Resolver(moved, plan, wishes, gap=gap, time_limit=time_limit, threads=threads, seed=seed)
    try:
        answer = resolver.solve()
    except (InfeasibleError, StoppedError):
        return None
    scale = Scale(resolver.network, wishes.aim, resolver.engine)
    best, kept = (
        make_account(moved, choices, wishes=wishes, scale=scale, spofs=False)
        for choices in (answer.choices, plan.choices)
    )
    missed = wishes.aim.sense * (best.objective - kept.objective)
    room = best.objective if wishes.aim.objective == COST else best.objective - best.objective_nothing
    regret = max(missed, 0.0) / abs(room) if abs(room) > 1e-9 else 0.0
    unmet = any(b["rule"] in ("min_acc", "min_autonomy") for b in kept.breaches)
    stays = not unmet and regret <= gap
    return _Outcome(frozenset(plan.choices if stays else answer.choices), regret)


def _most_telling(places: np.ndarray[Any, Any], regret: np.ndarray[Any, Any]) -> list[int]:
    """Return the inputs by how much their draws go with the regret (rank correlation), the most first."""
    known = ~np.isnan(regret)
    strength = np.zeros(places.shape[1])
    if known.sum() > 1 and float(np.ptp(regret[known])) > 0.0:
        ranks = pd.DataFrame(places[known]).rank()
        strength = ranks.corrwith(pd.Series(regret[known]).rank()).abs().fillna(0.0).to_numpy()
    return [int(i) for i in np.argsort(-strength, kind="stable")]


def _inputs(
    plan: Plan, inputs: tuple[Uncertain, ...], alone: Mapping[int, list[_Outcome | None]]
) -> pd.DataFrame:
    planned = {c.measure for c in plan.choices}
    rows = []
    for i, one in enumerate(inputs):
        ends = [found for found in alone.get(i, ()) if found is not None]
        then = [{c.measure for c in found.choices} for found in ends]
        rows.append(
            (
                one.table,
                one.column,
                one.name,
                one.assumed,
                one.low,
                one.high,
                i in alone,
                any(found.choices != frozenset(plan.choices) for found in ends),
                sorted(set().union(*(planned - measures for measures in then))),
                sorted(set().union(*(measures - planned for measures in then))),
            )
        )
    rows.sort(key=lambda row: (not row[7], not row[6], *row[:3]))
    return pd.DataFrame(rows, columns=list(INPUT_COLUMNS))


def _measures(instance: Instance, plan: Plan, solved: list[_Outcome], inputs: pd.DataFrame) -> pd.DataFrame:
    planned = {c.measure: c for c in plan.choices}
    flipped: dict[str, list[str]] = {}
    for row in inputs.to_dict("records"):
        for measure in (*row["out"], *row["into"]):
            flipped.setdefault(measure, []).append(f"{row['table']} {row['name']} {row['column']}")
    count = max(len(solved), 1)
    rows = []
    for measure, chain in instance["measures"][["measure", "chain"]].itertuples(index=False):
        funded = sum(any(c.measure == measure for c in found.choices) for found in solved)
        same = sum(planned.get(str(measure)) in found.choices for found in solved)
        if measure in planned or funded or measure in flipped:
            rows.append(
                (
                    str(measure),
                    chain if isinstance(chain, str) else None,
                    measure in planned,
                    funded / count if solved else np.nan,
                    same / count if solved else np.nan,
                    flipped.get(str(measure), []),
                )
            )
    rows.sort(key=lambda row: (not row[2], -row[3], row[0]))
    return pd.DataFrame(rows, columns=list(MEASURE_COLUMNS)).astype({"chain": object})
