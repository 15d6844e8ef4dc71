"""The fixed texts of a report, by language and key."""

from __future__ import annotations

from typing import Final

from optichain_reports.wording.en import EN
from optichain_reports.wording.en_beside import EN_BESIDE
from optichain_reports.wording.en_chains import EN_CHAINS
from optichain_reports.wording.en_evidence import EN_EVIDENCE
from optichain_reports.wording.zh import ZH
from optichain_reports.wording.zh_beside import ZH_BESIDE
from optichain_reports.wording.zh_chains import ZH_CHAINS
from optichain_reports.wording.zh_evidence import ZH_EVIDENCE

__all__ = ["TEXTS", "Texts"]

TEXTS: Final[dict[str, dict[str, str]]] = {
    "en": EN | EN_CHAINS | EN_EVIDENCE | EN_BESIDE,
    "zh": ZH | ZH_CHAINS | ZH_EVIDENCE | ZH_BESIDE,
}


class Texts:
    """The fixed texts of one language, called by key: ``texts("show_all", count=3)``."""

    def __init__(self, language: str) -> None:
        self._known = TEXTS[language]

    def __call__(self, key: str, **values: object) -> str:
        """Return a text with its blanks filled in; an unknown key is an error in the template."""
        text = self._known[key]
        return text.format(**values) if values else text

    def word(self, family: str, key: str) -> str:
        """Return the word for a code of the tables, the code itself where a newer one has none."""
        return self._known.get(f"{family}_{key}", key)
