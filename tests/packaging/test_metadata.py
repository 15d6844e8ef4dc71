"""What an installation brings and registers."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import optichain
from optichain import shipped
from optichain.errors import InstanceError
from optichain.shipped import locate, shipped_instances


@pytest.fixture(scope="module")
def project(checkout: Path) -> dict:
    return tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_base_installation_is_no_larger_than_agreed(project: dict) -> None:
    names = {re.split(r"[<>=\[ ]", line)[0] for line in project["project"]["dependencies"]}
    core = {
        "click",
        "highspy",
        "jinja2",
        "networkx",
        "numpy",
        "pandas",
        "pulp",
        "pydantic",
        "rich",
        "rich-click",
        "scipy",
    }
    html_report = {"altair", "pygraphviz", "vl-convert-python"}
    assert names == core | html_report


def test_every_dependency_has_a_lower_and_an_upper_bound(project: dict) -> None:
    extras = project["project"]["optional-dependencies"]
    lines = [*project["project"]["dependencies"], *extras["excel"], *extras["reports"], *extras["cluster"]]
    assert set(extras) - {"browser", "docs", "test", "dev"} == {"excel", "reports", "cluster"}
    assert [line for line in lines if ">=" not in line or "<" not in line] == []


def test_one_version(checkout: Path) -> None:
    found = re.findall(
        r'^__version__ = "([^"]+)"', (checkout / "optichain/__init__.py").read_text("utf-8"), re.M
    )
    assert found == [optichain.__version__]


def test_entry_points_name_what_exists(project: dict) -> None:
    from importlib import import_module

    groups = project["project"]["entry-points"]
    assert set(groups["optichain.solvers"]) >= {"extensive"}
    assert set(groups["optichain.reports"]) >= {"html", "json"}
    for points in groups.values():
        for value in points.values():
            module, _, name = value.partition(":")
            assert callable(getattr(import_module(module), name))


def test_the_readme_gives_the_commands_that_the_check_runs(checkout: Path) -> None:
    text = (checkout / "README.md").read_text(encoding="utf-8")
    commands = dict(re.findall(r"<!-- command: (\w+) -->\n```bash\n(.*?)\n```", text))
    assert set(commands) == {"solve", "test"}
    assert "\n" not in "".join(commands.values())


def test_python_m_optichain(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "optichain", "--version"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=True,
    )
    assert done.stdout == f"optichain {optichain.__version__}\n"


def test_shipped_instances_are_found_in_a_checkout() -> None:
    found = shipped_instances()
    assert "quickstart" in found
    assert all((folder / "instance.toml").is_file() for folder in found.values())
    assert locate("quickstart") == found["quickstart"]


def test_an_installed_instance_comes_before_the_checkouts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site-packages" / "optichain"
    inside = package / "_instances" / "mine"
    inside.mkdir(parents=True)
    (inside / "instance.toml").touch()
    # a user's own folder of that name beside site-packages is no checkout
    (tmp_path / "site-packages" / "instances" / "theirs").mkdir(parents=True)
    (tmp_path / "site-packages" / "instances" / "theirs" / "instance.toml").touch()
    monkeypatch.setattr(shipped, "_HERE", package)
    assert shipped_instances() == {"mine": inside}


def test_a_path_comes_before_a_shipped_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "quickstart").mkdir()
    assert locate("quickstart") == Path("quickstart")


def test_a_name_that_is_nowhere(tmp_path: Path) -> None:
    with pytest.raises(InstanceError, match="no such file"):
        locate(str(tmp_path / "nowhere"))
