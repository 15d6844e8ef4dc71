"""Files are written whole or not at all."""

from __future__ import annotations

import errno
import os
import signal
import stat
import threading
from pathlib import Path

import pytest

from optichain.errors import UsageError
from optichain.instance.carriers.write_folder import swap_in
from optichain.storage.atomic import discard_unfinished, new_beside, write_bytes, write_text


def test_a_file_that_is_replaced_keeps_its_permissions(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text("old", encoding="utf-8")
    plan.chmod(0o600)
    write_text(plan, "new")
    assert (plan.read_text(encoding="utf-8"), stat.S_IMODE(plan.stat().st_mode)) == ("new", 0o600)


def test_a_new_file_has_those_of_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_text(tmp_path / "plan.json", "new")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "plan.json").stat().st_mode) == 0o640


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "plan.json").write_text("old", encoding="utf-8")
    link = tmp_path / "plan.json"
    link.symlink_to(tmp_path / "kept" / "plan.json")
    write_text(link, "new")
    assert link.is_symlink()
    assert (tmp_path / "kept" / "plan.json").read_text(encoding="utf-8") == "new"


def test_what_is_no_file_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    heard: list[str] = []
    reader = threading.Thread(target=lambda: heard.append(pipe.read_text(encoding="utf-8")))
    reader.start()
    write_text(pipe, "through")
    reader.join(10)
    assert heard == ["through"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_read_only_file_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text("old", encoding="utf-8")
    real = os.open

    def refuse(path: Path, flags: int, *mode: int) -> int:
        """As for those who may not; root may write everywhere."""
        if path == plan and flags & os.O_WRONLY:
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, flags, *mode)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(UsageError, match=r"plan\.json: Permission denied; nothing was changed"):
        write_text(plan, "new")
    assert plan.read_text(encoding="utf-8") == "old"


def test_the_longest_name_that_the_disk_allows_can_be_written(tmp_path: Path) -> None:
    for name in ("n" * 250 + ".json", "名" * 83 + ".json"):
        write_text(tmp_path / name, "new")
        assert [p.name for p in tmp_path.iterdir()] == [name]
        (tmp_path / name).unlink()


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "make room"),
        (errno.EROFS, "write elsewhere"),
        (errno.EACCES, "you may not write there"),
    ],
)
@pytest.mark.parametrize("where", ["fsync", "replace"])
def test_what_the_disk_refuses_leaves_the_old_file_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, number: int, remedy: str
) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text("old", encoding="utf-8")

    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, where, refuse)
    with pytest.raises(UsageError, match=remedy):
        write_text(plan, "new")
    assert plan.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [plan]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("where", ["fsync", "replace", "chmod"])
def test_a_signal_waits_until_the_file_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, number: signal.Signals
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(number, interrupt)
    real = getattr(os, where)

    def signalled(*words: object) -> object:
        signal.raise_signal(number)
        return real(*words)

    plan = tmp_path / "plan.json"
    plan.write_text("old", encoding="utf-8")
    monkeypatch.setattr(os, where, signalled)
    try:
        with pytest.raises(KeyboardInterrupt):
            write_bytes(plan, b"new")
        assert signal.getsignal(number) is interrupt
    finally:
        signal.signal(number, before)
    assert plan.read_text(encoding="utf-8") == "new"
    assert list(tmp_path.iterdir()) == [plan]


def test_what_a_thread_left_behind_is_removed_at_the_end(tmp_path: Path) -> None:
    with new_beside(tmp_path / "plan.json") as temporary:
        temporary.write_text("half", encoding="utf-8")
        discard_unfinished()
        assert list(tmp_path.iterdir()) == []


# ---- folders ----

FILES = {"instance.toml": 'name = "new"\n', "items.csv": "item\nx\n"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "network"
    place.mkdir()
    (place / "instance.toml").write_text('name = "old"\n', encoding="utf-8")
    (place / "README.md").write_text("kept", encoding="utf-8")
    return place


@pytest.mark.parametrize("moment", [1, 2])
def test_a_signal_waits_until_the_folder_is_whole(
    folder: Path, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    real, calls = os.rename, iter(range(1, 9))

    def renamed(first: Path, second: Path) -> None:
        real(first, second)
        if next(calls) == moment:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(os, "rename", renamed)
    with pytest.raises(KeyboardInterrupt):
        swap_in(FILES, folder)
    assert sorted(p.name for p in folder.iterdir()) == ["README.md", "instance.toml", "items.csv"]
    assert (folder / "instance.toml").read_text(encoding="utf-8") == 'name = "new"\n'
    assert list(folder.parent.iterdir()) == [folder]


def test_a_folder_that_cannot_take_its_place_leaves_the_old_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = os.rename, iter(range(1, 9))

    def renamed(first: Path, second: Path) -> None:
        if next(calls) == 2:
            raise KeyboardInterrupt
        real(first, second)

    monkeypatch.setattr(os, "rename", renamed)
    with pytest.raises(KeyboardInterrupt):
        swap_in(FILES, folder)
    assert sorted(p.name for p in folder.iterdir()) == ["README.md", "instance.toml"]
    assert list(folder.parent.iterdir()) == [folder]


def test_the_only_copy_of_an_old_folder_is_never_removed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = os.rename, iter(range(1, 9))

    def renamed(first: Path, second: Path) -> None:
        if next(calls) > 1:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        real(first, second)

    monkeypatch.setattr(os, "rename", renamed)
    with pytest.raises(UsageError, match="cannot write the folder"):
        swap_in(FILES, folder)
    (left,) = folder.parent.iterdir()
    assert (left / "README.md").read_text(encoding="utf-8") == "kept"


def test_what_was_replaced_is_removed_while_another_run_moves_the_new_folder_away(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, elsewhere = os.rename, folder.parent / "elsewhere"

    def renamed(first: Path, second: Path) -> None:
        real(first, second)
        if second == folder:
            real(folder, elsewhere)

    monkeypatch.setattr(os, "rename", renamed)
    swap_in(FILES, folder)
    assert list(folder.parent.iterdir()) == [elsewhere]


def test_the_old_folder_comes_back_where_another_run_took_its_own_away_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other run's folder is in the way of the new one and of the old one, and gone when that is noticed."""
    real, in_the_way = os.rename, iter([True, True])

    def renamed(first: Path, second: Path) -> None:
        if second == folder and next(in_the_way, False):
            raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY))
        real(first, second)

    monkeypatch.setattr(os, "rename", renamed)
    with pytest.raises(UsageError, match="cannot write the folder"):
        swap_in(FILES, folder)
    assert list(folder.parent.iterdir()) == [folder]
    assert (folder / "README.md").read_text(encoding="utf-8") == "kept"


def test_two_runs_that_write_one_folder_leave_one_of_theirs_whole(tmp_path: Path) -> None:
    place = tmp_path / "network"
    refused: list[str] = []

    def run(name: str) -> None:
        for _ in range(20):
            try:
                swap_in({"instance.toml": f'name = "{name}"\n', "items.csv": f"item\n{name}\n"}, place)
            except UsageError as error:
                refused.append(str(error))

    threads = [threading.Thread(target=run, args=(name,)) for name in ("first", "second")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    name = (place / "items.csv").read_text(encoding="utf-8").split()[1]
    assert (place / "instance.toml").read_text(encoding="utf-8") == f'name = "{name}"\n'
    assert list(tmp_path.iterdir()) == [place]
    assert all("cannot write the folder" in text for text in refused)
