"""Writing the folder carrier: a whole new folder beside the old one, then a swap."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import shutil
from pathlib import Path
from typing import Any

from optichain.errors import UsageError
from optichain.instance.carriers.folder import SETTINGS_FILE
from optichain.instance.cells import settings_dict, written_columns
from optichain.instance.model import Instance
from optichain.instance.schema import TABLES
from optichain.instance.settings import Settings
from optichain.storage.atomic import held_signals, name_beside, new_beside, unwritten

__all__ = ["swap_in", "table_csv", "write_folder", "write_settings_toml"]

TRIES = 100
"""To put an old folder back while another run is swapping, too."""


def write_folder(instance: Instance, place: Path) -> None:
    """Write ``instance.toml`` and the tables that have rows.

    Raises
    ------
    UsageError
        The place is a file, or a folder with something else in it, or cannot be written to.
    """
    files = {SETTINGS_FILE: write_settings_toml(instance.settings)}
    for name, frame in instance.frames.items():
        if len(frame) or TABLES[name].required:
            files[f"{name}.csv"] = table_csv(written_columns(TABLES[name], frame))
    swap_in(files, place)


def swap_in(files: dict[str, str], place: Path) -> None:
    """Put files into a folder of their own, then let it take the place of what stood there.

    Raises
    ------
    UsageError
        The place is a file, or a folder with something else in it, or cannot be written to.
    """
    if place.exists() and not place.is_dir():
        raise UsageError(f"cannot write the folder {place}: there is a file of that name")
    try:
        with held_signals():
            _write_beside(files, place)
    except (OSError, RuntimeError) as error:
        raise unwritten(place, error, "the folder") from None


def _write_beside(files: dict[str, str], place: Path) -> None:
    others = sorted(place.iterdir()) if place.is_dir() else []
    if others and not (place / SETTINGS_FILE).is_file():
        raise UsageError(
            f"cannot write the folder {place}: it holds something else; give a new or an empty folder"
        )
    target = place.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    with new_beside(target) as fresh:
        fresh.mkdir()
        if place.is_dir():
            shutil.copymode(target, fresh)
        for name, text in files.items():
            with (fresh / name).open("wb") as stream:
                stream.write(text.encode("utf-8"))
                stream.flush()
                os.fsync(stream.fileno())
            if (place / name).is_file():
                shutil.copymode(place / name, fresh / name)
        replaced = {SETTINGS_FILE, *(f"{name}.csv" for name in TABLES)}
        for other in others:
            if other.name not in replaced:
                if other.is_dir() and not other.is_symlink():
                    shutil.copytree(other, fresh / other.name, symlinks=True)
                else:
                    shutil.copy2(other, fresh / other.name, follow_symlinks=False)
        _swap(fresh, target)


def _swap(fresh: Path, target: Path) -> None:
    """Rename the new folder to the target; an old one is moved away first, and back if that fails."""
    aside = name_beside(target)
    try:
        os.rename(target, aside)
    except FileNotFoundError:
        os.rename(fresh, target)
        return
    try:
        os.rename(fresh, target)
    except BaseException:
        _put_back(aside, target)
        raise
    # whatever another run does with the new folder by now, it keeps that or its own
    shutil.rmtree(aside, ignore_errors=True)


def _put_back(aside: Path, target: Path) -> None:
    """Rename the old folder back to the target, or remove it where another run has put its own there."""
    for _ in range(TRIES):
        try:
            os.rename(aside, target)
        except OSError as error:
            # were there nothing at the target, what is aside would be the only copy
            if target.exists():
                shutil.rmtree(aside, ignore_errors=True)
                return
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                return
        else:
            return


def table_csv(columns: dict[str, list[Any]]) -> str:
    """Return a table as CSV: floats exact, booleans as true and false, blanks empty."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*(_texts(cells) for cells in columns.values()), strict=True))
    return stream.getvalue()


def _texts(cells: list[Any]) -> list[str]:
    return [
        ""
        if cell is None
        else cell
        if isinstance(cell, str)
        else ("true" if cell else "false")
        if isinstance(cell, bool)
        else repr(cell).removesuffix(".0")
        for cell in cells
    ]


def write_settings_toml(settings: Settings) -> str:
    """Return the settings as TOML."""
    lines: list[str] = []
    sections: list[str] = []
    for key, value in settings_dict(settings).items():
        if isinstance(value, dict):
            sections += ["", f"[{key}]", *(f"{name} = {_toml(entry)}" for name, entry in value.items())]
        else:
            lines.append(f"{key} = {_toml(value)}")
    return "\n".join([*lines, *sections]) + "\n"


def _toml(value: Any) -> str:
    """Return one value; the strings of JSON are strings of TOML, since control characters are refused."""
    if isinstance(value, list):
        return "[" + ", ".join(_toml(entry) for entry in value) + "]"
    return repr(value) if isinstance(value, float) else json.dumps(value, ensure_ascii=False)
