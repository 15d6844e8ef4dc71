"""Long searches say how far they are: gap, time gone, time left."""

import io
import math

import pytest

import optichain as oc
from optichain.cli.output import Output
from optichain.cli.searching import Pace, searching
from optichain.shipped import locate


def test_time_left_goes_on_at_the_pace_so_far():
    pace = Pace(gap=1e-3, time_limit=None)
    assert pace.text(gone=1.0) == "0:00:01"
    pace.hear({"improvement_gap": 1.0}, gone=5.0)
    assert pace.text(gone=5.0) == "0:00:05, gap 100 %, stops at 0.1 %"
    pace.hear({"improvement_gap": 0.1}, gone=15.0)  # one power of ten in ten seconds, two to go
    assert pace.text(gone=15.0).endswith("gap 10 %, stops at 0.1 %, about 0:00:20 left")
    pace.hear({"improvement_gap": 5e-4}, gone=3700.0)
    assert pace.text(gone=3700.0) == "1:01:40, gap 0.05 %, stops at 0.1 %, about 0:00:00 left"


def test_the_limit_comes_first_where_it_is_nearer():
    pace = Pace(gap=1e-6, time_limit=30.0)
    pace.hear({"improvement_gap": 0.5}, gone=1.0)
    pace.hear({"improvement_gap": 0.4}, gone=20.0)
    assert pace.text(gone=20.0).endswith("at most 0:00:10 left")
    pace.hear({"improvement_gap": None}, gone=21.0)  # no plan yet, or none known: nothing changes
    assert "gap 40 %" in pace.text(gone=21.0)


@pytest.mark.parametrize("method", ["lshaped", "portfolio"])
def test_methods_tell_their_gap_until_it_is_small_enough(method):
    heard = []
    plan = oc.reinforce(oc.load(locate("quickstart")), method=method, progress=heard.append)
    gaps = [report["improvement_gap"] for report in heard if report["improvement_gap"] is not None]
    assert gaps
    assert gaps[-1] <= 1e-4
    assert gaps[-1] == pytest.approx(plan.improvement_gap, abs=1e-6)
    assert all(math.isfinite(report["seconds"]) for report in heard)


def test_without_a_terminal_a_line_is_written_now_and_then(monkeypatch):
    from rich.console import Console

    stream = io.StringIO()
    out = Output(as_json=False, quiet=False, verbose=0)
    out.__dict__["notes"] = Console(file=stream, width=200)
    monkeypatch.setattr("optichain.cli.searching.EVERY", 0.0)
    with searching(out, "Solving", gap=1e-4, time_limit=60.0) as told:
        told({"improvement_gap": 0.25})
    assert "Solving: 0:00:00, gap 25 %, stops at 0.01 %, at most 0:01:00 left" in stream.getvalue()
    quiet = Output(as_json=False, quiet=True, verbose=0)
    quiet.__dict__["notes"] = Console(file=stream, width=200)
    before = stream.getvalue()
    with searching(quiet, "Solving", gap=1e-4, time_limit=None) as told:
        told({"improvement_gap": 0.25})
    assert stream.getvalue() == before
