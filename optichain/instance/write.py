"""Writing an instance in any carrier, so that reading it again gives the same instance."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from optichain.errors import UsageError
from optichain.instance.carriers.write_folder import write_folder
from optichain.instance.carriers.write_workbook import write_workbook
from optichain.instance.cells import settings_dict, written_columns
from optichain.instance.model import Instance
from optichain.instance.schema import TABLES

__all__ = ["write"]


def write(instance: Instance, path: str | os.PathLike[str]) -> None:
    """Write an instance; what stood at the path is replaced at once, or not at all.

    Parameters
    ----------
    instance : Instance
    path : str or path-like
        Ending in ``.xlsx`` a workbook, in ``.json`` a JSON file, without an ending a folder. Other files in a
        folder that holds an instance already, such as a README, stay.

    Raises
    ------
    UsageError
        The place cannot be written to, or is a folder with something else in it.
    MissingExtraError
        A workbook, and the library that writes workbooks is not installed.
    """
    place = Path(path)
    ending = place.suffix.lower()
    if not place.is_dir() and ending == ".json":
        from optichain.storage.atomic import write_text

        write_text(place, _json(instance))
    elif not place.is_dir() and ending == ".xlsx":
        write_workbook(instance, place)
    elif ending in (".json", ".xlsx"):
        raise UsageError(f"cannot write {place}: there is a folder of that name")
    elif ending in (".csv", ".toml", ".xls", ".xlsm", ".ods", ".yaml", ".zip", ".txt"):
        raise UsageError(f"cannot write {place}: expected a folder, or a file that ends in .xlsx or .json")
    else:
        write_folder(instance, place)


def _json(instance: Instance) -> str:
    tables: dict[str, list[dict[str, Any]]] = {}
    for name, frame in instance.frames.items():
        table = TABLES[name]
        columns = written_columns(table, frame)
        if not len(frame) and not table.required:
            continue
        rows = zip(*columns.values(), strict=True)
        # A blank cell is left out, but for the user's own columns, which a blank column must not lose.
        tables[name] = [
            {
                key: cell
                for key, cell in zip(columns, row, strict=True)
                if cell is not None or key.startswith("x_")
            }
            for row in rows
        ]
    document = {"settings": settings_dict(instance.settings), "tables": tables}
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
