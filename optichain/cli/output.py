"""What a command prints: one JSON object for programs, or tables for people; notes on standard error."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from click.exceptions import Exit

from optichain.cli.endings import told
from optichain.errors import Fault, MissingExtraError, OptichainError, ResourceError, UsageError

if TYPE_CHECKING:
    from rich.console import Console


__all__ = ["STOPPED_EARLY", "Output", "as_json_text", "check_writable"]

STOPPED_EARLY = 5
"""Exit status of a result that is not all that was asked for: a limit or a signal ended the work."""

SHOWN_WARNINGS = 5
STANDARD_OUTPUT = ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")
"""Names of what commands print on; solvers print on the descriptor itself, so that it leads nowhere while they work."""


@dataclass(frozen=True)
class Output:
    """Where a command's result, notes and progress go.

    Attributes
    ----------
    as_json : bool
        Print the result as one JSON object, and nothing else on standard output.
    quiet : bool
        No notes and no progress; errors only.
    verbose : int
        1 logs what is done, 2 everything.
    language : str
        Of reports and titles; what is said around them on a terminal is English.
    stream : text stream
        Standard output; the result alone goes there.
    """

    as_json: bool
    quiet: bool
    verbose: int
    language: str = "en"
    stream: TextIO = field(default_factory=lambda: sys.stdout)

    @staticmethod
    def alone() -> contextlib.AbstractContextManager[object]:
        """Send what anything else prints to standard error, so that standard output holds the result alone."""
        return contextlib.redirect_stdout(sys.stderr)

    @cached_property
    def console(self) -> Console:
        """Standard output, for people."""
        from rich.console import Console

        return _console(Console, self.stream)

    @cached_property
    def notes(self) -> Console:
        """Standard error."""
        from rich.console import Console

        return _console(Console, sys.stderr)

    def start_logging(self) -> None:
        """Send the library's log to standard error."""
        level = {0: logging.WARNING, 1: logging.INFO}.get(self.verbose, logging.DEBUG)
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
        for name in ("optichain", "optichain_solvers", "optichain_reports"):
            logger = logging.getLogger(name)
            logger.handlers = [handler]
            logger.setLevel(logging.ERROR if self.quiet else level)
            logger.propagate = False

    @contextlib.contextmanager
    def working(self, what: str | None) -> Iterator[None]:
        """Show that something is going on, where it has a name."""
        with contextlib.ExitStack() as stack:
            if what is not None and not self.quiet and not self.verbose and self.notes.is_terminal:
                stack.enter_context(self.notes.status(what))
            yield

    @contextlib.contextmanager
    def counting(self, what: str) -> Iterator[Callable[[int, int], None]]:
        """Show how much is done and how long the rest will take; yields what to call with (done, all)."""
        with contextlib.ExitStack() as stack:
            if self.quiet or self.verbose or not self.notes.is_terminal:
                yield lambda _done, _all: None
                return
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
            )
            bar = stack.enter_context(Progress(*columns, console=self.notes, transient=True))
            task = bar.add_task(what, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)

    def note(self, text: str) -> None:
        """Say something beside the result."""
        if not self.quiet:
            with contextlib.suppress(OSError):  # a note that nobody can read ends no work
                self.notes.print(text, markup=False, highlight=False, soft_wrap=True)

    def warn(self, warnings: Sequence[Fault], path: str) -> None:
        """Show the first warnings about an instance, and where the others are."""
        for fault in warnings[:SHOWN_WARNINGS]:
            self.note(f"warning: {fault}")
        if len(warnings) > SHOWN_WARNINGS:
            self.note(f"warning: {len(warnings) - SHOWN_WARNINGS} more; 'optichain check {path}' lists them")

    def written(
        self, file: Path, write: Callable[[], object], spare: Callable[[], str] | None = None
    ) -> list[OptichainError]:
        """Write a file and say so; return what went wrong, because the result is yet to be shown.

        Parameters
        ----------
        file : Path
        write : callable
        spare : callable, optional
            Gives the text that is kept elsewhere where the file cannot be written: hours of work are not to be lost for
            a full disk.
        """
        try:
            write()
        except UsageError as error:
            kept = None if spare is None else _kept(spare(), file)
            return [error if kept is None else UsageError(f"{error}; the result is kept in {kept}")]
        except (ResourceError, MemoryError) as error:
            # a report that finds no room is no reason to lose the plan
            return [told(error) or ResourceError(str(error))]
        self.note(f"wrote {file}")
        return []

    def finish(
        self,
        document: Mapping[str, Any],
        show: Callable[[Console], None],
        file: Path | None = None,
        failed: Sequence[OptichainError] = (),
    ) -> None:
        """Print the result, and write it to a file if one is given: as JSON, or as the workbook that its ending asks for.

        Parameters
        ----------
        document : mapping
        show : callable
            Prints tables for people.
        file : Path, optional
        failed : sequence of OptichainError
            Files that could not be written: the result is printed all the same, and then the first is raised.

        Raises
        ------
        UsageError
            A file, or standard output, cannot be written to.
        """
        failed = list(failed)
        if file is not None:
            failed += self.written(file, lambda: _export(document, file), lambda: as_json_text(document))
        try:
            if self.as_json:
                faults = [fault.to_json() for problem in failed for fault in problem.faults()]
                self.stream.write(as_json_text({**document, "errors": faults} if faults else document))
            elif file is None or failed or not self.quiet:
                show(self.console)
            self.stream.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise UsageError(f"cannot write the result to standard output: {error.strerror}") from None
        if failed and self.as_json:
            # said already: a second object would make the first unreadable
            for problem in failed:
                self.note(f"error: {problem}")
            raise Exit(failed[0].exit_status)
        if failed:
            for problem in failed[1:]:
                self.note(f"error: {problem}")
            raise failed[0]


def _export(document: Mapping[str, Any], file: Path) -> None:
    if file.suffix.lower() == ".xlsx":
        from optichain.exporting import export

        export(document, file)
    else:
        from optichain.storage.atomic import write_text

        write_text(file, as_json_text(document))


def _kept(text: str, file: Path) -> Path | None:
    """Write a text to the folder of temporary files under a name of its own; ``None`` where that fails too."""
    import tempfile

    try:
        handle, name = tempfile.mkstemp(prefix=f"{file.stem[:50]}.", suffix=".json")
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
    except OSError:
        return None
    return Path(name)


def _console(kind: type[Console], stream: Any) -> Console:
    """Return a console for a stream; wide enough for tables where the stream is no terminal."""
    console = kind(file=stream, highlight=False)
    return (
        console if console.is_terminal else kind(file=stream, highlight=False, width=max(console.width, 120))
    )


def as_json_text(document: Mapping[str, Any]) -> str:
    """Return a result as JSON: no rounding; infinity, and what does not apply, is null."""
    from optichain.storage.tojson import plain

    return json.dumps(plain(document), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def check_writable(*files: Path | None) -> None:
    """Refuse files that cannot be written before the work, not after it.

    Raises
    ------
    UsageError
        A file's folder does not exist, a folder stands at its place, two are the same, or it is to be a workbook and
        what writes them is not installed.
    """
    given = [file for file in files if file is not None]
    for place, file in enumerate(given):
        if str(file) in STANDARD_OUTPUT:
            raise UsageError(f"cannot write {file}: leave it out, and --json prints the result there")
        if file.is_dir():
            raise UsageError(f"cannot write {file}: there is a folder of that name")
        if not file.absolute().parent.is_dir():
            raise UsageError(f"cannot write {file}: there is no folder {file.absolute().parent}")
        if file.absolute() in [other.absolute() for other in given[:place]]:
            raise UsageError(f"two results cannot both be written to {file}")
        if file.suffix.lower() == ".xlsx" and find_spec("xlsxwriter") is None:
            raise MissingExtraError("writing a workbook", "excel")
