"""A stranger reaches every result of a tutorial: a new environment, real processes, nothing of ours around.

The page on installing is followed first, in a clone of the last commit; then each tutorial, in an empty folder.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from documentation.pages import Reader, blocks_of

ROOT = Path(__file__).resolve().parents[2]
TUTORIALS = ROOT / "docs" / "tutorials"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the stranger's terminal finds programs, once optichain is installed as the page says."""
    place = tmp_path_factory.mktemp("stranger")
    clone = place / "optichain"
    subprocess.run(["git", "clone", "-q", "--no-hardlinks", str(ROOT), str(clone)], check=True)
    python = place / "bin"
    python.mkdir()
    (python / "python3").symlink_to(
        Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    )
    bare = f"{python}:/usr/bin:/bin"
    install, *_ = blocks_of(ROOT / "docs" / "install.md")
    assert install.mark == "install"
    status, printed = Reader(clone, path=bare).run(install.text)
    assert status == 0, printed
    return f"{clone / '.venv' / 'bin'}:{bare}"


@pytest.mark.parametrize(
    "page", [ROOT / "docs" / "install.md", TUTORIALS / "programme-office.md", TUTORIALS / "risk-team.md"]
)
def test_commands_print_what_the_page_shows(page: Path, path: str, tmp_path: Path) -> None:
    stranger = Reader(tmp_path, path=path)
    for block in blocks_of(page):
        wrong = None if block.elsewhere else stranger.follow(block)
        assert wrong is None, f"{page.name}, line {block.line}: {wrong}"


def test_a_session_of_python_shows_what_the_page_shows(path: str, tmp_path: Path) -> None:
    session = [b.text for b in blocks_of(TUTORIALS / "analyst.md") if b.language == "pycon"]
    assert len(session) > 5
    script = tmp_path / "session.txt"
    script.write_text("\n".join(session), encoding="utf-8")
    done = subprocess.run(
        ["python", "-m", "doctest", "-o", "NORMALIZE_WHITESPACE", script.name],
        cwd=tmp_path,
        env={"PATH": path, "HOME": os.environ.get("HOME", "/")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
