"""What counts as one in sums of money: tolerances on money are relative to it, whatever money is counted in."""

from __future__ import annotations

from optichain.network import Network
from optichain.risk.impact import demanded_value

__all__ = ["is_money", "money_size"]


def money_size(network: Network) -> float:
    """Return 1, or what the horizon demands where that is less; money."""
    demanded = float(demanded_value(network).sum())
    return min(1.0, demanded) if demanded > 0.0 else 1.0


def is_money(figure: str) -> bool:
    """Tell whether a figure of a plan is a sum of money, by its name."""
    return "loss" in figure or "cost" in figure or figure in ("budget", "spend", "commitments")
