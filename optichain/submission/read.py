"""A filled workbook as an instance."""

from __future__ import annotations

import os
from pathlib import Path

from optichain.instance.carriers.sheets import BadWorkbook, sheet_names
from optichain.instance.model import Instance
from optichain.instance.read import load
from optichain.shipped import locate
from optichain.submission.compose import compose
from optichain.submission.form import CHAIN
from optichain.submission.read_form import read_form

__all__ = ["read_any", "read_submission"]


def read_any(path: str | os.PathLike[str]) -> Instance:
    """Read a chain owner's workbook, or an instance in any carrier, as `optichain.load` takes it.

    Raises
    ------
    InstanceError
        With every fault.
    MissingExtraError
        A workbook, and the library that reads workbooks is not installed.
    """
    place = locate(path) if isinstance(path, str) else Path(path)
    return read_submission(place) if _is_submission(place) else load(place)


def _is_submission(place: Path) -> bool:
    """Tell whether a file is a chain owner's workbook, rather than an instance; what cannot be read is not."""
    if place.suffix.lower() not in (".xlsx", ".xlsm") or not place.is_file():
        return False
    try:
        return CHAIN.title in sheet_names(place)
    except BadWorkbook:
        return False


def read_submission(path: str | os.PathLike[str]) -> Instance:
    """Read the workbook that a chain owner has filled in.

    Parameters
    ----------
    path : path
        An ``.xlsx`` made by the command ``workbook``.

    Returns
    -------
    Instance
        One chain; every row says who submitted it, and its grade.

    Raises
    ------
    InstanceError
        Every fault, each with its cell.
    MissingExtraError
        The library that reads workbooks is not installed.
    """
    return compose(read_form(Path(path)))
