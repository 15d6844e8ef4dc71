"""Names of things in a report."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Named"]


@dataclass(frozen=True)
class Named:
    """Something of the network: its kind, its name and a title for people."""

    kind: str
    name: str
    title: str
