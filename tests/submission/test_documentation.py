"""The page about submissions, followed step by step."""

import re
import shlex

import openpyxl
import pytest
from click.testing import CliRunner

import optichain as oc
from optichain.cli.root import root
from optichain.submission.form import CHAIN, FORM


def test_the_page_followed_literally(checkout, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = (checkout / "docs" / "submissions.md").read_text(encoding="utf-8")
    steps = dict(re.findall(r"<!-- step: (\w+) -->\n```bash\n(.*?)```", page, re.DOTALL))
    assert list(steps) == ["ask", "read", "merge"]
    for name, lines in steps.items():
        for line in lines.splitlines():
            _, *words = shlex.split(line)
            done = CliRunner().invoke(root, words, prog_name="optichain")
            assert done.exit_code == 0, (line, done.output)
        if name == "ask":  # the chain owner fills in who answers for it
            for place in tmp_path.glob("*.xlsx"):
                book = openpyxl.load_workbook(place)
                book[CHAIN.title]["C9"] = f"office of {place.stem}"
                book.save(place)
    merged = oc.load("network")
    assert set(merged["sources"]["submitted_by"]) == {"office of pumps", "office of valves"}
    whole = oc.load(checkout / "instances" / "quickstart")
    assert oc.resilience(merged).acc == pytest.approx(oc.resilience(whole).acc)
    assert (tmp_path / "network.decisions.csv").is_file()


def test_the_page_names_every_sheet(checkout):
    page = (checkout / "docs" / "submissions.md").read_text(encoding="utf-8")
    for form in (CHAIN, *FORM.values()):
        assert f"| {form.title} |" in page
