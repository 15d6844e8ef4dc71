"""Candidate chains with their three scores, and which hundred are chosen.

The scores are invented: industrial strength is drawn higher for pillar clusters, development driving for emerging,
core technology for future ones, all from beta distributions on 0 to 100.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from instances.generators.guangdong.catalogue import CLUSTERS
from optichain.selection import choose_chains

__all__ = ["CHOSEN", "MINIMUM", "candidates", "chosen", "slug", "within"]

CHOSEN = 100
PROPER = ("Chinese", "Micro-LED")
MINIMUM = 2
"""Chains that each cluster has at least."""

SHAPES = {
    "pillar": ((8, 3), (6, 4), (4, 5)),
    "emerging": ((5, 4), (8, 3), (6, 4)),
    "future": ((3, 6), (6, 4), (8, 3)),
}
"""Parameters of the beta distributions of strength, driving and technology, by kind of cluster."""


def slug(text: str) -> str:
    """Return a name for tables: lower case, words joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def within(title: str) -> str:
    """Return a title as it stands within another one: small, but for what is never written small."""
    return title if title.startswith(PROPER) else title[0].lower() + title[1:]


def candidates(rng: np.random.Generator) -> pd.DataFrame:
    """Return all candidate chains: chain, title, title_zh, cluster, strength, driving, technology."""
    rows = []
    for cluster in CLUSTERS:
        for title, title_zh in cluster.chains:
            scores = [round(100.0 * rng.beta(a, b), 1) for a, b in SHAPES[cluster.kind]]
            rows.append((slug(title), title, title_zh, cluster.code, *scores))
    columns = ["chain", "title", "title_zh", "cluster", "strength", "driving", "technology"]
    return pd.DataFrame(rows, columns=columns)


def chosen(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the hundred chains of best score, each cluster with its minimum."""
    selected = choose_chains(frame, CHOSEN, minimum=MINIMUM)
    return frame[frame["chain"].isin(selected.loc[selected["chosen"], "chain"])].reset_index(drop=True)
