"""A house style: a directory whose style sheet, templates and Word document stand in for ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

from optichain.errors import UsageError
from optichain.nearest import nearest_clause
from optichain_reports.templating import configured, own_templates

__all__ = ["HouseStyle"]

STYLE, DOCUMENT = "style.css", "document.docx"
OWN = "_"
"""What the names of further templates begin with, which those in place of ours may include."""
ENDINGS = (".html", ".svg")
MISTAKES = (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError)
LOADS = re.compile(r"@import|url\(\s*(?![\s\"']*data:)|</style|expression\(", re.IGNORECASE)


class HouseStyle:
    """The files of a directory, checked.

    Parameters
    ----------
    directory : path
        May hold ``style.css`` (read after our own), ``document.docx`` (its styles, page, header and footer are those of
        Word reports), templates that have the names of ours, and templates of its own whose names begin with ``_``.

    Raises
    ------
    UsageError
        It is no directory, holds nothing of a house style or something else, or a file in it is faulty.

    Notes
    -----
    Templates are filled in inside a sandbox: they read what the report gives them, and call nothing of Python besides.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        if not directory.is_dir():
            raise UsageError(
                f"{directory} is no directory: a house style is a directory with {self._expected()}"
            )
        self._names = sorted(
            str(path.relative_to(directory).as_posix())
            for path in directory.rglob("*")
            if path.is_file() and not path.name.startswith(".")
        )
        if not self._names:
            raise UsageError(f"{directory} is empty: a house style is a directory with {self._expected()}")
        for name in self._names:
            self._check_place(name)
            self._check(name)

    @property
    def document(self) -> Path | None:
        """The Word document, if there is one."""
        return self.directory / DOCUMENT if DOCUMENT in self._names else None

    @property
    def style(self) -> str:
        """The style sheet, empty where there is none."""
        return self._read(STYLE) if STYLE in self._names else ""

    def environment(self) -> Environment:
        """Return where templates are found, those of the house first, and how they are filled in: in a sandbox."""
        loader = ChoiceLoader([_Listed(self.directory, self._names), own_templates()])
        made = configured(ImmutableSandboxedEnvironment, loader)
        for name in self._names:
            if name.endswith(ENDINGS):
                with self.told():
                    made.get_template(name)
        return made

    @contextmanager
    def told(self) -> Iterator[None]:
        """Turn what goes wrong in a template into an error that names the directory and the place."""
        try:
            yield
        except MISTAKES as error:
            raise UsageError(f"the house style {self.directory}: {_place(error)}{error}") from None

    def _check(self, name: str) -> None:
        if name == STYLE:
            self._check_style()
        elif name == DOCUMENT:
            self._check_document()
        elif not self._is_template(name):
            known = [STYLE, DOCUMENT, *self._ours()]
            raise UsageError(
                f"{self.directory / name} is no part of a house style{nearest_clause(name, known)}; it may hold {self._expected()}"
            )

    def _check_place(self, name: str) -> None:
        """Refuse a link that leads out: a house style that somebody sends must not take a file of this machine along."""
        if not (self.directory / name).resolve().is_relative_to(self.directory.resolve()):
            raise UsageError(
                f"{self.directory / name} is a link that leads out of the house style: put the file itself there"
            )

    def _is_template(self, name: str) -> bool:
        return name.endswith(ENDINGS) and (name in self._ours() or name.rpartition("/")[2].startswith(OWN))

    def _check_style(self) -> None:
        found = LOADS.search(self._read(STYLE))
        if found is not None:
            line = self._read(STYLE)[: found.start()].count("\n") + 1
            raise UsageError(
                f"{self.directory / STYLE}, line {line}: {found[0]!r} is refused, because a report loads nothing and ends "
                "its style sheet itself; url(data:...) may be used"
            )

    def _check_document(self) -> None:
        where = self.directory / DOCUMENT
        try:
            with ZipFile(where) as parts:
                whole = "word/document.xml" in parts.namelist()
        except (OSError, BadZipFile):
            whole = False
        if not whole:
            raise UsageError(f"{where} is no Word document (.docx)")

    def _read(self, name: str) -> str:
        try:
            return (self.directory / name).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{self.directory / name} cannot be read as UTF-8: {error}") from None

    @staticmethod
    def _ours() -> list[str]:
        return [name for name in own_templates().list_templates() if name.endswith(ENDINGS)]

    def _expected(self) -> str:
        return f"{STYLE}, {DOCUMENT}, templates named as ours (such as sections/answer.html), or beginning with {OWN}"


class _Listed(FileSystemLoader):
    """Finds the files of a directory that were checked, and no others that a link within it may lead to."""

    def __init__(self, directory: Path, names: Sequence[str]) -> None:
        super().__init__(directory, followlinks=False)
        self._names = frozenset(names)

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """Return a checked file."""
        if template not in self._names:
            raise TemplateNotFound(template)
        return super().get_source(environment, template)


def _place(error: Exception) -> str:
    """Return the template and the line where an error came up."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.name or 'a template'}, line {error.lineno}: "
    place, trace = "", error.__traceback__
    while trace is not None:
        file: Any = trace.tb_frame.f_code.co_filename
        if file.endswith(ENDINGS):
            place = f"{Path(file).name}, line {trace.tb_lineno}: "
        trace = trace.tb_next
    return place
