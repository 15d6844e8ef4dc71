"""The command line: one file a command, each imported when it is called."""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """Run the command line on the arguments of this process, and end it with its exit status."""
    from optichain.cli.process import run

    run()
