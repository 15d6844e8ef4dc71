"""Libraries that only some formats need."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from optichain.errors import UsageError

__all__ = ["needed"]


def needed(module: str, *, extra: str, ending: str) -> ModuleType:
    """Import a library of an extra.

    Raises
    ------
    UsageError
        It is not installed; the message names the extra that brings it.
    """
    try:
        return import_module(module)
    except ImportError:
        text = f"a report as .{ending} needs the library {module}, which is not installed"
        raise UsageError(f"{text}: pip install 'optichain[{extra}]'") from None
