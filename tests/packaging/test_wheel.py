"""What the wheel and the source distribution hold."""

from __future__ import annotations

import configparser
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import pytest

build = pytest.importorskip(
    "hatchling.build", reason="hatchling builds the wheel: pip install 'optichain[dev]'"
)


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    folder = tmp_path_factory.mktemp("wheel")
    with chdir(checkout):
        name = build.build_wheel(str(folder))
    with zipfile.ZipFile(folder / name) as archive:
        yield archive


@pytest.fixture(scope="module")
def sources(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("sdist")
    with chdir(checkout):
        name = build.build_sdist(str(folder))
    with tarfile.open(folder / name) as archive:
        return [member.split("/", 1)[1] for member in archive.getnames() if "/" in member]


def test_the_wheel_brings_three_packages_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    top = {name.split("/")[0] for name in wheel.namelist()}
    assert {name for name in top if not name.endswith(".dist-info")} == {
        "optichain",
        "optichain_reports",
        "optichain_solvers",
    }
    assert len(top) == 4


def test_the_wheel_registers_one_command_and_runs_nothing_by_itself(wheel: zipfile.ZipFile) -> None:
    (points,) = [name for name in wheel.namelist() if name.endswith(".dist-info/entry_points.txt")]
    found = configparser.ConfigParser()
    found.read_string(wheel.read(points).decode())
    assert set(found.sections()) == {"console_scripts", "optichain.solvers", "optichain.reports"}
    assert dict(found["console_scripts"]) == {"optichain": "optichain.cli:main"}
    targets = {value.split(".")[0] for section in found.sections() for value in found[section].values()}
    assert targets == {"optichain", "optichain_reports", "optichain_solvers"}
    endings = {Path(name).suffix for name in wheel.namelist()}
    assert endings.isdisjoint({".pth", ".so", ".dll", ".dylib", ".pyd", ".exe", ".sh", ".pkl", ".pickle"})


def test_the_wheel_brings_types_instances_and_the_licence(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    for package in ("optichain", "optichain_reports", "optichain_solvers"):
        assert f"{package}/py.typed" in names
    assert "optichain/_instances/quickstart/instance.toml" in names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    assert not [name for name in names if "__pycache__" in name]


def test_the_wheel_brings_every_file_of_the_packages(wheel: zipfile.ZipFile, checkout: Path) -> None:
    names = set(wheel.namelist())
    for root, package in (
        ("", "optichain"),
        ("solvers", "optichain_solvers"),
        ("reports", "optichain_reports"),
    ):
        base = checkout / root
        files = [f for f in (base / package).rglob("*") if f.is_file() and "__pycache__" not in f.parts]
        assert len(files) > 2
        assert [str(f) for f in files if f.relative_to(base).as_posix() not in names] == []


def test_the_sources_bring_no_environment_and_no_leftovers(sources: list[str]) -> None:
    expected = {"optichain", "solvers", "reports", "instances", "tests", "benchmarks", "docs"}
    files = {
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "LICENSE",
        "PKG-INFO",
        "README.md",
        "pyproject.toml",
        ".gitignore",
    }
    assert {name.split("/")[0] for name in sources} == expected | files
    assert not [name for name in sources if "__pycache__" in name or name.endswith(".pyc")]
