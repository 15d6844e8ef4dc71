"""``optichain doctor``: what is installed here, and whether it works together."""

from __future__ import annotations

import platform
import re
from importlib.metadata import PackageNotFoundError, entry_points, requires, version
from typing import TYPE_CHECKING, Any

import rich_click as click

from optichain import __version__
from optichain.cli.options import print_options
from optichain.cli.output import Output
from optichain.cli.tables import facts, some, table
from optichain.plugins import FORMATS, METHODS

if TYPE_CHECKING:
    from rich.console import Console

TOOLS = ("dev", "docs", "test")


@click.command("doctor")
@print_options
def command(out: Output) -> int:
    """List versions, optional parts, solvers, methods, reports and shipped instances."""
    with out.working("Looking around"):
        found = _examine()
    out.finish(found, lambda console: _show(console, found))
    return 0 if found["ok"] else 1


def _examine() -> dict[str, Any]:
    from optichain.shipped import shipped_instances

    base, extras = _requirements()
    plugins = {group: _plugins(group) for group in (METHODS, FORMATS)}
    problems = [f"{row['package']} is not installed" for row in base if row["installed"] is None]
    for group, rows in plugins.items():
        problems += [
            f"{group}: {row['name']} cannot be loaded: {row['problem']}" for row in rows if row["problem"]
        ]
        if not rows:
            problems.append(f"{group}: nothing is registered; install optichain with pip")
    shipped = shipped_instances()
    if not shipped:
        problems.append("no shipped instances were found")
    return {
        "ok": not problems,
        "problems": problems,
        "optichain": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "highs": _highs_version(),
        "dependencies": base,
        "extras": extras,
        "solvers": _pulp_solvers(),
        "methods": plugins[METHODS],
        "reports": plugins[FORMATS],
        "instances": list(shipped),
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _requirements() -> tuple[list[dict[str, Any]], dict[str, list[dict[str, Any]]]]:
    """Return the dependencies of the base, and of each extra that users need."""
    base: list[dict[str, Any]] = []
    extras: dict[str, list[dict[str, Any]]] = {}
    try:
        declared = requires("optichain") or []
    except PackageNotFoundError:
        declared = []
    for line in declared:
        match = re.match(r"([A-Za-z0-9._-]+)(\[[^\]]*\])?\s*([^;]*)", line)
        if match is None or match[1].lower() == "optichain":
            continue
        row = {"package": match[1], "required": match[3].strip(), "installed": _version(match[1])}
        extra = re.search(r"extra\s*==\s*['\"]([^'\"]+)", line)
        if extra is None:
            base.append(row)
        elif extra[1] not in TOOLS:
            extras.setdefault(extra[1], []).append(row)
    return sorted(base, key=lambda row: str(row["package"])), dict(sorted(extras.items()))


def _plugins(group: str) -> list[dict[str, Any]]:
    """Return what is registered in a group of entry points, and whether each can be loaded."""
    rows = []
    for point in sorted(entry_points(group=group), key=lambda p: p.name):
        problem = None
        try:
            point.load()
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
        rows.append({"name": point.name, "from": point.value, "problem": problem})
    return rows


def _pulp_solvers() -> list[str]:
    import pulp

    return sorted(pulp.listSolvers(onlyAvailable=True))


def _highs_version() -> str | None:
    try:
        import highspy
    except ImportError:
        return None
    engine: Any = highspy.Highs
    return str(engine().version())


def _show(console: Console, found: dict[str, Any]) -> None:
    complete = [name for name, rows in found["extras"].items() if all(row["installed"] for row in rows)]
    absent = [name for name in found["extras"] if name not in complete]
    facts(
        console,
        [
            ("optichain", found["optichain"]),
            ("Python", f"{found['python']} on {found['system']}"),
            ("HiGHS", some(found["highs"])),
            ("solvers", ", ".join(found["solvers"]) or "none"),
            ("methods", ", ".join(row["name"] for row in found["methods"]) or "none"),
            ("reports", ", ".join(row["name"] for row in found["reports"]) or "none"),
            (
                "extras",
                ", ".join(complete) or "none" + (f"; not installed: {', '.join(absent)}" if absent else ""),
            ),
            ("instances", ", ".join(found["instances"]) or "none"),
        ],
    )
    rows = [[row["package"], some(row["installed"]), row["required"]] for row in found["dependencies"]]
    for name, listed in found["extras"].items():
        rows += [[f"{row['package']} ({name})", some(row["installed"]), row["required"]] for row in listed]
    console.print(table(None, ["package", ">installed", ">required"], rows))
    for problem in found["problems"]:
        console.print(f"[bold red]problem[/]: {problem}")
    if found["ok"]:
        console.print("[bold green]all is well[/]")
