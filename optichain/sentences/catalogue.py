"""Every sentence that may reach a report, by code."""

from __future__ import annotations

from typing import Final

from optichain.sentences.plans import PLANS
from optichain.sentences.remarks import REMARKS
from optichain.sentences.rules import RULES

__all__ = ["ENGLISH"]

ENGLISH: Final[dict[str, str]] = {**RULES, **REMARKS, **PLANS}
