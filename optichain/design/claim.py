"""One claim of a plan, and what it comes to when it is worked out again (3.5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["TOLERANCE", "Claim", "same"]

TOLERANCE = 1e-6


@dataclass(frozen=True)
class Claim:
    """One claim of a plan.

    Attributes
    ----------
    claim : str
    stated, recomputed : object
    ok : bool
    """

    claim: str
    stated: Any
    recomputed: Any
    ok: bool

    def to_json(self) -> dict[str, Any]:
        """Return the claim as in the command ``verify``."""
        return {"claim": self.claim, "stated": self.stated, "recomputed": self.recomputed, "ok": self.ok}


def same(claim: str, stated: Any, recomputed: Any) -> Claim:
    """Compare two values; numbers within a tolerance, lists member by member."""
    return Claim(claim, stated, recomputed, _equal(stated, recomputed))


def _equal(stated: Any, recomputed: Any) -> bool:
    if isinstance(stated, list) and isinstance(recomputed, list):
        return len(stated) == len(recomputed) and all(map(_equal, stated, recomputed))
    if isinstance(stated, (int, float)) and isinstance(recomputed, (int, float)):
        return abs(stated - recomputed) <= TOLERANCE * max(1.0, abs(stated), abs(recomputed))
    return bool(stated == recomputed)
