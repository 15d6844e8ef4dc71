"""Instances that are shipped with the package, found by name.

An installed package has them beside its modules; an editable install reads those of its checkout.
"""

from __future__ import annotations

from pathlib import Path

from optichain.errors import Fault, InstanceError
from optichain.nearest import nearest_hint

__all__ = ["locate", "shipped_instances"]

_HERE = Path(__file__).resolve().parent


def _folders() -> list[Path]:
    """Return the folders that hold shipped instances, the installed one first."""
    checkout = _HERE.parent
    candidates = [_HERE / "_instances"]
    if (checkout / "pyproject.toml").is_file():
        candidates.append(checkout / "instances")
    return [folder for folder in candidates if folder.is_dir()]


def shipped_instances() -> dict[str, Path]:
    """Return the shipped instances: folder by name, in the order of their names."""
    found: dict[str, Path] = {}
    for folder in _folders():
        for place in folder.iterdir():
            if (place / "instance.toml").is_file():
                found.setdefault(place.name, place)
    return dict(sorted(found.items()))


def locate(path: str) -> Path:
    """Return where an instance is: a path that exists, or else a shipped instance of that name.

    Raises
    ------
    InstanceError
        There is neither; the fault names the shipped instances, the nearest first.
    """
    place = Path(path)
    if place.exists():
        return place
    shipped = shipped_instances()
    if path in shipped:
        return shipped[path]
    hint = nearest_hint(path, shipped)
    if hint is None and shipped:
        hint = f"shipped instances: {', '.join(shipped)}"
    message = "there is no such file or folder, and no shipped instance of that name"
    raise InstanceError([Fault(path, None, None, "missing-file", message, hint)])
