"""A document of sentences and lists, as it is handed to a format: for everything that is no report of one plan."""

from __future__ import annotations

from dataclasses import dataclass

from optichain_reports.model import Heading
from optichain_reports.wording.sheet import Sheet

__all__ = ["Lists"]


@dataclass(frozen=True)
class Lists:
    """A document.

    Attributes
    ----------
    heading : Heading
    kind : str
        What it is, in a few words: stands above its title.
    title : str
    written : str
        Date, ISO 8601.
    said : tuple of str
        Sentences before the lists, one a paragraph; the first is the answer. Texts as the writer made them.
    sheets : tuple of Sheet
        Those without a row are not here.
    """

    heading: Heading
    kind: str
    title: str
    written: str
    said: tuple[str, ...]
    sheets: tuple[Sheet, ...]
