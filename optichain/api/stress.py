"""Questions about events: what goes on when something happens, exactly or between bounds."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from optichain.api.structural import state_with
from optichain.compilation import compile_network
from optichain.network import Network
from optichain.risk.envelope import Envelope
from optichain.risk.envelope import screen as screen_network
from optichain.risk.resilience import Resilience, assess
from optichain.spreading import Progress

if TYPE_CHECKING:
    from optichain.design.plan import Plan
    from optichain.instance.model import Instance
    from optichain.risk.events import Event

__all__ = ["resilience", "screen", "stress_test"]


def resilience(
    instance: Instance,
    *,
    plan: Plan | None = None,
    alpha: float = 0.95,
    events: Sequence[str] | None = None,
    what_if: Sequence[str] = (),
    combinations: int = 1,
    sample: int | None = None,
    seed: int = 0,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Resilience:
    """Stress an instance with its events.

    Parameters
    ----------
    instance : Instance
    plan : Plan, optional
        In full effect.
    alpha : float
        Level of the CVaR, in [0, 1).
    events : sequence of str, optional
        Only these events.
    what_if : sequence of str
        Ready-made events (`optichain.risk.templates`) such as ``"region-flooded:region=Foshan,duration=4"``;
        alone unless `events` are given too.
    combinations : int
        All combinations of up to that many events, taken as independent, besides the events themselves.
    sample : int, optional
        Draw that many years at random instead; `Resilience.sample` then has the standard errors.
    seed : int
        Of the draw.
    executor : concurrent.futures.Executor, optional
        Spreads the events over cores or machines: a process pool, a Dask client's ``get_executor()``. The answer does
        not depend on it, and a worker that is lost costs time only.
    progress : callable, optional
        Called with the number of cases done and of all.

    Raises
    ------
    UsageError
        An unknown event or template, or too many combinations.
    """
    from optichain.errors import UsageError
    from optichain.risk.compound import combined_events, sample_years, standard_errors

    if sample is not None and combinations > 1:
        raise UsageError("combinations and sample exclude each other: a sampled year has its own combination")
    level = _level(alpha)
    network = compile_network(instance)
    state = state_with(network, plan)
    chosen = _family(network, events, what_if)
    spread: dict[str, Any] = {"executor": executor, "progress": progress}
    if sample is None:
        return assess(
            network, state=state, alpha=level, events=combined_events(chosen, combinations), **spread
        )
    drawn = sample_years(chosen, sample, seed=seed)
    found = assess(network, state=state, alpha=level, events=drawn.events, **spread)
    errors = standard_errors(network, found, drawn)
    return replace(found, sample={"years": sample, "seed": seed, "standard_error": errors})


def _level(alpha: float) -> float:
    from optichain.errors import UsageError

    if not 0.0 <= alpha < 1.0:
        raise UsageError(f"alpha: expected a number in [0, 1), got {alpha}")
    return alpha


def _family(network: Network, events: Sequence[str] | None, what_if: Sequence[str]) -> list[Event]:
    """Return the events of the instance, all or by name, and ready-made ones: these alone unless others are named."""
    from optichain.risk.events import make_events
    from optichain.risk.templates import event_from_template, parse_template

    made = [event_from_template(network, *parse_template(text)) for text in what_if]
    named = [] if made and events is None else list(make_events(network, events))
    return [*named, *made]


def screen(
    instance: Instance,
    *,
    plan: Plan | None = None,
    alpha: float = 0.95,
    events: Sequence[str] | None = None,
    what_if: Sequence[str] = (),
    combinations: int = 1,
    progress: Progress | None = None,
) -> Envelope:
    """Bound every figure of a stress test from below and above, without a linear programme an event.

    Parameters are those of `resilience`. For families that are too large to be solved, or to see which events are
    worth it; where the bounds of an event meet, they are its exact continuity.
    """
    from optichain.risk.compound import combined_events

    network = compile_network(instance)
    return screen_network(
        network,
        state=state_with(network, plan),
        alpha=_level(alpha),
        events=combined_events(_family(network, events, what_if), combinations),
        progress=progress,
    )


def stress_test(instance: Instance, **options: Any) -> pd.DataFrame:
    """Return continuity and loss by event: event, title, probability, served, demanded, continuity, lost.

    Parameters are those of `resilience`, whose averages are in ``attrs`` of the frame.
    """
    result = resilience(instance, **options)
    frame = result.events.copy()
    frame.attrs = {
        name: getattr(result, name) for name in ("acc", "worst", "cvar", "expected_annual_loss", "alpha")
    }
    return frame
