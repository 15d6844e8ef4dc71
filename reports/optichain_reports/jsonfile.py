"""The report model as a JSON file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optichain.storage.atomic import write_text
from optichain_reports.building.build import build_report
from optichain_reports.building.comparison import build_comparison
from optichain_reports.building.review import build_review
from optichain_reports.wording.telling import told

if TYPE_CHECKING:
    from optichain.design.plan import Plan
    from optichain.design.review.review import Review
    from optichain.instance.model import Instance

__all__ = ["JsonReport"]


class JsonReport:
    """Every number that the other formats show, unrounded."""

    name = "json"
    accepts = frozenset({"chain"})

    def write(
        self,
        instance: Instance,
        plan: Plan,
        path: Path,
        *,
        language: str,
        chain: str | None = None,
    ) -> None:
        """Write the report, or that of one chain, whole or not at all."""
        _write(path, told(build_report(instance, plan, language=language, chain=chain)).to_json())

    def write_comparison(
        self, first: Plan, second: Plan, path: Path, *, language: str, instance: Instance | None
    ) -> None:
        """Write what changed from one plan to another, whole or not at all."""
        model = build_comparison(first, second, instance=instance, language=language)
        _write(path, told(model).to_json())

    def write_review(
        self, instance: Instance, plan: Plan, review: Review, path: Path, *, language: str
    ) -> None:
        """Write what was promised against what happened, whole or not at all."""
        _write(path, build_review(instance, review, language=language).to_json())


def _write(path: Path, document: dict[str, Any]) -> None:
    write_text(path, json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n")
