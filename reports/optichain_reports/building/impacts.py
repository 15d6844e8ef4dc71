"""What each event costs each chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optichain_reports.building.facts import Facts
from optichain_reports.building.titles import Titles
from optichain_reports.model import Impact

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["impacts_of"]

NOTHING = 1e-9
"""Share of a chain's demand up to which a loss counts as none."""


def impacts_of(instance: Instance, facts: Facts, titles: Titles) -> tuple[Impact, ...]:
    """Return every pair of chain and event in which the chain loses something, before the plan or with it.

    By chain in the order of the table ``chains``, the largest expected loss first. Losses are measured from the
    undisturbed service before any measure.
    """
    tabled = set(instance["events"]["event"])
    probability = facts.before.events["probability"].to_numpy(float)
    tables = [r.chain_continuity for r in (facts.before, facts.after)]
    named = [titles.event(str(e), tabled=e in tabled) for e in tables[0].index]
    calm = facts.before.chains.set_index("chain")["undisturbed"]
    result: list[Impact] = []
    for chain in instance["chains"]["chain"]:
        money = facts.demanded[chain]
        if money <= 0.0:
            continue
        old, new = (table[chain].to_numpy(float) for table in tables)
        lost = [(calm[chain] - now) * money for now in (old, new)]
        felt = np.flatnonzero((np.maximum(*lost) > NOTHING * money) & (probability > 0.0))
        rows = [
            Impact(
                chain=str(chain),
                event=named[i],
                probability=float(probability[i]),
                continuity_before=float(old[i]),
                continuity_after=float(new[i]),
                lost_before=float(lost[0][i]),
                lost_after=float(lost[1][i]),
                expected_before=float(probability[i] * lost[0][i]),
                expected_after=float(probability[i] * lost[1][i]),
            )
            for i in felt.tolist()
        ]
        result += sorted(rows, key=lambda r: (-r.expected_before, -r.expected_after, r.event.name))
    return tuple(result)
