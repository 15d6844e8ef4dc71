"""The evidence of a plan, as one thing that the plan file carries (3.6)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from optichain.design.evidence.schema import ROWS, EvidenceFile, InputRow, MeasureRow, frame_of
from optichain.design.evidence.stability import Stability
from optichain.storage.tojson import plain

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["QUICK", "Evidence", "Kind"]


class Kind(StrEnum):
    """A kind of evidence."""

    LEAVE_ONE_OUT = "leave_one_out"
    ADD_ONE = "add_one"
    SHARED_NODES = "shared_nodes"
    BASELINES = "baselines"
    FRONTIER = "frontier"
    VALUE_OF_MONEY = "value_of_money"
    NEAR_OPTIMAL = "near_optimal"
    QUOTAS = "quotas"
    STABILITY = "stability"


QUICK = (Kind.LEAVE_ONE_OUT, Kind.ADD_ONE, Kind.SHARED_NODES, Kind.BASELINES)
"""Kinds that re-evaluate and solve nothing again."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """What is known about a plan beside the plan itself.

    Attributes
    ----------
    leave_one_out, add_one, shared_nodes, quotas : DataFrame or None
        What the functions of these names return.
    baselines : DataFrame or None
        The plan, each simpler way of sharing out the same budget, and ``given``, the user's own list, where there is
        one: `optichain.design.evidence.schema.BaselineRow`. ``choices`` lists the measures of each.
    frontier : DataFrame or None
        The best plan under each of several budgets: `optichain.design.evidence.schema.FrontierRow`. ``choices`` lists
        its measures.
    value_of_money : DataFrame or None
        By planning year: `optichain.design.evidence.schema.MoneyRow`.
    near_optimal : DataFrame or None
        By measure: `optichain.design.evidence.schema.NearOptimalRow`.
    stability : Stability or None
    settings : dict of str to dict
        By kind, what it was asked with: budgets, samples, gap, ...; of ``near_optimal`` also ``best`` and
        ``threshold``, the objectives of the best plan and from where on one counts as near-optimal.
    impossible : dict of str to str
        Kinds that were asked for and that this plan does not allow, and why.

    Notes
    -----
    None stands for what was not asked for; an empty frame for what was asked for and has no row.
    """

    leave_one_out: pd.DataFrame | None = None
    add_one: pd.DataFrame | None = None
    shared_nodes: pd.DataFrame | None = None
    baselines: pd.DataFrame | None = None
    frontier: pd.DataFrame | None = None
    value_of_money: pd.DataFrame | None = None
    near_optimal: pd.DataFrame | None = None
    quotas: pd.DataFrame | None = None
    stability: Stability | None = None
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    impossible: Mapping[str, str] = field(default_factory=dict)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds that are here."""
        return tuple(kind for kind in Kind if getattr(self, kind) is not None)

    def to_json(self) -> dict[str, Any]:
        """Return the evidence as in a plan file."""
        result: dict[str, Any] = {kind.value: plain(getattr(self, kind)) for kind in Kind if kind in ROWS}
        result["stability"] = None if self.stability is None else self.stability.to_json()
        return {**result, "settings": plain(self.settings), "impossible": dict(self.impossible)}

    @classmethod
    def of_file(cls, read: EvidenceFile) -> Evidence:
        """Return the evidence of a plan file that fits the schema."""
        frames = {}
        for kind, row in ROWS.items():
            rows = getattr(read, kind)
            frames[kind] = None if rows is None else frame_of(row, rows)
        stable = None
        if read.stability is not None:
            told = read.stability
            stable = Stability(
                measures=frame_of(MeasureRow, told.measures),
                inputs=frame_of(InputRow, told.inputs),
                samples=told.samples,
                unsolved=told.unsolved,
                kept=told.kept,
                regret_mean=math.nan if told.regret_mean is None else told.regret_mean,
                regret_worst=math.nan if told.regret_worst is None else told.regret_worst,
                seed=told.seed,
            )
        return cls(**frames, stability=stable, settings=read.settings, impossible=read.impossible)
