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


def same(claim: str, stated: Any, recomputed: Any, *, size: float = 1.0) -> Claim:
    """Compare two values; numbers within a tolerance of the larger of a size and themselves, lists member by member."""
    return Claim(claim, stated, recomputed, _equal(stated, recomputed, size))


def _equal(stated: Any, recomputed: Any, size: float) -> bool:
    if isinstance(stated, list) and isinstance(recomputed, list):
        return len(stated) == len(recomputed) and all(
            _equal(a, b, size) for a, b in zip(stated, recomputed, strict=True)
        )
    if isinstance(stated, (int, float)) and isinstance(recomputed, (int, float)):
        return abs(stated - recomputed) <= TOLERANCE * max(size, abs(stated), abs(recomputed))
    return bool(stated == recomputed)
