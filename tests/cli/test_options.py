"""What each option changes, against the arithmetic of the pump maker; and that no option goes untested.

Options that hold for every command (``--json``, ``-q``, ``-v``) are tried on all of them in
`test_asked_to_be_quiet_every_command_prints_one_json_object_and_nothing_else`.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import Result

from documentation.pages import blocks_of
from optichain.cli.root import COMMANDS, module_of

Call = Callable[..., Result]
NAMES = [name for names in COMMANDS.values() for name in names]
OF_ALL = {"as_json", "language", "quiet", "verbose"}


def answer(result: Result, status: int = 0) -> dict:
    assert result.exit_code == status, result.output
    return json.loads(result.stdout)


def bought(plan: dict) -> set[str]:
    return {m["measure"] for p in plan["policies"] for m in p["measures"]}


def without_provenance(result: Result) -> dict:
    document = answer(result)
    document.pop("provenance", None)
    return document


@pytest.fixture
def second(call: Call, pump: Path, tmp_path: Path) -> Path:
    """The best plan, which qualifies the second foundry."""
    assert call("solve", pump, "-o", tmp_path / "second.json").exit_code == 0
    return tmp_path / "second.json"


@pytest.fixture
def stock(tmp_path: Path) -> Path:
    """A list of measures: the stock alone."""
    (tmp_path / "mine.csv").write_text("measure,start_year\nstock,2026\n", encoding="utf-8")
    return tmp_path / "mine.csv"


def test_spof_counts_what_is_qualified_or_only_what_is_in_use(call: Call, pump: Path, second: Path) -> None:
    words = ("spof", pump, "--plan", second, "--kind", "site", "--json")
    assert [row["element"] for row in answer(call(*words))["spofs"]] == ["A"]
    in_use = answer(call(*words, "--status", "active"))["spofs"]
    # the first foundry costs the two weeks that the second needs; the second is not in use
    assert {row["element"]: row["lost"] for row in in_use} == pytest.approx({"A": 100.0, "F1": 40.0})


@pytest.mark.parametrize("most", [0, 1])
def test_spof_measures_as_many_losses_as_asked_for(call: Call, pump: Path, most: int) -> None:
    found = answer(call("spof", pump, "--losses", most, "--json"))
    # six elements: both sites, both sources, both items
    assert found["measured"] == {"elements": most, "of": 6}
    assert sum(row["lost"] is not None for row in found["spofs"]) == most


def test_cuts_count_what_is_qualified_or_only_what_is_in_use(call: Call, pump: Path, second: Path) -> None:
    words = ("cuts", pump, "--plan", second, "--kind", "site", "--json")

    def sets(result: Result) -> list[list[str]]:
        return [[member["element"] for member in row["elements"]] for row in answer(result)["cut_sets"]]

    assert sets(call(*words)) == [["A"], ["F1", "F2"]]
    assert sets(call(*words, "--status", "active")) == [["A"], ["F1"]]


def test_searches_stop_at_their_time_limit_and_say_what_is_proven(call: Call, pump: Path) -> None:
    cuts = answer(call("cuts", pump, "--time-limit", 0, "--json"), status=5)
    assert (cuts["cut_sets"], cuts["complete"], cuts["proven_order"]) == ([], False, 0)
    worst = answer(call("worst-case", pump, "-k", 1, "--time-limit", 0, "--json"), status=5)
    assert worst["bound"] <= 0.5 <= worst["continuity"]
    assert answer(call("worst-case", pump, "-k", 1, "--time-limit", 60, "--json"))["bound"] == 0.5


def test_the_level_of_the_cvar(call: Call, pump: Path) -> None:
    # three events as likely as one another: 0.5, 0.5 and 1
    for alpha, cvar in ((0.0, 2 / 3), (0.5, 0.5), (0.95, 0.5)):
        assert answer(call("stress", pump, "--alpha", alpha, "--json"))["cvar"] == pytest.approx(cvar)
    for alpha, value in ((0.0, (0.5 + 0.8 + 1.0) / 3), (0.5, 0.5 / 1.5 + 0.8 * 0.5 / 1.5)):
        found = answer(call("solve", pump, "--objective", "cvar", "--alpha", alpha, "--json"))
        assert found["objective"] == pytest.approx(value)


def test_exposure_with_a_plan_in_one_process_or_two(call: Call, pump: Path, second: Path) -> None:
    def lost(*words: object) -> float:
        rows = answer(call("exposure", pump, "--kind", "site", *words, "--json"))["elements"]
        return next(row["lost"] for row in rows if row["element"] == "F1")

    assert (lost(), lost("--plan", second)) == (pytest.approx(100.0), pytest.approx(40.0))
    assert lost("--plan", second, "--jobs", 2) == pytest.approx(40.0)


def test_reverse_with_a_plan_and_of_other_kinds(call: Call, pump: Path, second: Path) -> None:
    words = ("reverse", pump, "--level", 0.6, "--order", 1, "--json")
    found = answer(call(*words, "--plan", second, "--kind", "site", "--kind", "item"))
    durations = {(row["kind"], row["element"]): row["duration"] for row in found["durations"]}
    # two weeks are the most that the first foundry can cost; the item fails at both
    assert durations["site", "F1"] is None
    assert durations["item", "casting"] == pytest.approx(4.0)
    assert {kind for kind, _ in durations} == {"site", "item"}
    assert {member["kind"] for row in found["sets"] for member in row["elements"]} == {"site", "item"}


def test_the_worst_case_of_other_kinds_and_durations_and_with_a_plan(
    call: Call, pump: Path, second: Path
) -> None:
    words = ("worst-case", pump, "-k", 1, "--json")
    assert answer(call(*words, "--duration", 3))["continuity"] == pytest.approx(0.7)
    assert [row["kind"] for row in answer(call(*words, "--kind", "item"))["attack"]] == ["item"]
    planned = answer(call(*words, "--plan", second))["certificate"]["attacks"]
    # whether the attack on F1 is worked out as well is the search's affair
    assert {row["elements"][0]["element"]: row["continuity"] for row in planned}["A"] == pytest.approx(0.5)


def test_a_plan_against_the_worst_case_of_a_duration(call: Call, pump: Path) -> None:
    found = answer(call("solve", pump, "--objective", "worst-case", "--attack-duration", 2, "--json"))
    # whatever is bought, the assembly stands still for two weeks of ten
    assert found["objective"] == pytest.approx(0.8)


def test_autonomy_is_demanded(call: Call, pump: Path) -> None:
    sources = (pump / "sources.csv").read_text("utf-8").splitlines()
    own = ("own_ip", "yes", "no", "yes")
    (pump / "sources.csv").write_text(
        "\n".join(f"{row},{cell}" for row, cell in zip(sources, own, strict=True)), encoding="utf-8"
    )
    # only the second foundry casts by a right of one's own
    words = ("solve", pump, "--min-autonomy", 1.0, "--json")
    assert bought(answer(call(*words, "--budget", 20))) >= {"second"}
    answer(call(*words, "--forbid", "second"), status=4)


def test_the_plan_is_the_same_for_one_process_and_for_two(call: Call, pump: Path) -> None:
    words = ("solve", pump, "--method", "lshaped", "--json")
    alone, spread = without_provenance(call(*words)), without_provenance(call(*words, "--jobs", 2))
    assert spread == alone


def test_how_the_solver_is_run_is_kept_with_the_plan(call: Call, pump: Path) -> None:
    words = ("--solver", "HiGHS", "--solver-option", "presolve=off", "--threads", 1, "--seed", 3)
    found = answer(call("solve", pump, *words, "--time-limit", 60, "--json"))
    kept = found["provenance"]
    assert (kept["solver"], kept["seed"], kept["time_limit"]) == ("HiGHS", 3, 60.0)
    assert "--solver-option presolve=off" in kept["command"]
    assert bought(found) == {"second"}
    for wrong in (("--solver", "Oracle"), ("--solver-option", "magic=1"), ("--solver-option", "magic")):
        assert call("solve", pump, *wrong).exit_code == 2


@pytest.mark.parametrize("name", ["solve", "frontier", "evidence", "exposure"])
def test_a_cluster_without_dask_names_the_extra(
    call: Call, pump: Path, second: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    more = {"frontier": ["--budgets", "0:10:2"], "evidence": [second]}.get(name, [])
    result = call(name, pump, *more, "--cluster", "tcp://localhost:1")
    assert result.exit_code == 2
    assert "optichain[cluster]" in result.stderr


def test_frontier_has_fewer_certain_measures_the_more_plans_count_as_good(call: Call, pump: Path) -> None:
    def core(*words: object) -> tuple[set[str], set[str]]:
        found = answer(call("frontier", pump, "--budgets", "10:10:1", *words, "--json"))
        return set(found["core"]), set(found["contested"])

    # the second foundry gains three weeks of one event, the stock two
    assert core("--within", 0) == ({"second"}, set())
    assert core("--within", 0.5) == (set(), {"second", "stock"})


def test_a_frontier_that_time_leaves_unfinished_says_so(call: Call, pump: Path) -> None:
    words = ("frontier", pump, "--budgets", "0:10:2", "--json")
    assert "any budget" in answer(call(*words, "--time-limit", 1e-9), 6)["errors"][0]["message"]
    result = call(*words, "--time-limit", 0.01)
    found = json.loads(result.stdout)
    left = "errors" in found or len(found["points"]) < 2 or len(found["undecided"]) > 0
    assert left == (result.exit_code in (5, 6))


def test_frontier_finds_the_same_however_it_is_run(call: Call, pump: Path) -> None:
    words = ("frontier", pump, "--budgets", "0:10:2", "--json")
    run = ("--jobs", 2, "--threads", 1, "--seed", 5, "--gap", 1e-6, "--time-limit", 60)
    first, again = without_provenance(call(*words)), without_provenance(call(*words, *run))
    assert [p["objective"] for p in again["points"]] == pytest.approx(
        [p["objective"] for p in first["points"]]
    )
    assert (again["core"], again["contested"]) == (first["core"], first["contested"])


@pytest.fixture
def chinese(pump: Path) -> Path:
    """The same instance, with a Chinese title for the assembly and for a strike there."""
    (pump / "sites.csv").write_text(
        "site,title,title_zh\nA,Assembly,装配厂\nF1,Foundry one,\nF2,Foundry two,\n", encoding="utf-8"
    )
    (pump / "events.csv").write_text(
        "event,title,title_zh,annual_probability\nstrike,Strike,罢工,0.1\n", encoding="utf-8"
    )
    (pump / "hits.csv").write_text("event,kind,target\nstrike,site,A\n", encoding="utf-8")
    return pump


@pytest.mark.parametrize(
    ("words", "rows", "name", "title"),
    [
        (("spof", "--kind", "site"), "spofs", "element", {"A": "装配厂", "F1": "Foundry one"}),
        (
            ("exposure", "--kind", "site"),
            "elements",
            "element",
            {"A": "装配厂", "F1": "Foundry one", "F2": "Foundry two"},
        ),
        (
            ("stress",),
            "events",
            "event",
            {"strike": "罢工", "site:A": "装配厂", "site:F1": "Foundry one", "site:F2": "Foundry two"},
        ),
    ],
)
def test_titles_are_in_the_language_asked_for_where_the_instance_has_them(
    call: Call, chinese: Path, words: tuple[str, ...], rows: str, name: str, title: dict[str, str]
) -> None:
    command, *more = words
    told = answer(call(command, chinese, *more, "--language", "zh", "--json"))
    assert {row[name]: row["title"] for row in told[rows]} == title
    plain = answer(call(command, chinese, *more, "--json"))
    assert "装配厂" not in json.dumps(plain, ensure_ascii=False)
    assert [{**row, "title": ""} for row in plain[rows]] == [{**row, "title": ""} for row in told[rows]]


@pytest.mark.parametrize("name", ["check", "info", "cuts", "solve"])
def test_what_has_no_titles_of_its_own_is_the_same_in_each_language(
    call: Call, chinese: Path, name: str
) -> None:
    told, plain = (
        without_provenance(call(name, chinese, "--language", language, "--json")) for language in ("zh", "en")
    )
    assert told == plain


@pytest.mark.parametrize("given", [("-k", 2), ("--attack-kind", "item"), ("--attack-duration", 3)])
def test_options_of_the_worst_case_are_refused_for_other_objectives(
    call: Call, pump: Path, given: tuple[object, ...]
) -> None:
    refused = answer(call("solve", pump, *given, "--json"), 2)
    assert "worst-case" in refused["errors"][0]["message"]


def test_a_given_list_under_another_budget_and_objective(
    call: Call, pump: Path, stock: Path, tmp_path: Path
) -> None:
    words = ("evaluate", pump, "--choose", stock, "--json")
    assert answer(call(*words))["breaches"] == []
    poor = answer(call(*words, "--budget", "2,0"))
    assert {breach["rule"].split()[0] for breach in poor["breaches"]} == {"budget"}
    # 10 a year with the assembly, 6 with the foundry
    assert answer(call(*words, "--objective", "loss"))["objective"] == pytest.approx(10.0 + 6.0)
    # the worst third of probability is the assembly's, 0.5; the expectation is (0.5 + 0.7 + 1) / 3
    tail = answer(call(*words, "--objective", "cvar", "--alpha", 2 / 3, "--mix", 0.5))
    assert tail["objective"] == pytest.approx(0.5 * 0.5 + 0.5 * 2.2 / 3)
    page = tmp_path / "given.html"
    assert call(*words, "--report", page, "--language", "zh").exit_code == 0
    assert '<html lang="zh' in page.read_text("utf-8")


def test_baselines_under_another_objective_beside_ones_own_list(call: Call, pump: Path, stock: Path) -> None:
    words = ("--objective", "cvar", "--alpha", 2 / 3, "--mix", 0.5, "--choose", stock)
    found = answer(call("baselines", pump, *words, "--json"))
    rows = {row["name"]: row["plan"] for row in found["baselines"]}
    assert bought(rows["given"]) == {"stock"}
    assert rows["given"]["objective"] == pytest.approx(0.5 * 0.5 + 0.5 * 2.2 / 3)


def test_evidence_is_the_same_however_it_is_run(call: Call, pump: Path, second: Path) -> None:
    words = ("evidence", pump, second, "--kinds", "near_optimal,leave_one_out,stability", "--json")
    few = ("--samples", 2, "--inputs", 0, "--seed", 4)
    run = ("--jobs", 2, "--threads", 1, "--gap", 1e-6, "--time-limit", 60)
    first, again = (answer(call(*words, *few, *more)) for more in ((), run))
    assert again.pop("settings") != first.pop("settings")
    assert again == first
    wide = answer(call(*words, *few, "--within", 0.5))["near_optimal"]
    # the stock gains two thirds of what the second foundry does
    assert {row["measure"] for row in wide if row["standing"] == "contested"} == {"second", "stock"}


def test_evidence_is_shown_in_tables_for_people(call: Call, pump: Path, second: Path) -> None:
    words = ("evidence", pump, second, "--kinds", "near_optimal,frontier,value_of_money", "--budgets", "0,3")
    shown = call(*words)
    assert shown.exit_code == 0, shown.output
    assert "in every near-optimal plan: second" in shown.stdout
    assert "in some of them: no measure" in shown.stdout
    rows = [line.split() for line in shown.stdout.splitlines()]
    # with 3 a year the stock saves 40 of 200 at 0.1 a year; one more in 2026 buys both, which need 11 of 10
    assert any(row[:2] == ["3", "4.00"] for row in rows), shown.stdout
    assert any(row[:1] == ["2026"] and row[-1] == "+stock" for row in rows), shown.stdout


def test_doctor_tells_people_what_is_installed(call: Call) -> None:
    told, known = call("doctor").stdout, answer(call("doctor", "--json"))
    rows = {line.split()[0]: line for line in told.splitlines() if line.split()}
    assert known["optichain"] in rows["optichain"]
    assert all(row["name"] in rows["methods"] for row in known["methods"])
    assert all(name in told for name in ("quickstart", "guangdong-100", "highspy"))


def test_a_review_in_chinese(call: Call, pump: Path, second: Path, tmp_path: Path) -> None:
    (tmp_path / "happened").mkdir()
    (tmp_path / "happened" / "happenings.csv").write_text(
        "happening,date,event\nfire,2027-01-09,site:F1\n", encoding="utf-8"
    )
    page = tmp_path / "review.html"
    words = ("review", pump, second, tmp_path / "happened", "-o", page, "--language", "zh")
    assert call(*words).exit_code == 0
    assert '<html lang="zh' in page.read_text("utf-8")


def test_chains_are_chosen_by_the_weights_of_their_scores(call: Call, tmp_path: Path) -> None:
    table = tmp_path / "candidates.csv"
    table.write_text(
        "chain,cluster,strength,driving,technology\na,X,90,10,10\nb,X,10,10,90\nc,Y,20,80,20\n",
        encoding="utf-8",
    )
    words = ("choose", table, "--number", 1, "--samples", 50, "--json")
    for weights, chain in (("1,0,0", "a"), ("0,0,1", "b"), ("0,1,0", "c")):
        found = answer(call(*words, "--weights", weights))
        assert [row["chain"] for row in found["chains"] if row["chosen"]] == [chain]
    shares = [[row["share"] for row in answer(call(*words, "--seed", s))["chains"]] for s in (1, 1, 2)]
    assert shares[0] == shares[1] != shares[2]


def test_an_import_takes_demand_as_rows_and_puts_rejects_where_asked(call: Call, tmp_path: Path) -> None:
    files = {
        "map.toml": (
            '[own]\nenterprise = "North"\nplant = "1000"\n'
            '[bom.columns]\nitem = "item"\ninput = "input"\nquantity = "quantity"\n'
            '[suppliers.columns]\nitem = "item"\nvendor = "vendor"\n'
            '[demand.columns]\nitem = "item"\nannual_volume = "a year"\nprice = "price"\n'
        ),
        "bom.csv": "item,input,quantity\npump,casting,2\n",
        "suppliers.csv": "item,vendor\ncasting,V1\nbolt,V2\n",
        "demand.csv": "item,a year,price\npump,5200,3\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    files_given = {"--bom": "bom.csv", "--suppliers": "suppliers.csv", "--demand": "demand.csv"}
    words = [word for option, name in files_given.items() for word in (option, tmp_path / name)]
    target, rejects = tmp_path / "made", tmp_path / "left out.csv"
    found = answer(
        call("import", *words, "--map", tmp_path / "map.toml", "-o", target, "--rejects", rejects, "--json")
    )
    assert found["rejected"] == {"unmatched-part": 1}
    assert "bolt" in rejects.read_text("utf-8-sig")
    demands = (target / "demands.csv").read_text("utf-8")
    # 5200 a year are 100 a week
    assert "pump" in demands
    assert answer(call("info", target, "--json"))["demand_value"] > 0


def test_a_merge_reads_the_decisions_where_they_are_said_to_be(
    call: Call, pump: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for file in pump.iterdir():
        text = file.read_text("utf-8")
        (other / file.name).write_text(text.replace("F1,casting,10", "F1,casting,12"), encoding="utf-8")
    decisions = tmp_path / "answers.csv"
    words = ("merge", pump, other, "-o", tmp_path / "both", "--decisions", decisions, "--json")
    (question,) = answer(call(*words))["undecided"]
    assert (question["key"], question["column"]) == ("F1:casting", "capacity")
    assert decisions.is_file()
    assert not (tmp_path / "both.decisions.csv").exists()


def words_of(call: Call, name: str, pump: Path, tmp_path: Path) -> list[object]:
    """Return what a command needs besides options that hold for all, prepared with a first plan where it takes one."""
    plan, mine = tmp_path / "plan.json", tmp_path / "mine.csv"
    if name in ("compare", "evaluate", "evidence", "report", "review", "verify"):
        assert call("solve", pump, "-o", plan).exit_code == 0
        mine.write_text("measure,start_year\nstock,2026\n", encoding="utf-8")
    if name == "review":
        (tmp_path / "happened").mkdir()
        (tmp_path / "happened" / "happenings.csv").write_text(
            "happening,date,event\nfire,2027-01-09,site:F1\n"
        )
    if name == "choose":
        (tmp_path / "candidates.csv").write_text("chain,cluster,strength,driving,technology\na,X,90,10,10\n")
    if name == "import":
        (tmp_path / "map.toml").write_text(
            '[own]\nenterprise = "North"\nplant = "1000"\n[[products]]\nitem = "pump"\nannual_volume = 5200\nprice = 2\n'
            '[bom.columns]\nitem = "item"\ninput = "input"\nquantity = "quantity"\n'
            '[suppliers.columns]\nitem = "item"\nvendor = "vendor"\n'
        )
        (tmp_path / "bom.csv").write_text("item,input,quantity\npump,casting,2\n")
        (tmp_path / "suppliers.csv").write_text("item,vendor\ncasting,V1\n")
    if name == "submission":
        assert call("workbook", tmp_path / "form.xlsx").exit_code == 0
    imported = ["--bom", tmp_path / "bom.csv", "--suppliers", tmp_path / "suppliers.csv"]
    special: dict[str, list[object]] = {
        "choose": [tmp_path / "candidates.csv", "--number", 1, "--samples", 5],
        "compare": [plan, plan],
        "completion": ["bash"],
        "convert": [pump, tmp_path / "copy.json"],
        "doctor": [],
        "evaluate": [pump, "--choose", mine],
        "evidence": [pump, plan, "--kinds", "leave_one_out"],
        "frontier": [pump, "--budgets", "10:10:1"],
        "import": [*imported, "--map", tmp_path / "map.toml", "-o", tmp_path / "made"],
        "merge": [pump, "-o", tmp_path / "both"],
        "new": [tmp_path / "fresh"],
        "report": [pump, plan, "-o", tmp_path / "report.html"],
        "reverse": [pump, "--level", 0.6],
        "review": [pump, plan, tmp_path / "happened"],
        "submission": [tmp_path / "form.xlsx"],
        "verify": [pump, plan],
        "workbook": [tmp_path / "form.xlsx"],
        "worst-case": [pump, "-k", 1],
    }
    return special.get(name, [pump])


@pytest.mark.parametrize("name", NAMES)
def test_asked_to_be_quiet_every_command_prints_one_json_object_and_nothing_else(
    call: Call, pump: Path, tmp_path: Path, name: str
) -> None:
    done = call(name, *words_of(call, name, pump, tmp_path), "--json", "-q", "-v")
    # nobody has filled in the form that is submitted
    assert done.exit_code == (3 if name == "submission" else 0), done.output
    assert isinstance(json.loads(done.stdout), dict)
    assert done.stderr == ""


def test_asked_to_be_talkative_the_search_says_how_it_solves_on_standard_error(
    call: Call, pump: Path
) -> None:
    assert "method extensive" in call("solve", pump, "-v", "--json").stderr
    assert "method extensive" not in call("solve", pump, "--json").stderr


@pytest.mark.parametrize(
    "name", ["check", "info", "spof", "cuts", "exposure", "reverse", "baselines", "choose"]
)
def test_a_result_goes_to_a_file_and_quietly_nowhere_else(
    call: Call, pump: Path, tmp_path: Path, name: str
) -> None:
    words = words_of(call, name, pump, tmp_path)
    file = tmp_path / "result.json"
    quiet = call(name, *words, "-q", "-o", file)
    assert (quiet.exit_code, quiet.stdout, quiet.stderr) == (0, "", "")
    assert json.loads(file.read_text("utf-8")).keys() == answer(call(name, *words, "--json")).keys()


def command_of(name: str) -> click.Command:
    command: click.Command = import_module(f"optichain.cli.{module_of(name)}").command
    return command


def _texts() -> Iterator[set[str]]:
    """Yield the words of each test, and of each command that a page of the documentation runs."""
    root = Path(__file__).parents[2]
    for file in (root / "tests").rglob("test_*.py"):
        tree = ast.parse(file.read_text("utf-8"))
        for test in ast.walk(tree):
            if isinstance(test, ast.FunctionDef) and test.name.startswith("test_"):
                said = [node.value for node in ast.walk(test) if isinstance(node, ast.Constant)]
                yield {word for text in said if isinstance(text, str) for word in (text, *text.split())}
    for page in [
        root / "README.md",
        *(root / "docs").rglob("*.md"),
        *(root / "instances").rglob("README.md"),
    ]:
        for block in blocks_of(page):
            for line in block.text.replace("\\\n", " ").splitlines():
                if "optichain " in line:
                    yield set(line.split())


def test_no_option_goes_untested() -> None:
    """Of every command: each option stands in a test, or in a page whose commands are run, together with its name."""
    texts = list(_texts())
    untested = [
        f"{name} {option.opts[-1]}"
        for name in NAMES
        for option in command_of(name).params
        if isinstance(option, click.Option) and option.name not in OF_ALL
        if not any(name in words and words & {*option.opts, *option.secondary_opts} for words in texts)
    ]
    assert untested == []
