"""The questions of an exposure analysis as a file that a supplier can fill in."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from optichain.storage.atomic import write_text
from optichain.storage.spreadsheet import shielded

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["write_questionnaire"]

COLUMNS = (
    "table",
    "row",
    "column",
    "name",
    "title",
    "enterprise",
    "question",
    "assumed",
    "low",
    "high",
    "unit",
    "why",
    "answer",
)


def write_questionnaire(questions: pd.DataFrame, instance: Instance, path: Path) -> None:
    """Write the questions as CSV, whole or not at all, with an empty column for the answers.

    Parameters
    ----------
    questions : DataFrame
        Of `optichain.questions`.
    instance : Instance
        For titles and units.
    path : path
        A spreadsheet opens it as text: no cell of the data begins like a formula.
    """
    text = io.StringIO()
    # a mark of the encoding, so that a spreadsheet shows titles of any script
    text.write("\N{ZERO WIDTH NO-BREAK SPACE}")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    titles = _titles(instance)
    for row in questions.to_dict("records"):
        question, unit = _words(row["column"], instance)
        moves = [f"{kind} {name}" for kind, name in row["enters"]]
        gone = [f"{kind} {name}" for kind, name in row["leaves"]]
        why = "; ".join(
            [f"may bring in {', '.join(moves)}"] * bool(moves)
            + [f"may push out {', '.join(gone)}"] * bool(gone)
        )
        if row["together"] > 1:
            why += f" (with the {row['together'] - 1} other questions of its kind)"
        cells = (
            row["table"],
            row["row"],
            row["column"],
            row["name"],
            titles.get((row["table"], row["name"]), row["name"]),
            row["enterprise"] or "",
            question,
            f"{row['assumed']:.6g}",
            f"{row['low']:.6g}",
            f"{row['high']:.6g}",
            unit,
            why,
            "",
        )
        writer.writerow([shielded(str(cell)) for cell in cells])
    write_text(path, text.getvalue())


def _words(column: str, instance: Instance) -> tuple[str, str]:
    unit = instance.settings.time_unit
    if column == "recovery_time":
        return "How long does it take to be back after a complete failure?", f"{unit}s"
    return f"How many units a {unit} can be delivered at most?", f"units a {unit}"


def _titles(instance: Instance) -> dict[tuple[str, str], str]:
    sites = {
        str(s): str(t)
        for s, t in zip(instance["sites"]["site"], instance["sites"]["title"], strict=True)
        if isinstance(t, str) and t
    }
    items = {
        str(i): str(t)
        for i, t in zip(instance["items"]["item"], instance["items"]["title"], strict=True)
        if isinstance(t, str) and t
    }
    result = {("sites", s): t for s, t in sites.items()}
    for source, item, site in instance["sources"][["source", "item", "site"]].itertuples(index=False):
        result["sources", str(source)] = f"{items.get(str(item), item)}, {sites.get(str(site), site)}"
    return result
