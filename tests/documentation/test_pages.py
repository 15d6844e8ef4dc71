"""Every code block of the documentation runs, and prints what the page shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import optichain as oc
from documentation.extracts import lay_out
from documentation.pages import Block, Reader, blocks_of, matches

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "instances").glob("*/README.md")),
    *sorted(p for p in (ROOT / "docs").rglob("*.md") if "_ext" not in p.parts and "build" not in p.parts),
]
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]


def follow(page: Path, folder: Path, *, slow: bool) -> None:
    """Follow a page to its end; without its slow blocks, up to the first of them and past those that need none."""
    reader = Reader(folder)
    if page.name == "importing.md":
        lay_out(page, folder)
    for block in blocks_of(page):
        if block.elsewhere or (block.mark.startswith("slow") and not slow):
            continue
        wrong = reader.follow(block)
        assert wrong is None, f"{page.name}, line {block.line}: {wrong}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A fresh folder, in which the shipped instances stand where a clone has them."""
    fresh = tmp_path / "reader"
    fresh.mkdir()
    (fresh / "instances").symlink_to(ROOT / "instances")
    return fresh


@pytest.mark.parametrize("name", NAMES)
def test_the_blocks_of_a_page_run(name: str, folder: Path) -> None:
    follow(ROOT / name, folder, slow=False)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [n for n, p in zip(NAMES, PAGES, strict=True) if any(b.mark.startswith("slow") for b in blocks_of(p))],
)
def test_the_slow_blocks_of_a_page_run(name: str, folder: Path) -> None:
    follow(ROOT / name, folder, slow=True)


def test_what_no_test_runs_is_run_elsewhere() -> None:
    """The README's commands by the check of the repository, the installation below, the generator by its own test."""
    left = [(p.name, b.mark) for p in PAGES for b in blocks_of(p) if b.elsewhere]
    assert sorted(left) == [
        ("README.md", "command: generate"),
        ("README.md", "command: solve"),
        ("README.md", "command: test"),
        ("install.md", "install"),
    ]


def test_the_reference_has_every_public_name() -> None:
    page = (ROOT / "docs" / "reference" / "api.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\.\. auto(?:function|class):: (\w+)$", page, re.M))
    in_errors = {name for name in oc.__all__ if name.endswith("Error")}
    assert documented == set(oc.__all__) - in_errors


def test_a_wrong_number_is_found(tmp_path: Path) -> None:
    told = "ACC 81.3 %\nloss 27.10\nSPOFs 26"
    assert matches(["ACC  81.3 %", "...", "SPOFs 26"], told)
    assert not matches(["ACC 81.4 %", "..."], told)
    assert not matches(["ACC 81.3 %"], told)
    reader = Reader(tmp_path)
    assert reader.follow(Block("console", "$ echo 27.10\n27.1\n", 1, "")) is not None
    assert reader.follow(Block("console", "$ echo 27.10\n27.10\n", 1, "")) is None
    assert reader.follow(Block("pycon", ">>> 1 / 8\n0.126\n", 1, "")) is not None
    assert reader.follow(Block("console", "$ false\n", 1, "exit: 1")) is None
