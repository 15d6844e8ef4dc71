"""The stress test: continuity by event and chain, and what follows from it (3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from optichain.effects import State, base_state
from optichain.network import Network
from optichain.notebook import facts_html, share, table_html
from optichain.risk.autonomy import autonomy_intervals
from optichain.risk.events import Event, make_events
from optichain.risk.flows.engine import ContinuityEngine
from optichain.risk.flows.reach import reach_of
from optichain.risk.impact import demanded_value
from optichain.risk.sweep import continuities
from optichain.spreading import Progress
from optichain.storage.tojson import plain

__all__ = [
    "Resilience",
    "assess",
    "block_tails",
    "block_weights",
    "chain_averages",
    "chosen_events",
    "reached_blocks",
    "tail_mean",
]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Resilience:
    """Result of a stress test.

    Attributes
    ----------
    undisturbed : dict
        ``served``, ``demanded`` (money over the horizon) and ``continuity`` with no event.
    events : DataFrame
        event, title, probability (a year), served, demanded, lost (money), continuity, reached.
    chain_continuity : DataFrame
        Continuity by event (rows) and chain (columns).
    chains : DataFrame
        chain, weight, acc, worst, cvar, autonomy_low, autonomy_high, expected_annual_loss, undisturbed.
    acc, worst, cvar : float
        Weighted over chains and blocks; `cvar` at `alpha`.
    expected_annual_loss : float
        Money a year, from the undisturbed service of the network before any measure.
    alpha : float
    sample : dict or None
        Where years were drawn: ``years``, ``seed`` and ``standard_error`` of ``acc`` and
        ``expected_annual_loss``.
    """

    undisturbed: dict[str, float]
    events: pd.DataFrame
    chain_continuity: pd.DataFrame
    chains: pd.DataFrame
    acc: float
    worst: float
    cvar: float
    expected_annual_loss: float
    alpha: float
    sample: dict[str, Any] | None = None

    def _repr_html_(self) -> str:
        """Show the result in a notebook: the figures, the events by expected loss, the chains."""
        facts = facts_html(
            "Stress test",
            [
                ("ACC", share(self.acc)),
                ("worst event", share(self.worst)),
                (f"CVaR {self.alpha:g}", share(self.cvar)),
                ("expected annual loss", f"{self.expected_annual_loss:,.4g}"),
                ("undisturbed", share(self.undisturbed["continuity"])),
            ],
        )
        felt = self.events.assign(expected=self.events["lost"] * self.events["probability"])
        felt = felt.sort_values("expected", ascending=False, kind="stable")
        columns = ("event", "title", "probability", "continuity", "lost")
        events = [
            (event, title, share(chance), share(continuity), f"{lost:,.4g}")
            for event, title, chance, continuity, lost in felt[list(columns)].itertuples(
                index=False, name=None
            )
        ]
        chains = [
            (chain, share(weight), share(acc), f"{loss:,.4g}")
            for chain, weight, acc, loss in self.chains[
                ["chain", "weight", "acc", "expected_annual_loss"]
            ].itertuples(index=False, name=None)
        ]
        return (
            facts
            + table_html("Events, the largest expected loss first", columns, events)
            + table_html("Chains", ("chain", "weight", "ACC", "expected annual loss"), chains)
        )

    def to_json(self) -> dict[str, Any]:
        """Return the JSON of the command ``stress``, events by name."""
        table = self.chain_continuity
        continuity = {
            str(e): dict(zip(map(str, table.columns), row, strict=True))
            for e, row in zip(table.index, table.to_numpy().tolist(), strict=True)
        }
        events = [{**row, "chains": continuity[row["event"]]} for row in self.events.to_dict("records")]
        events.sort(key=lambda row: str(row["event"]))
        chains = {
            row["chain"]: {
                **{
                    key: row[key]
                    for key in ("weight", "acc", "worst", "cvar", "expected_annual_loss", "undisturbed")
                },
                "autonomy": [row["autonomy_low"], row["autonomy_high"]],
            }
            for row in self.chains.to_dict("records")
        }
        result = {
            "undisturbed": self.undisturbed,
            "events": events,
            "acc": self.acc,
            "worst": self.worst,
            "cvar": self.cvar,
            "alpha": self.alpha,
            "expected_annual_loss": self.expected_annual_loss,
            "chains": chains,
            **({} if self.sample is None else {"sample": self.sample}),
        }
        cleaned: dict[str, Any] = plain(result)
        return cleaned


def tail_mean(values: Floats, probability: Floats, alpha: float) -> float:
    """Return the CVaR of the lower tail: the mean of the worst (1 - alpha) of probability.

    Parameters
    ----------
    values, probability : ndarray, shape (events,)
        Probabilities need not sum to 1; they are normalised.
    alpha : float
        In [0, 1).

    Notes
    -----
    Equals ``max eta - 1/(1-alpha) sum p max(0, eta - value)`` (Rockafellar and Uryasev 2000,
    doi 10.21314/JOR.2000.038), whose maximum is at one of the values.

    Examples
    --------
    >>> round(tail_mean(np.array([0.2, 0.6, 1.0]), np.array([0.1, 0.1, 0.8]), 0.8), 12)
    0.4
    """
    order = np.argsort(values, kind="stable")
    share = probability[order] / probability.sum()
    tail = 1.0 - alpha
    before = np.concatenate([[0.0], np.cumsum(share)[:-1]])
    taken = np.clip(tail - before, 0.0, share)
    taken[-1] += max(tail - float(taken.sum()), 0.0)
    return float(np.dot(taken, values[order]) / tail)


def reached_blocks(network: Network, events: Sequence[Event]) -> npt.NDArray[np.bool_]:
    """Return which event reaches an activity of which block, before any measure.

    Returns
    -------
    ndarray of bool, shape (events, blocks with demand)
        The sets W_B, without the condition on probability.
    """
    blocks = network.blocks
    state = base_state(network)
    result = np.zeros((len(events), len(blocks)), dtype=bool)
    for row, event in enumerate(events):
        found = np.unique(network.activity_block[reach_of(network, state, event).activity])
        result[row] = np.isin(blocks, found)
    return result


def assess(
    network: Network,
    *,
    state: State | None = None,
    events: Sequence[str] | Sequence[Event] | None = None,
    alpha: float = 0.95,
    engine: ContinuityEngine | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Resilience:
    """Stress a network.

    Parameters
    ----------
    network : Network
    state : State, optional
        Measures in effect; none by default.
    events : sequence of str or Event, optional
        Only these events, also in every average: by name, or as made elsewhere.
    alpha : float
        Level of the CVaR, in [0, 1).
    engine : ContinuityEngine, optional
        To share what was solved before.
    executor : Executor, optional
        Spreads the events over cores or machines; the answer does not depend on it.
    progress : callable, optional
        Called with the number of cases done and of all.

    Returns
    -------
    Resilience
    """
    solver = ContinuityEngine(network) if engine is None else engine
    base = base_state(network)
    now = base if state is None else state
    all_events = chosen_events(network, events)
    before = solver.undisturbed(base)
    calm = solver.undisturbed(now)
    continuity = continuities(network, now, all_events, engine=solver, executor=executor, progress=progress)
    demanded = demanded_value(network)
    has = demanded > 0.0
    probability = np.array([event.probability for event in all_events])
    lost = (before[has][None, :] - continuity[:, has]) * demanded[has][None, :]
    served = continuity[:, has] @ demanded[has]
    total = float(demanded.sum())
    frame = pd.DataFrame(
        {
            "event": [event.name for event in all_events],
            "title": [event.title for event in all_events],
            "probability": probability,
            "served": served,
            "demanded": total,
            "continuity": (continuity[:, has] @ network.weight[has]),
            "lost": lost.sum(axis=1),
        }
    )
    reached = reached_blocks(network, all_events)
    frame["reached"] = [bool(row.any()) for row in reached]
    chains = _chain_table(network, now, solver, calm, continuity, probability, reached, alpha)
    chains["expected_annual_loss"] = 0.0
    chains.loc[has, "expected_annual_loss"] = probability @ lost
    worst, cvar = block_tails(
        network,
        block_levels(network, calm),
        block_levels(network, continuity),
        probability,
        reached,
        alpha,
    )
    return Resilience(
        undisturbed={
            "served": float(calm[has] @ demanded[has]),
            "demanded": total,
            "continuity": float(calm[has] @ network.weight[has]),
        },
        events=frame,
        chain_continuity=pd.DataFrame(continuity, index=frame["event"], columns=network.chains),
        chains=chains,
        acc=float(network.weight[has] @ chains["acc"].to_numpy(float)[has]),
        worst=worst,
        cvar=cvar,
        expected_annual_loss=float(probability @ frame["lost"]),
        alpha=alpha,
    )


def chosen_events(network: Network, events: Sequence[str] | Sequence[Event] | None) -> tuple[Event, ...]:
    """Return events given by name, or as they are."""
    made = tuple(e for e in events or () if isinstance(e, Event))
    return made if made else make_events(network, None if events is None else [str(e) for e in events])


def _chain_table(
    network: Network,
    state: State,
    engine: ContinuityEngine,
    calm: Floats,
    continuity: Floats,
    probability: Floats,
    reached: npt.NDArray[np.bool_],
    alpha: float,
) -> pd.DataFrame:
    acc, worst, cvar = chain_averages(network, calm, continuity, probability, reached, alpha)
    low, high = autonomy_intervals(network, state, engine)
    return pd.DataFrame(
        {
            "chain": network.chains.to_numpy(dtype=object),
            "weight": network.weight,
            "acc": acc,
            "worst": worst,
            "cvar": cvar,
            "autonomy_low": low,
            "autonomy_high": high,
            "undisturbed": calm,
        }
    )


def chain_averages(
    network: Network,
    calm: Floats,
    continuity: Floats,
    probability: Floats,
    reached: npt.NDArray[np.bool_],
    alpha: float,
) -> tuple[Floats, Floats, Floats]:
    """Return ACC, worst event and CVaR of each chain, over the events that reach its block."""
    acc, worst, cvar = calm.copy(), calm.copy(), calm.copy()
    for column, number in enumerate(network.blocks.tolist()):
        mine = reached[:, column] & (probability > 0.0)
        if not mine.any():
            continue
        for c in np.flatnonzero(network.chain_block == number).tolist():
            values = continuity[mine, c]
            acc[c] = float(np.average(values, weights=probability[mine]))
            worst[c] = float(values.min())
            cvar[c] = tail_mean(values, probability[mine], alpha)
    return acc, worst, cvar


def block_tails(
    network: Network,
    calm: Floats,
    level: Floats,
    probability: Floats,
    reached: npt.NDArray[np.bool_],
    alpha: float,
) -> tuple[float, float]:
    """Return worst event and CVaR: of each block's weighted continuity, averaged with the blocks' weights.

    Parameters
    ----------
    calm : ndarray, shape (blocks with demand,)
        Undisturbed continuity of each block.
    level : ndarray, shape (events, blocks with demand)
        Continuity of each block under each event.
    """
    worst = cvar = 0.0
    for column, weight in enumerate(block_weights(network).tolist()):
        mine = reached[:, column] & (probability > 0.0)
        values = level[mine, column] if mine.any() else calm[[column]]
        chances = probability[mine] if mine.any() else np.ones(1)
        worst += weight * float(values.min())
        cvar += weight * tail_mean(values, chances, alpha)
    return worst, cvar


def block_weights(network: Network) -> Floats:
    """Return the weight of each block with demand: that of its chains."""
    return np.array([network.weight[network.chain_block == b].sum() for b in network.blocks.tolist()])


def block_levels(network: Network, continuity: Floats) -> Floats:
    """Return the continuity of each block with demand, its chains weighted; 0 for a block without weight.

    Parameters
    ----------
    continuity : ndarray, shape (..., chains)

    Returns
    -------
    ndarray, shape (..., blocks with demand)
    """
    columns = []
    for number, weight in zip(network.blocks.tolist(), block_weights(network).tolist(), strict=True):
        chains = np.flatnonzero(network.chain_block == number)
        columns.append(continuity[..., chains] @ network.weight[chains] / (weight if weight > 0.0 else 1.0))
    return np.stack(columns, axis=-1)
