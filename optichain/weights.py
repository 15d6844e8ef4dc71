"""How much each chain counts: given weights, mixed scores, or shares of the demanded value (3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["chain_weights", "raw_weights"]

Floats = npt.NDArray[np.float64]


def chain_weights(instance: Instance, worth: Floats) -> Floats:
    """Return the normalised weights of the chains, shape (chains,); `raw_weights` before they are normalised."""
    raw = raw_weights(instance, worth)
    return np.asarray(raw / raw.sum(), dtype=float)


def raw_weights(instance: Instance, worth: Floats) -> Floats:
    """Return the weights of the chains as they were given, shape (chains,).

    Given weights; else the three scores mixed by ``chain_scores``; else each chain's share of the demanded
    value. A chain without demand has weight 0.

    Parameters
    ----------
    instance : Instance
        A checked instance.
    worth : ndarray, shape (chains,)
        Demanded value per time unit of each chain.
    """
    chains = instance["chains"]
    scores = instance.settings.chain_scores
    given = chains["weight"].to_numpy(float)
    parts = chains[["strength", "driving", "technology"]].to_numpy(float)
    if len(given) and not np.isnan(given).all():
        raw = np.nan_to_num(given)
    elif not np.isnan(parts).all():
        raw = np.nan_to_num(parts) @ np.array([scores.strength, scores.driving, scores.technology])
    else:
        raw = worth
    raw = np.where(worth > 0.0, raw, 0.0)
    if raw.sum() <= 0.0:
        raw = worth
    return np.asarray(raw, dtype=float)
