"""The root command: finds commands by name, and turns every ending into an exit status."""

from __future__ import annotations

import contextlib
import json
import keyword
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import rich_click as click

from optichain import __version__
from optichain.cli.endings import told
from optichain.errors import Fault, OptichainError, StoppedError

__all__ = ["COMMANDS", "LazyGroup", "module_of", "root"]

COMMANDS = {
    "Instances": ("check", "info", "new", "convert", "import", "workbook", "submission", "merge"),
    "Risk": ("spof", "cuts", "stress", "exposure", "reverse", "worst-case"),
    "Reinforcement": (
        "choose",
        "solve",
        "frontier",
        "evaluate",
        "baselines",
        "evidence",
        "compare",
        "verify",
        "report",
        "review",
    ),
    "Tools": ("doctor", "completion"),
}


def module_of(name: str) -> str:
    """Return the module of a command; one that Python itself has a use for ends in an underscore."""
    return name.replace("-", "_") + ("_" if keyword.iskeyword(name) else "")


class LazyGroup(click.RichGroup):
    """A group whose commands are modules of this package, imported on demand."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the order of the help."""
        return [name for names in COMMANDS.values() for name in names]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = import_module(f"optichain.cli.{module_of(cmd_name)}").command
        return command

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command; alone, end the process with the exit status that its outcome has."""
        names: dict[str, Any] = {
            "prog_name": prog_name,
            "complete_var": complete_var,
            "standalone_mode": False,
        }
        if not standalone_mode:
            return super().main(args, **names, **extra)
        words = list(sys.argv[1:] if args is None else args)
        try:
            status = super().main(words, **names, **extra)
        except click.ClickException as error:
            status = _refuse(error, words)
        except (click.Abort, KeyboardInterrupt):
            status = _fail(StoppedError("stopped by a signal before there was a result"), words)
        except BrokenPipeError:
            status = 1
        except Exception as error:
            known = told(error)
            status = _crash(error, words) if known is None else _fail(known, words)
        sys.exit(status if isinstance(status, int) else 0)


def _wants_json(words: Sequence[str]) -> bool:
    return "--json" in words


def _print_faults(faults: Sequence[Fault], **details: Any) -> None:
    document = {"errors": [fault.to_json() for fault in faults], **details}
    try:
        print(json.dumps(document, ensure_ascii=False, indent=2), flush=True)  # noqa: T201
    except OSError:  # nobody hears it there: then at least beside it
        for fault in faults:
            _say(fault.message)


def _say(text: str) -> None:
    """Say an error on standard error, if anybody hears it there."""
    with contextlib.suppress(OSError):
        click.echo(click.style("error: ", fg="red", bold=True) + text, err=True)


def _refuse(error: click.ClickException, words: Sequence[str]) -> int:
    """Say what is wrong with the call."""
    if type(error).__name__ == "NoArgsIsHelpError":
        click.echo(error.format_message(), err=True)
        return error.exit_code
    if _wants_json(words):
        _print_faults([Fault("", None, None, "usage", error.format_message())])
    else:
        error.show()
    return error.exit_code


def _fail(error: OptichainError, words: Sequence[str]) -> int:
    """Say what an error on purpose says."""
    if _wants_json(words):
        _print_faults(error.faults(), **error.details())
    else:
        _say(str(error))
    return error.exit_status


def _crash(error: Exception, words: Sequence[str]) -> int:
    """Say in one line what went wrong unforeseen; the traceback is for those who ask."""
    text = f"unexpected {type(error).__name__}: {' '.join(str(error).split())[:500]}"
    if _is_verbose(words):
        traceback.print_exception(error)
    else:
        text += " (this is a defect of optichain; --verbose shows where)"
    if _wants_json(words):
        _print_faults([Fault("", None, None, "unexpected", text)])
    else:
        _say(text)
    return 1


def _is_verbose(words: Sequence[str]) -> bool:
    return any(word == "--verbose" or (word.startswith("-v") and not word.startswith("--")) for word in words)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="PATH is a folder, a workbook or a JSON file, or the name of a shipped instance such as quickstart.",
)
@click.version_option(__version__, prog_name="optichain", message="%(prog)s %(version)s")
@click.rich_config(
    {"command_groups": {"optichain": [{"name": k, "commands": list(v)} for k, v in COMMANDS.items()]}}
)
def root() -> None:
    """Find where supply chains can be broken, and decide what to reinforce first."""
