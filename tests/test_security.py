"""What an instance, a plan, a template or a report may not do."""

from __future__ import annotations

import itertools
import json
import os
import pickle
import re
import shutil
import subprocess
import sys
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import click
import numpy as np
import pandas as pd
import pytest

import optichain as oc
from fuzzing.extracts import make_small_extracts
from optichain.cli.root import root
from optichain.errors import InstanceError, OptichainError, UsageError
from optichain.instance.schema import TABLES
from optichain.submission.prefill import prefill
from optichain.submission.write_form import write_form
from optichain_reports.housestyle import HouseStyle
from optichain_solvers.lshaped.checkpoint import read_checkpoint

WATCHED = '''
import json, sys
tried = []

def watch(event, given):
    """Whatever Python code does with a network, or to start a program, comes by here."""
    if event.startswith(("socket.", "urllib.", "http.", "ftplib.", "smtplib.")) and event != "socket.__new__":
        tried.append(f"{event} {given[1:]}")
    if event in ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn"):
        tried.append(f"{event} {given[:2]}")

sys.addaudithook(watch)
from optichain.cli.root import root
for words in json.loads(sys.argv[1]):
    try:
        root.main(words, prog_name="optichain")
    except SystemExit as ending:
        if ending.code not in (0, 5):
            print("FAILED", ending.code, words, file=sys.stderr)
if tried:
    print("TRIED", *tried, sep="\\n", file=sys.stderr)
'''

COMMANDS = [
    ["check", "quickstart"],
    ["info", "quickstart"],
    ["new", "fresh"],
    ["new", "fresh.xlsx"],
    ["convert", "quickstart", "case.json"],
    ["convert", "quickstart", "case.xlsx"],
    ["workbook", "form.xlsx"],
    ["merge", "quickstart", "-o", "merged"],
    ["spof", "quickstart"],
    ["cuts", "quickstart"],
    ["stress", "quickstart"],
    ["exposure", "quickstart", "--ask", "ask.csv"],
    ["reverse", "quickstart", "--level", "0.5"],
    ["worst-case", "quickstart", "-k", "1"],
    ["solve", "quickstart", "-o", "plan.json"],
    ["frontier", "quickstart", "--budgets", "0:8:2"],
    ["evaluate", "quickstart", "--choose", "choose.csv"],
    ["baselines", "quickstart"],
    ["evidence", "quickstart", "plan.json", "-o", "plan.json"],
    ["compare", "plan.json", "plan.json", "-o", "compare.html"],
    ["verify", "quickstart", "plan.json"],
    ["report", "quickstart", "plan.json", "-o", "report.html"],
    ["report", "quickstart", "plan.json", "-o", "report.docx"],
    ["report", "quickstart", "plan.json", "-o", "report.xlsx"],
    ["report", "quickstart", "plan.json", "-o", "report.json"],
    ["review", "quickstart", "plan.json", "happened", "-o", "review.html"],
    ["workbook", "prefilled.xlsx", "--from", "quickstart", "--chain", "pumps"],
    ["submission", "filled.xlsx", "-o", "submitted"],
    ["choose", "candidates.csv", "--number", "10", "-o", "chosen.json"],
    ["import", "--map", "raw/map.toml", "--bom", "raw/bom.csv", "--suppliers", "raw/suppliers.csv", "--orders",
     "raw/orders.csv", "--stock", "raw/stock.xlsx", "--demand", "raw/demand.csv", "-o", "imported"],
    ["completion", "bash"],
    ["completion", "zsh"],
    ["completion", "fish"],
    ["doctor"],
]  # fmt: skip
"""All commands."""


def test_all_commands_are_watched() -> None:
    assert {words[0] for words in COMMANDS} == set(root.list_commands(click.Context(root)))


def _watched(folder: Path, before: list[str], instances: Path) -> subprocess.CompletedProcess[str]:
    """Run all commands in one process, which says what it tried."""
    (folder / "choose.csv").write_text("chain,measure,units,start_year\n", encoding="utf-8")
    shutil.copy(instances / "guangdong-100-candidates.csv", folder / "candidates.csv")
    (folder / "happened").mkdir()
    happening = "happening,date,event\nflood,2027-05-14,site:foundry-a\n"
    (folder / "happened" / "happenings.csv").write_text(happening, encoding="utf-8")
    head, rows, _ = prefill(oc.load(instances / "quickstart"), "pumps")
    write_form(folder / "filled.xlsx", chain={**head, "submitted_by": "Nanhai Pump"}, rows=rows)
    (folder / "raw").mkdir()
    for name, content in make_small_extracts().items():
        (folder / "raw" / name).write_bytes(content)
    words = [*before, sys.executable, "-c", WATCHED, json.dumps(COMMANDS)]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=570, check=False)


@pytest.mark.slow
def test_no_command_uses_the_network_or_starts_a_program(tmp_path: Path, checkout: Path) -> None:
    for extra in ("xlsxwriter", "docx", "python_calamine"):
        pytest.importorskip(extra, reason="needs pip install 'optichain[excel,reports]'")
    done = _watched(tmp_path, [], checkout / "instances")
    assert done.returncode == 0, done.stderr
    assert "FAILED" not in done.stderr
    assert "TRIED" not in done.stderr, done.stderr[done.stderr.index("TRIED") :]
    assert (tmp_path / "report.html").stat().st_size > 50_000
    for name in ("submitted", "imported", "chosen.json", "review.html"):
        assert (tmp_path / name).exists()


@pytest.mark.slow
def test_no_compiled_library_does_either(tmp_path: Path, checkout: Path) -> None:
    """The charts are drawn and the programmes solved in compiled code, past Python: the kernel is asked."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("there is no strace here")
    log = tmp_path / "calls"
    call = [strace, "-f", "-qq", "-o", str(log), "-e", "trace=connect,bind,sendto,sendmsg,execve"]
    if subprocess.run([*call, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine lets no process be traced")
    done = _watched(tmp_path, call, checkout / "instances")
    assert "FAILED" not in done.stderr
    calls = log.read_text(encoding="utf-8", errors="replace").splitlines()
    assert len([line for line in calls if "execve(" in line]) == 1
    assert [line for line in calls if re.search(r"AF_INET6?\b", line)] == []


# ---- nothing runs ----


class _Trap:
    """Runs code where it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return (os.mkdir, (str(self.mark),))


def test_a_checkpoint_runs_nothing(tmp_path: Path) -> None:
    mark, trap = tmp_path / "mark", np.array([_Trap(tmp_path / "mark")], dtype=object)
    plain, packed = tmp_path / "plain.npz", tmp_path / "packed.npz"
    plain.write_bytes(pickle.dumps(_Trap(mark)))
    np.savez(packed, format=np.array(1), digest=np.array("x"), plan=trap, numbers=trap, allow_pickle=True)
    for path in (plain, packed):
        with pytest.raises(UsageError, match="is no checkpoint"):
            read_checkpoint(path, "x")
    assert not mark.exists()


HOSTILE = [
    "{mark}",
    "__import__('os').mkdir('{mark}')",
    "=cmd|'/c mkdir {mark}'!A1",
    "$(mkdir {mark})",
    "`mkdir {mark}`",
    "; mkdir {mark} #",
    "{{{{ cycler.__init__.__globals__.os.mkdir('{mark}') }}}}",
    "{{% import os %}}",
    "!!python/object/apply:os.mkdir ['{mark}']",
    "../../{mark}",
    "{mark}/../x",
]


def test_names_of_an_instance_run_nothing_and_name_no_place(tmp_path: Path, checkout: Path) -> None:
    mark, work = tmp_path / "mark", tmp_path / "work"
    work.mkdir()
    texts = itertools.cycle(text.format(mark=mark) for text in HOSTILE)
    known = oc.load(checkout / "instances" / "quickstart")
    tables = {
        name: known[name].assign(title=list(itertools.islice(texts, len(known[name]))))
        for name in ("chains", "items", "sites", "measures")
    }
    tables["measures"]["note"] = list(itertools.islice(texts, len(tables["measures"])))
    instance = known.replace(**tables)
    plan = oc.evaluate(instance, pd.DataFrame(columns=["chain", "measure", "units", "start_year"]))
    for name in ("report.html", "report.json"):
        oc.write_report(instance, plan, work / name)
    oc.write(instance, work / "copy")
    oc.write(instance, work / "copy.json")
    assert oc.load(work / "copy").digest == oc.load(work / "copy.json").digest == instance.digest
    made = ["copy", "copy.json", "report.html", "report.json"]
    assert sorted(p.name for p in work.iterdir()) == made
    assert sorted(p.name for p in tmp_path.iterdir()) == ["work"]


@pytest.mark.parametrize(
    "word", ["eval", "exec", "compile", "os.system", "shell=True", "yaml", "marshal", "shelve"]
)
def test_our_code_has_no_such_word(checkout: Path, word: str) -> None:
    pattern = re.compile(
        rf"(?<![\w.]){re.escape(word)}"
        + (r"\(" if word.isalpha() and word in ("eval", "exec", "compile") else "")
    )
    files = [p for root in ("optichain", "solvers", "reports") for p in (checkout / root).rglob("*.py")]
    assert len(files) > 300
    assert [str(p) for p in files if pattern.search(p.read_text(encoding="utf-8"))] == []


# ---- nothing leads out ----


@pytest.mark.parametrize("name", ["items.csv", "instance.toml", "sites.csv"])
def test_an_instance_reads_nothing_outside_its_folder(tmp_path: Path, checkout: Path, name: str) -> None:
    place = tmp_path / "case"
    shutil.copytree(checkout / "instances" / "quickstart", place)
    secret = tmp_path / "secret"
    shutil.move(place / name, secret)
    (place / name).symlink_to(secret)
    with pytest.raises(InstanceError) as caught:
        oc.load(place)
    (fault,) = [f for f in caught.value.faults() if f.file == name]
    assert "it leads out of the folder" in fault.message
    # within the folder a link may lead where it likes
    shutil.move(secret, place / "kept")
    (place / name).unlink()
    (place / name).symlink_to("kept")
    assert oc.load(place)


@pytest.mark.parametrize("name", ["style.css", "_letter.html", "document.docx"])
def test_a_house_style_takes_no_file_of_this_machine_along(tmp_path: Path, name: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text("private", encoding="utf-8")
    house = tmp_path / "house"
    house.mkdir()
    (house / name).symlink_to(secret)
    with pytest.raises(UsageError, match="leads out of the house style"):
        HouseStyle(house)


def test_a_template_includes_nothing_by_way_of_a_linked_folder(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "_secret.html").write_text("private", encoding="utf-8")
    house = tmp_path / "house"
    house.mkdir()
    (house / "sections").mkdir()
    (house / "linked").symlink_to(outside)
    (house / "sections" / "answer.html").write_text('{% include "linked/_secret.html" %}', encoding="utf-8")
    try:
        made = HouseStyle(house).environment()
    except OptichainError:
        return
    with pytest.raises(Exception, match="_secret"):
        made.get_template("linked/_secret.html")


# ---- nothing that is read is more than text where it is shown ----

NASTY = (
    "<script>parent.x=1</script>", "<img src=x onerror=x()>", "\"><svg onload=x()>", "' onmouseover='x()", "javascript:x()",
    "</title></style><script>x()</script>", "=HYPERLINK(\"http://x\",\"y\")", "+1+cmd|' /c calc'!A1", "@SUM(1)", "-2+3",
    "http://192.0.2.1/x", "file:///etc/passwd", "{{ 7 * 7 }}", "{% raw %}", "&lt;b&gt;", "]]>", "<!--", "<w:fldSimple/>",
    "泵<script>x()</script>阀", "=1+1泵",
)  # fmt: skip


def _nasty(instance: oc.Instance) -> oc.Instance:
    """Put something nasty into every cell of text that is no name, and into the enterprises."""
    texts = itertools.cycle(NASTY)
    tables = {}
    for name, frame in instance.frames.items():
        columns = [
            c.name
            for c in TABLES[name].columns
            if c.type == "text" and not c.references and c.name not in _NAMES
        ]
        changed = {c: [next(texts) for _ in range(len(frame))] for c in columns}
        tables[name] = frame.assign(**changed, x_more=[next(texts) for _ in range(len(frame))])
    return instance.replace(**tables)


_NAMES = {"target", "element", "cluster"}
"""Texts that say which row of another table is meant."""

SHOWN = {
    "html": [
        rb"<script",
        rb"<svg\b",
        rb"<img",
        rb"<iframe",
        rb"\son\w+\s*=",
        rb"(?:href|src)\s*=\s*.https?:",
    ],
    "docx": [rb"<w:instrText", rb"<w:fldSimple", rb"<w:hyperlink", rb'TargetMode="External"'],
    "xlsx": [rb"<f[ >]", rb"<hyperlink", rb'TargetMode="External"', rb"externalLink"],
}
"""What leads elsewhere or is worked out, in archives."""


class _Active(HTMLParser):
    """Collects what acts in a page, or leads out of it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "iframe", "object", "embed", "base", "form", "link"):
            self.found.append(tag)
        for name, value in attrs:
            led = (
                re.match(r"\s*[a-z]+:", value or "", re.IGNORECASE)
                if name in ("href", "src", "action")
                else None
            )
            if name.startswith("on") or (led and not (value or "").startswith("data:image/")):
                self.found.append(f"{tag} {name}={value}")


def _active(file: Path) -> list[str]:
    """Return what acts in a report."""
    if file.suffix == ".html":
        page = _Active()
        page.feed(file.read_text(encoding="utf-8"))
        return page.found
    with zipfile.ZipFile(file) as archive:
        content = b"\n".join(archive.read(name) for name in sorted(archive.namelist()))
    return [found.decode() for pattern in SHOWN[file.suffix[1:]] for found in re.findall(pattern, content)]


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("kind", ["html", *SHOWN])
def test_every_text_of_an_instance_is_text_in_a_report(
    tmp_path: Path, checkout: Path, kind: str, language: str
) -> None:
    plain = oc.load(checkout / "tests" / "data" / "good" / "full")
    acting = []
    for name, instance in (("plain", plain), ("<b onclick=x()>泵", _nasty(plain))):
        (tmp_path / name).mkdir()
        plan = oc.gather_evidence(instance, oc.reinforce(instance))
        file = tmp_path / name / f"report.{kind}"
        oc.write_report(instance, plan, file, language=language)
        acting.append(_active(file))
    assert acting[1] == acting[0]
    assert set(acting[0]) <= {"script"}


@pytest.mark.slow
def test_every_text_of_an_instance_is_text_in_a_workbook(tmp_path: Path, checkout: Path) -> None:
    instance = _nasty(oc.load(checkout / "tests" / "data" / "good" / "full"))
    oc.write(instance, tmp_path / "instance.xlsx")
    assert oc.load(tmp_path / "instance.xlsx").digest == instance.digest
    oc.export(oc.resilience(instance), tmp_path / "result.xlsx")
    for name in ("instance", "result"):
        assert _active(tmp_path / f"{name}.xlsx") == []
