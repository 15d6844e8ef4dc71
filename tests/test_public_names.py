"""The public names: each is found, known to type checkers, and called by a test."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

import optichain as oc
import small

HERE = Path(__file__).parent


@pytest.mark.parametrize("name", oc.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    assert inspect.getdoc(getattr(oc, name))
    assert name in dir(oc)


def test_type_checkers_know_every_public_name() -> None:
    """What is imported when it is first used would have no type without an import that only type checkers see."""
    (seen,) = (
        node
        for node in ast.parse(inspect.getsource(oc)).body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    imported = {alias.name for node in seen.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert imported == set(oc.__all__)


def test_a_name_that_is_not_public_is_told() -> None:
    with pytest.raises(AttributeError, match="no attribute 'solve_it'"):
        oc.solve_it  # noqa: B018


def test_every_public_function_is_called_by_a_test_and_every_other_name_used() -> None:
    used: set[str] = set()
    called: set[str] = set()
    for file in HERE.rglob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            used |= _public_of(node)
            called |= _public_of(node.func) if isinstance(node, ast.Call) else set()
    functions = {name for name in oc.__all__ if inspect.isfunction(getattr(oc, name))}
    assert len(functions) >= 40
    assert functions - called == set()
    assert set(oc.__all__) - used == set()


def _public_of(node: ast.AST) -> set[str]:
    """Return the public names that a piece of a program takes from the package, itself rather than in its parts."""
    if isinstance(node, ast.ImportFrom) and node.module == "optichain":
        return {alias.name for alias in node.names}
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return {node.attr} if node.value.id in ("oc", "optichain") else set()
    return set()


def test_describe_counts_what_an_instance_holds() -> None:
    found = oc.describe(oc.load("quickstart"))
    tables = {file.stem: len(file.read_text("utf-8").splitlines()) - 1 for file in _tables("quickstart")}
    assert {name: count for name, count in found["tables"].items() if count} == tables


@pytest.mark.parametrize(
    ("bom", "cycles", "links", "tiers"),
    [
        ([("pump", "coal"), ("coal", "steel")], 0, 2, 3),
        ([("pump", "coal"), ("coal", "power"), ("power", "coal")], 1, 3, 3),
        ([("pump", "coal"), ("coal", "coal")], 1, 1, 2),
        (
            [("pump", "coal"), ("coal", "coal"), ("pump", "power"), ("power", "steel"), ("steel", "power")],
            2,
            4,
            3,
        ),
    ],
)
def test_describe_counts_cycles_links_and_tiers(
    bom: list[tuple[str, str]], cycles: int, links: int, tiers: int
) -> None:
    instance = small.instance(
        sources=[
            {"site": "works", "item": item, "capacity": 9}
            for item in dict.fromkeys(name for row in bom for name in row)
        ],
        bom=[{"item": item, "input": part, "quantity": 0.1} for item, part in bom],
        demands=[{"item": "pump", "rate": 2, "value": 3}],
    )
    found = oc.describe(instance)
    assert (found["cycles"], found["links"], found["tiers"]) == (cycles, links, tiers)
    # 2 a week at 3 for ten weeks
    assert found["demand_value"] == pytest.approx(60.0)


def _tables(name: str) -> list[Path]:
    return sorted((HERE.parent / "instances" / name).glob("*.csv"))
