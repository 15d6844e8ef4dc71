"""Reading an instance from a folder, a workbook or a JSON file."""

from __future__ import annotations

import os
from pathlib import Path

from optichain.errors import Fault, InstanceError
from optichain.instance.carriers.folder import SETTINGS_FILE, read_folder
from optichain.instance.carriers.jsonfile import read_json
from optichain.instance.carriers.workbook import read_workbook
from optichain.instance.model import Instance
from optichain.instance.raw import Raw
from optichain.shipped import locate

__all__ = ["load", "read_raw"]


def load(path: str | os.PathLike[str]) -> Instance:
    """Read and check an instance.

    Parameters
    ----------
    path : str or path-like
        A folder with ``instance.toml`` and CSV tables, an ``.xlsx`` workbook, or a ``.json`` file; a text may also be
        the name of a shipped instance, such as ``quickstart``. A file or folder of that name comes first.

    Returns
    -------
    Instance

    Raises
    ------
    InstanceError
        With every fault, each with file, row and column.
    MissingExtraError
        A workbook, and the library that reads workbooks is not installed.
    """
    return Instance.from_raw(read_raw(locate(path) if isinstance(path, str) else path))


def read_raw(path: str | os.PathLike[str]) -> Raw:
    """Read an instance into raw form, unchecked.

    Raises
    ------
    InstanceError
        There is nothing at the path, or nothing that can be an instance.
    """
    place = Path(path)
    if place.is_dir():
        return read_folder(place)
    ending = place.suffix.lower()
    if not place.exists():
        raise InstanceError(
            [Fault(str(place), None, None, "missing-file", "there is no such file or folder")]
        )
    if ending == ".json":
        return read_json(place)
    if ending in (".xlsx", ".xlsm"):
        return read_workbook(place)
    hint = (
        f"give the folder that {SETTINGS_FILE} is in"
        if place.name == SETTINGS_FILE or ending == ".csv"
        else None
    )
    message = "this is not an instance, expected a folder, an .xlsx workbook or a .json file"
    raise InstanceError([Fault(str(place), None, None, "unknown-carrier", message, hint)])
