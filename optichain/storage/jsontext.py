"""JSON that others wrote, read with the reason why it cannot be."""

from __future__ import annotations

import json
import math
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from optichain.errors import Fault
from optichain.storage.files import read_text

__all__ = ["BadJson", "load_json"]

DEEPEST: Final = 64
"""Levels of lists and objects in each other; no document of ours has ten."""
_LARGEST: Final = int(sys.float_info.max)
_MOST_FAULTS: Final = 100


class BadJson(Exception):  # noqa: N818
    """A file holds no JSON that can be used; `faults` say why and where."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(faults[0].message)
        self.faults = faults


class _Twice(Exception):  # noqa: N818
    pass


def load_json(path: Path, *, hint: str) -> Any:
    """Return the value that a file holds.

    Parameters
    ----------
    path : Path
    hint : str
        What the file should be.

    Raises
    ------
    BadJson
        It cannot be read, is no JSON in UTF-8, has a key twice in one object, is nested deeper than any document, or
        has numbers that are none: NaN, infinity, or whole ones too large to reckon with.
    """

    def bad(code: str, message: str, row: int | None = None) -> BadJson:
        return BadJson(Fault(str(path), row, None, code, message, hint))

    try:
        value = json.loads(read_text(path), object_pairs_hook=_once)
    except OSError as error:
        raise bad("unreadable", f"cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise bad(
            "not-utf-8", f"is no UTF-8: byte {error.start:,} is 0x{error.object[error.start]:02x}"
        ) from None
    except json.JSONDecodeError as error:
        raise bad("bad-json", f"is no JSON: {error.msg}, line {error.lineno}", error.lineno) from None
    except RecursionError:
        raise bad("bad-json", "is nested too deeply to be read") from None
    except _Twice as error:
        raise bad("bad-json", str(error)) from None
    except ValueError:
        raise bad("bad-json", "is no JSON that can be read: a whole number has thousands of digits") from None
    if _deeper(value, DEEPEST):
        raise bad("bad-json", f"is nested more than {DEEPEST} levels deep")
    wrong = [
        Fault(str(path), None, place or None, "bad-number", f"expected a finite number, got {shown}", hint)
        for place, shown in islice(_no_numbers(value), _MOST_FAULTS)
    ]
    if wrong:
        raise BadJson(*wrong)
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object, each of whose keys stands in it once."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice, _ = Counter(key for key, _ in pairs).most_common(1)[0]
        raise _Twice(f"has the key {twice[:80]!r} twice in one object")
    return found


def _deeper(value: Any, levels: int) -> bool:
    """Tell whether lists and objects are nested deeper than so many levels."""
    layer = [value]
    for _ in range(levels):
        inside: list[Any] = []
        for node in layer:
            if isinstance(node, dict):
                inside.extend(node.values())
            elif isinstance(node, list):
                inside.extend(node)
        if not inside:
            return False
        layer = inside
    return any(isinstance(node, (dict, list)) for node in layer)


def _no_numbers(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Find what is written as a number and is none that can be reckoned with: its place and how it is shown."""
    if isinstance(value, dict):
        for key, inside in value.items():
            yield from _no_numbers(inside, f"{place}.{key[:80]}" if place else key[:80])
    elif isinstance(value, list):
        for number, inside in enumerate(value):
            yield from _no_numbers(inside, f"{place}.{number}" if place else str(number))
    elif isinstance(value, float):
        if not math.isfinite(value):
            yield place, str(value)
    elif isinstance(value, int) and abs(value) > _LARGEST:
        yield place, f"a whole number of {len(str(abs(value)))} digits"
