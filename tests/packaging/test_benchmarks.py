"""Benchmarks run on the engine as it is: a small network, our answer against the rival's."""

from pathlib import Path

import pytest

from benchmarks.instances import Shape, items_for_nodes, make_tables, write_folder
from benchmarks.measure import in_a_process


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    place = tmp_path_factory.mktemp("network")
    write_folder(make_tables(Shape(items=items_for_nodes(1_000), products=3), seed=1), place)
    return str(place)


def test_cut_sets(folder: str, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(checkout)
    ours, rival = (in_a_process("benchmarks.cuts", folder, "site", 2, who) for who in ("ours", "rival"))
    assert ours["sets"] == rival["sets"] > 0


def test_single_points_of_failure(folder: str, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(checkout)
    ours = in_a_process("benchmarks.spof", folder, "ours")
    assert ours["rows"] > 0
