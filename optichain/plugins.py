"""What this and other distributions register: methods and report formats, behind entry points."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any, Final

from optichain.errors import OptichainError

__all__ = ["FORMATS", "METHODS", "make_plugin", "plugin_names"]

METHODS: Final = "optichain.solvers"
FORMATS: Final = "optichain.reports"


def plugin_names(group: str) -> list[str]:
    """Return what is registered in a group of entry points."""
    return sorted({point.name for point in entry_points(group=group)})


def make_plugin(group: str, name: str, failure: Callable[[str], OptichainError]) -> Any:
    """Return a new one of what is registered under a name; ``None`` where nothing is.

    Parameters
    ----------
    group, name : str
    failure : callable
        Makes the error of a plugin that cannot be loaded from what is to be said of it.

    Raises
    ------
    OptichainError
        That error; or the plugin's own, which tells what it lacks.
    """
    for point in entry_points(group=group):
        if point.name == name:
            try:
                return point.load()()
            except OptichainError:
                raise
            except Exception as error:
                told = f"({point.value}) cannot be loaded: {type(error).__name__}: {error}"
                raise failure(told) from error
    return None
