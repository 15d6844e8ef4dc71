"""The stress test as proven bounds, without a linear programme an event: a screening of large families (3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from optichain.effects import State, base_state
from optichain.network import Network
from optichain.risk.events import Event
from optichain.risk.flows.engine import ContinuityEngine
from optichain.risk.impact import demanded_value
from optichain.risk.resilience import (
    block_levels,
    block_tails,
    block_weights,
    chain_averages,
    chosen_events,
    reached_blocks,
)
from optichain.risk.sweep import screened
from optichain.spreading import Progress
from optichain.storage.tojson import plain

__all__ = ["Envelope", "screen"]

Interval = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Envelope:
    """Result of a screening: every figure of a stress test as an interval that contains it.

    Attributes
    ----------
    undisturbed : dict
        As in `Resilience`.
    events : DataFrame
        event, title, probability, demanded, continuity_low, continuity_high, lost_low, lost_high, reached.
    chain_low, chain_high : DataFrame
        Continuity by event (rows) and chain (columns).
    chains : DataFrame
        chain, weight, and of acc, worst, cvar and expected_annual_loss the bounds ``_low`` and ``_high``.
    acc, worst, cvar, expected_annual_loss : tuple of float
        Low and high.
    settled : float
        Share of the events whose bounds meet.
    alpha : float
    """

    undisturbed: dict[str, float]
    events: pd.DataFrame
    chain_low: pd.DataFrame
    chain_high: pd.DataFrame
    chains: pd.DataFrame
    acc: Interval
    worst: Interval
    cvar: Interval
    expected_annual_loss: Interval
    settled: float
    alpha: float

    def to_json(self) -> dict[str, Any]:
        """Return the JSON of ``stress --screen``: that of ``stress``, with [low, high] for each uncertain number."""
        names = list(map(str, self.chain_low.columns))
        events = []
        for row, low, high in zip(
            self.events.to_dict("records"),
            self.chain_low.to_numpy().tolist(),
            self.chain_high.to_numpy().tolist(),
            strict=True,
        ):
            events.append(
                {
                    **{key: row[key] for key in ("event", "title", "probability", "demanded", "reached")},
                    "continuity": [row["continuity_low"], row["continuity_high"]],
                    "lost": [row["lost_low"], row["lost_high"]],
                    "chains": {n: [x, y] for n, x, y in zip(names, low, high, strict=True)},
                }
            )
        events.sort(key=lambda row: str(row["event"]))
        chains = {
            row["chain"]: {
                "weight": row["weight"],
                **{
                    key: [row[f"{key}_low"], row[f"{key}_high"]]
                    for key in ("acc", "worst", "cvar", "expected_annual_loss")
                },
            }
            for row in self.chains.to_dict("records")
        }
        whole = {key: list(getattr(self, key)) for key in ("acc", "worst", "cvar", "expected_annual_loss")}
        result = {
            "undisturbed": self.undisturbed,
            "events": events,
            **whole,
            "settled": self.settled,
            "alpha": self.alpha,
            "chains": chains,
        }
        cleaned: dict[str, Any] = plain(result)
        return cleaned


def screen(
    network: Network,
    *,
    state: State | None = None,
    events: Sequence[str] | Sequence[Event] | None = None,
    alpha: float = 0.95,
    engine: ContinuityEngine | None = None,
    progress: Progress | None = None,
) -> Envelope:
    """Bound every figure of a stress test without a linear programme an event.

    Parameters are those of `optichain.risk.resilience.assess`. The undisturbed network is solved exactly.
    """
    solver = ContinuityEngine(network) if engine is None else engine
    base = base_state(network)
    now = base if state is None else state
    family = chosen_events(network, events)
    before, calm = solver.undisturbed(base), solver.undisturbed(now)
    found = screened(network, now, family, engine=solver, progress=progress)
    probability = np.array([event.probability for event in family])
    reached = reached_blocks(network, family)
    demanded = demanded_value(network)
    has = demanded > 0.0
    weight = block_weights(network)
    # a loss is high where continuity is low
    lost = [
        (before[has][None, :] - continuity[:, has]) * demanded[has][None, :]
        for continuity in (found.upper, found.lower)
    ]
    frame = pd.DataFrame(
        {
            "event": [event.name for event in family],
            "title": [event.title for event in family],
            "probability": probability,
            "demanded": float(demanded.sum()),
            "continuity_low": found.block_lower @ weight,
            "continuity_high": found.block_upper @ weight,
            "lost_low": lost[0].sum(axis=1),
            "lost_high": lost[1].sum(axis=1),
            "reached": reached.any(axis=1),
        }
    )
    chains = pd.DataFrame({"chain": network.chains.to_numpy(dtype=object), "weight": network.weight})
    tails = []
    for side, continuity, level in (
        ("low", found.lower, found.block_lower),
        ("high", found.upper, found.block_upper),
    ):
        averages = chain_averages(network, calm, continuity, probability, reached, alpha)
        for name, values in zip(("acc", "worst", "cvar"), averages, strict=True):
            chains[f"{name}_{side}"] = values
        tails.append(block_tails(network, block_levels(network, calm), level, probability, reached, alpha))
    for side, values in zip(("low", "high"), lost, strict=True):
        chains[f"expected_annual_loss_{side}"] = 0.0
        chains.loc[has, f"expected_annual_loss_{side}"] = probability @ values
    mean = [
        float(network.weight[has] @ chains[f"acc_{side}"].to_numpy(float)[has]) for side in ("low", "high")
    ]
    gap = frame["continuity_high"] - frame["continuity_low"]
    return Envelope(
        undisturbed={
            "served": float(calm[has] @ demanded[has]),
            "demanded": float(demanded.sum()),
            "continuity": float(calm[has] @ network.weight[has]),
        },
        events=frame,
        chain_low=pd.DataFrame(found.lower, index=frame["event"], columns=network.chains),
        chain_high=pd.DataFrame(found.upper, index=frame["event"], columns=network.chains),
        chains=chains,
        acc=(mean[0], mean[1]),
        worst=(tails[0][0], tails[1][0]),
        cvar=(tails[0][1], tails[1][1]),
        expected_annual_loss=(
            float(probability @ frame["lost_low"]),
            float(probability @ frame["lost_high"]),
        ),
        settled=float(np.mean(gap <= 1e-10)) if len(frame) else 1.0,
        alpha=alpha,
    )
