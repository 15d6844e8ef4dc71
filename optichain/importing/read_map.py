"""Reading the map, with every fault in it at once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from optichain.errors import Fault
from optichain.importing.columns import EXTRACTS
from optichain.importing.mapping import PERIODS, SECTIONS, ExtractMap, ImportMap, MapError
from optichain.instance.raw import quoted
from optichain.instance.settings import read_settings
from optichain.nearest import nearest_hint
from optichain.storage.files import MOST_WRITTEN, read_text
from optichain.storage.tomltext import BadToml, parse_toml

__all__ = ["read_map"]


def read_map(path: str | os.PathLike[str]) -> ImportMap:
    """Read and check a map.

    Raises
    ------
    MapError
        With every fault.
    """
    place = Path(path)
    try:
        raw = parse_toml(read_text(place, most=MOST_WRITTEN))
    except OSError as error:
        reason = error.strerror or error
        raise _refused([_fault(place, None, "unreadable", f"cannot be read: {reason}")]) from None
    except (BadToml, UnicodeDecodeError) as error:
        hint = "text stands in quotes, lists in brackets; save it as UTF-8"
        raise _refused(
            [_fault(place, None, "bad-toml", f"this is not TOML in UTF-8: {error}", hint)]
        ) from None
    try:
        found = ImportMap.model_validate(raw)
    except ValidationError as error:
        raise _refused([_translated(place, detail) for detail in error.errors()]) from None
    faults = [*_setting_faults(place, found), *_column_faults(place, found), *_sense_faults(place, found)]
    if faults:
        raise _refused(faults)
    return found


def _refused(faults: list[Fault]) -> MapError:
    return MapError(faults, what="The map")


def _fault(place: Path, key: str | None, code: str, message: str, hint: str | None = None) -> Fault:
    return Fault(place.name, None, None if key is None else key[:200], code, message, hint)


def _translated(place: Path, detail: Any) -> Fault:
    """Turn one pydantic error into a fault at a dotted key."""
    keys = [str(part) for part in detail["loc"]]
    if detail["type"] == "extra_forbidden":
        hint = nearest_hint(keys[-1], _known_keys(keys[:-1]))
        return _fault(place, ".".join(keys), "unknown-key", "this key is unknown", hint)
    if detail["type"] == "missing":
        return _fault(place, ".".join(keys), "missing-key", "this key is missing and has no default")
    message = str(detail["msg"])
    return _fault(
        place,
        ".".join(keys),
        "bad-value",
        f"found {quoted(detail['input'])}: {message[0].lower()}{message[1:]}",
    )


def _known_keys(section: list[str]) -> tuple[str, ...]:
    """Return the keys of a section of the map."""
    model = SECTIONS.get(section[0], ImportMap) if section else ImportMap
    return tuple(model.model_fields)


def _setting_faults(place: Path, found: ImportMap) -> list[Fault]:
    """Find settings that the instance would refuse."""
    _, faults = read_settings(found.all_settings)
    return [
        _fault(
            place,
            f"settings.{fault.setting}",
            fault.code,
            fault.message,
            nearest_hint(fault.wrong, fault.known) if fault.wrong else None,
        )
        for fault in faults
    ]


def _column_faults(place: Path, found: ImportMap) -> list[Fault]:
    """Find columns that the extract has no use for, and such as are needed and not named."""
    faults = []
    for name in EXTRACTS:
        part: ExtractMap | None = getattr(found, name)
        if part is None:
            continue
        needed, known = EXTRACTS[name]
        for column in part.columns:
            if column not in known:
                hint = nearest_hint(column, known) or f"expected one of {', '.join(known)}"
                text = f"{quoted(column)} is nothing that the extract {name} can hold"
                faults.append(_fault(place, f"{name}.columns.{column}", "unknown-key", text, hint))
        faults += [
            _fault(
                place, f"{name}.columns.{column}", "missing-key", f"expected the column of {known[column]}"
            )
            for column in needed
            if column not in part.columns
        ]
    return faults


def _sense_faults(place: Path, found: ImportMap) -> list[Fault]:
    """Find what single keys cannot show."""
    faults = []
    if found.periods_per_year is None and found.time_unit not in PERIODS:
        text = f"how many of the time unit {quoted(found.time_unit)} a year has is not known"
        faults.append(_fault(place, "periods_per_year", "missing-key", text))
    orders = found.orders
    if orders is not None and (orders.start is None or orders.end is None or orders.end < orders.start):
        text = "expected the first and the last day that the orders cover: start and end"
        faults.append(
            _fault(place, "orders.start", "missing-key", text, "a rate is a quantity over a period")
        )
    for name in EXTRACTS:
        part = getattr(found, name)
        if part is not None and part.decimal == part.thousands:
            text = f"found '{part.thousands}', which is the decimal mark too"
            faults.append(_fault(place, f"{name}.thousands", "bad-value", text))
        for word, meaning in part.status.items() if part is not None else ():
            if meaning not in ("active", "qualified", "potential"):
                text = f"found {quoted(meaning)}, expected active, qualified or potential"
                faults.append(_fault(place, f"{name}.status.{word}", "bad-value", text))
    units = found.units
    for base, others in units.items():
        for other, factor in others.items():
            if not 0.0 < factor < float("inf"):
                text = f"found {factor:g}, expected a number above 0"
                faults.append(_fault(place, f"units.{base}.{other}", "bad-value", text))
            if other in units:
                text = f"'{other}' is a unit with others of its own: give every unit by one base only"
                faults.append(_fault(place, f"units.{base}.{other}", "bad-value", text))
    return faults
