"""A filled workbook as an instance."""

from __future__ import annotations

import os
from pathlib import Path

from optichain.instance.model import Instance
from optichain.instance.sheets import BadWorkbook, read_sheets
from optichain.submission.compose import compose
from optichain.submission.form import CHAIN
from optichain.submission.read_form import read_form

__all__ = ["is_submission", "read_submission"]


def is_submission(path: str | os.PathLike[str]) -> bool:
    """Tell whether a file is a chain owner's workbook, rather than an instance; what cannot be read is not."""
    place = Path(path)
    if place.suffix.lower() not in (".xlsx", ".xlsm") or not place.is_file():
        return False
    try:
        return CHAIN.title in read_sheets(place)
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
