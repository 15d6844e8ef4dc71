"""The kinds that the format tells apart: of status, of element, of effect and of measure."""

from __future__ import annotations

from typing import Final

__all__ = ["EFFECTS", "ELEMENT_KINDS", "MEASURE_KINDS", "STATUSES"]

STATUSES: Final = ("active", "qualified", "potential")
ELEMENT_KINDS: Final = ("site", "source", "lane", "item", "enterprise", "region", "country", "group")
EFFECTS: Final = ("qualify", "expand", "stockpile", "harden", "recover", "switch", "own_ip")
MEASURE_KINDS: Final = (
    "second_source",
    "substitute",
    "capacity",
    "stock",
    "hardening",
    "recovery",
    "own_ip",
    "digital",
    "logistics",
    "finance",
    "other",
)
