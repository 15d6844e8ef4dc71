"""A filled workbook as an instance."""

from __future__ import annotations

import os
from pathlib import Path

from optichain.instance.model import Instance
from optichain.submission.compose import compose
from optichain.submission.read_form import read_form

__all__ = ["read_submission"]


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
