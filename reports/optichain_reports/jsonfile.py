"""The report model as a JSON file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from optichain.atomic import write_text
from optichain_reports.building.build import build_report

if TYPE_CHECKING:
    from optichain.design.plan import Plan
    from optichain.instance.model import Instance

__all__ = ["JsonReport"]


class JsonReport:
    """Every number that the other formats show, unrounded."""

    name = "json"

    def write(self, instance: Instance, plan: Plan, path: Path, *, language: str) -> None:
        """Write the report, whole or not at all."""
        model = build_report(instance, plan, language=language)
        write_text(path, json.dumps(model.to_json(), ensure_ascii=False, indent=2, allow_nan=False) + "\n")
