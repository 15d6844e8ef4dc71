"""Which chains to take up at all: the best by score, with so many of each cluster, and how sure that choice is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from optichain.errors import Fault, FaultyInputError, UsageError
from optichain.storage.listfiles import row_numbers

__all__ = ["SCORES", "CandidateError", "choose_chains", "selection_stability"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

SCORES = ("strength", "driving", "technology")
_EXPECTED = f"chain, cluster, {', '.join(SCORES)}"


class CandidateError(FaultyInputError):
    """The list of candidates cannot be used; every fault is listed."""

    code = "bad-candidates"


def choose_chains(
    candidates: pd.DataFrame,
    number: int,
    *,
    weights: Sequence[float] = (1.0, 1.0, 1.0),
    minimum: int | Mapping[str, int] = 0,
    file: str = "candidates",
) -> pd.DataFrame:
    """Choose the chains of largest total score such that every cluster has its minimum.

    Parameters
    ----------
    candidates : DataFrame
        chain, strength, driving, technology (0-100), cluster where minima are asked for.
    number : int
        How many are chosen.
    weights : sequence of three floats
        Of strength, driving and technology; only their ratios matter.
    minimum : int or mapping of cluster to int
        Least number of each cluster.
    file : str
        What faults call the list.

    Returns
    -------
    DataFrame
        chain, cluster, score (weighted mean, 0-100), chosen, by_minimum (chosen only because its cluster needs
        it), margin (score above the best that is left out and could replace it, or below the worst that it
        could replace); best first.

    Raises
    ------
    CandidateError
        Columns or scores are missing, or chains listed twice; every fault is listed.
    UsageError
        Weights make no sense, or the minima cannot be met.

    Notes
    -----
    The best of each cluster up to its minimum, then the best of the rest, is optimal: sets that hold the minima
    are the complements of a laminar matroid's, for which the greedy choice is exact.
    """
    names, cluster, scores = _read(candidates, file)
    score = scores @ _shares(weights)
    need = _minima(cluster, minimum)
    taken = _greedy(score, names, cluster, number, need)
    plain = _greedy(score, names, cluster, number, {})
    frame = pd.DataFrame(
        {
            "chain": names,
            "cluster": cluster,
            "score": score,
            "chosen": taken,
            "by_minimum": taken & ~plain,
            "margin": _margins(score, cluster, taken, need),
        }
    )
    return frame.sort_values(["score", "chain"], ascending=[False, True], kind="stable").reset_index(
        drop=True
    )


def selection_stability(
    candidates: pd.DataFrame,
    number: int,
    *,
    minimum: int | Mapping[str, int] = 0,
    samples: int = 2000,
    seed: int = 0,
) -> pd.DataFrame:
    """Tell how often each chain is chosen when the weights of the scores are unknown.

    Parameters
    ----------
    candidates, number, minimum
        As of `choose_chains`.
    samples : int
        Weights drawn, uniform over all ratios of the three.
    seed : int

    Returns
    -------
    DataFrame
        chain, cluster, share (of the weights under which it is chosen), standing (``core``: under all drawn,
        ``out``: under none, else ``contested``); largest share first.
    """
    if samples < 1:
        raise UsageError(f"samples: expected at least 1, got {samples}")
    names, cluster, scores = _read(candidates, "candidates")
    need = _minima(cluster, minimum)
    drawn = np.random.default_rng(seed).dirichlet(np.ones(len(SCORES)), size=samples)
    count = np.zeros(len(names))
    for weights in drawn:
        count += _greedy(scores @ weights, names, cluster, number, need)
    share = count / samples
    standing = np.where(share == 1.0, "core", np.where(share == 0.0, "out", "contested"))
    frame = pd.DataFrame({"chain": names, "cluster": cluster, "share": share, "standing": standing})
    return frame.sort_values(["share", "chain"], ascending=[False, True], kind="stable").reset_index(
        drop=True
    )


def _read(candidates: pd.DataFrame, file: str) -> tuple[list[str], list[str], Floats]:
    """Return names, clusters and scores, or raise with every fault."""
    faults = [
        Fault(file, 1, name, "missing-column", f"column {name!r} is missing", f"expected {_EXPECTED}")
        for name in ("chain", *SCORES)
        if name not in candidates.columns
    ]
    if faults:
        raise CandidateError(faults, what="The list of candidates")
    names = [_text(name) for name in candidates["chain"]]
    scores = np.empty((len(names), len(SCORES)))
    first: dict[str, int] = {}
    for place, row in enumerate(row_numbers(candidates)):
        name = names[place]
        if not name:
            faults.append(
                Fault(file, row, "chain", "missing-value", "is blank, expected the name of a chain")
            )
        elif first.setdefault(name, row) != row:
            text = f"chain {name[:80]!r} is listed twice, first in row {first[name]}"
            faults.append(Fault(file, row, "chain", "duplicate-key", text))
        for k, column in enumerate(SCORES):
            found = candidates[column].iloc[place]
            scores[place, k] = score = _score(found)
            if not 0.0 <= score <= 100.0:
                text = f"expected 0 to 100, found {str(found)[:80]!r}"
                faults.append(Fault(file, row, column, "out-of-range", text))
    if faults:
        raise CandidateError(faults, what="The list of candidates")
    groups = candidates["cluster"] if "cluster" in candidates.columns else [None] * len(names)
    return names, [_text(cluster) for cluster in groups], scores


def _text(cell: object) -> str:
    return "" if pd.isna(cell) else str(cell).strip()  # type: ignore[call-overload]


def _score(cell: Any) -> float:
    try:
        return float(cell)
    except (TypeError, ValueError):
        return math.nan


def _shares(weights: Sequence[float]) -> Floats:
    given = np.asarray(weights, dtype=float)
    if given.shape != (len(SCORES),) or not np.all(np.isfinite(given) & (given >= 0.0)) or given.sum() <= 0.0:
        raise UsageError(
            f"weights: expected three numbers that are not negative and not all 0, got {list(weights)}"
        )
    return np.asarray(given / given.sum(), dtype=float)


def _minima(cluster: list[str], minimum: int | Mapping[str, int]) -> dict[str, int]:
    known = sorted(set(cluster))
    if isinstance(minimum, Mapping):
        strangers = sorted(set(minimum) - set(known))
        if strangers:
            raise UsageError(f"minimum: no candidate is of cluster {strangers[0]!r}")
        need = dict(minimum)
    else:
        need = dict.fromkeys(known, minimum)
    for name, least in need.items():
        if cluster.count(name) < least:
            raise UsageError(
                f"minimum: cluster {name!r} has {cluster.count(name)} candidates, {least} are required"
            )
    return need


def _greedy(
    score: Floats, names: list[str], cluster: list[str], number: int, need: Mapping[str, int]
) -> Bools:
    """Return which are chosen; equal scores go by name."""
    if not sum(need.values()) <= number <= len(names):
        raise UsageError(
            f"number: {number} chains cannot be chosen of {len(names)} with minima that sum to {sum(need.values())}"
        )
    order = sorted(range(len(names)), key=lambda i: (-score[i], names[i]))
    taken = np.zeros(len(names), dtype=bool)
    left = dict(need)
    for i in order:
        if left.get(cluster[i], 0) > 0:
            taken[i] = True
            left[cluster[i]] -= 1
    for i in order:
        if taken.sum() >= number:
            break
        taken[i] = True
    return taken


def _margins(score: Floats, cluster: list[str], taken: Bools, need: Mapping[str, int]) -> Floats:
    """Return how far each score is from the nearest exchange that keeps the minima; ``inf``: there is none."""
    groups = np.array(cluster, dtype=object)
    count = {name: int(np.sum(taken & (groups == name))) for name in set(cluster)}
    bound = np.array([count[c] <= need.get(c, 0) for c in cluster])
    margin = np.full(len(score), np.inf)
    for i in range(len(score)):
        if taken[i]:
            others = ~taken & ((groups == groups[i]) if bound[i] else True)
            if others.any():
                margin[i] = score[i] - score[others].max()
        else:
            others = taken & ((groups == groups[i]) | ~bound)
            if others.any():
                margin[i] = score[i] - score[others].min()
    return margin
