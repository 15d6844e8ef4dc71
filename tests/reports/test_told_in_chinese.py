"""What the engine itself says stands in a Chinese report in Chinese; names and texts of the instance as they are."""

from __future__ import annotations

import json
import random
import re
import string
import zipfile
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree as ET

import pandas as pd
import pytest

import optichain
import optichain as oc
import strategies
from optichain.checking import check_instance
from optichain.design.evidence.gathered import Kind
from optichain.errors import InfeasibleError
from optichain.sentences import ENGLISH, Sentence, say
from optichain.shipped import locate
from optichain_reports.building.build import build_report
from optichain_reports.building.comparison import build_comparison
from optichain_reports.document import render_document
from optichain_reports.model import Heading
from optichain_reports.page import render_page
from optichain_reports.wording.telling import Teller, told
from optichain_reports.wording.zh_sentences import ZH_SENTENCES, ZH_WORDS
from optichain_reports.xlsx import render_workbook

NUMBERS = {"", "number", "percent", "money"}
HAN = re.compile("[\u4e00-\u9fff]")
SENTENCE = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}")


def blanks(text: str) -> dict[str, str]:
    """The blanks of a text, each with how it is written."""
    return {name: spec or "" for _, name, spec, _ in string.Formatter().parse(text) if name}


def pieces(text: str) -> list[str]:
    """What a text says whatever is filled in, where that is long enough to be known again."""
    found = (piece for piece, *_ in string.Formatter().parse(text))
    return [piece.strip() for piece in found if len(piece.strip()) >= 12]


def teller(currency: str = "CNY million") -> Teller:
    return Teller(Heading("", "", "zh", currency, "week", 52.0, 0.0))


# ---- the catalogue ----


def test_every_sentence_has_a_chinese_one_with_the_same_blanks():
    assert set(ENGLISH) == set(ZH_SENTENCES)
    for code, text in ENGLISH.items():
        assert set(blanks(text)) == set(blanks(ZH_SENTENCES[code])), code


def test_every_chinese_sentence_is_chinese_and_knows_how_its_blanks_are_written():
    families = NUMBERS | set(ZH_WORDS) | {"unit", "kind", "rule"}
    for code, text in ZH_SENTENCES.items():
        assert set(blanks(text).values()) <= families, code
        bare = re.sub(r"\{[^}]*\}|ACC", "", text)
        assert not re.search("[A-Za-z]{2}", bare), code
        assert HAN.search(bare) or code in ("autonomy-of", "of-kind", "clashing-rule"), code


def test_every_sentence_is_said_somewhere():
    """A code stands in the source as a whole, or its first part and its last do, where it is put together."""
    base = Path(optichain.__file__).parent
    roots = [base, base.parent / "solvers"]
    files = [f for root in roots for f in root.rglob("*.py") if "sentences" not in f.parts]
    source = "\n".join(f.read_text(encoding="utf-8") for f in files)
    made = ("limit-", "money-limit-", "spof-", "guessed-", "breaks-", "mostly-without-", "defaulted-")
    assert [c for c in ENGLISH if f'"{c}"' not in source and not c.startswith(made)] == []


def test_numbers_and_units_are_written_as_in_the_rest_of_the_report():
    zh = teller()
    cases = {
        say("spending-beside-commitments", year=2026, budget=12345.6, committed=0.25): (
            "2026 年支出不超过可用资金（预算 12,346 百万元，其中在执行支持 0.25 百万元）"
        ),
        say("defaulted-annual-probability", kind="site", name="F", value=0.01): (
            "场所“F”的年发生概率未知：假定为每年 1.0%"
        ),
        say("defaulted-recovery-time", kind="lane", name="x", value=12.0, unit="week"): (
            "运输线“x”的恢复时间未知：假定为 12 周"
        ),
        say("estimated-capacity", source="S:x", capacity=1234.5678, unit="day", basis="volume", factor=1.2): (
            "“S:x”的产能未知：假定为每天 1,235（正常流量 × 1.2）"
        ),
        say("catalogue", chain="pumps", policies=["a", "b"]): (
            "产业链“pumps”从其政策目录（a、b）中恰取一项，或一项不取"
        ),
        say("no-plan", rules=["budget", "min_acc"]): (
            "没有方案能同时遵守全部规则；所涉及的规则：预算、要求的 ACC"
        ),
        say("breaks-without", rules=[say("required", measure="m"), say("of-all"), "as it is"]): (
            "若没有它，方案将违反：措施“m”必须在规划期内启动；全部对象；as it is"
        ),
    }
    for sentence, chinese in cases.items():
        assert zh.say(sentence) == chinese
    plain = teller("")
    assert plain.say(say("support-at-most", chain="c", start=2026, year=2027, most=3.0)).endswith("3.00")


# ---- a report in which everything is assumed, and most rules are broken ----


@pytest.fixture(scope="module")
def assumed():
    """The shipped pump maker with every cell blank that may be blank, guesses, idle things, limits, a catalogue."""
    instance = oc.load(locate("quickstart"))
    t = instance.tables
    who, why = ["Nanhai Pump", "Nanhai Pump", None, None], ["from a brochure", None, "from a brochure", None]
    sites = t["sites"].assign(recovery_time=None, annual_probability=None)
    sites.loc[:3, ["submitted_by", "note"]] = list(zip(who, why, strict=True))
    sites.loc[:3, "grade"] = "C"
    sites.loc[0, "groups"] = "One flood"
    sites.loc[1, "groups"] = "One flood"
    idle = sites.iloc[[4]].assign(site="Empty yard", title="Empty yard", title_zh=None)
    sources = t["sources"].assign(capacity=None, own_ip=None)
    sources["volume"], sources["share"] = [3.0, *[None] * 6], [None, 0.9, *[None] * 5]
    sources["x_conflict"] = ["capacity: 5 (A) ≠ 7 (B) → 5?", *[None] * 6]
    endless = sources.iloc[[4]].assign(
        source="Endless", site="valve-works", item="body", capacity="unlimited"
    )
    thing = t["items"].iloc[[0]].assign(item="Unused thing", title="Unused thing", title_zh=None)
    chain = t["chains"].iloc[[0]].assign(chain="Idle chain", title="Idle chain", title_zh=None)
    measure = t["measures"].iloc[[0]].assign(measure="idle-measure", title="Idle measure", title_zh=None)
    empty = measure.assign(measure="empty-measure")
    effect = t["effects"].iloc[[3]].assign(measure="idle-measure", target="site:Empty yard")
    tables = {
        "sources": [sources, endless],
        "sites": [sites, idle],
        "items": [t["items"].assign(mapped=False), thing.assign(mapped=True)],
        "chains": [t["chains"].assign(support_min=1.0, support_max=2.0), chain],
        "chain_owners": [pd.DataFrame({"chain": ["pumps"], "enterprise": ["Nobody"]})],
        "measures": [t["measures"].assign(required=True), measure, empty],
        "effects": [t["effects"], effect],
        "events": [pd.DataFrame({"event": ["Nothing happens", "Half"], "annual_probability": [0.01, 0.01]})],
        "hits": [
            pd.DataFrame(
                {
                    "event": ["Half", "Half"],
                    "kind": ["site", "source"],
                    "target": ["Empty yard", "Endless"],
                    "loss": [1.0, 0.5],
                }
            )
        ],
        "measure_rules": [
            pd.DataFrame(
                {
                    "rule": ["excludes", "requires"],
                    "measure": ["second-forge", "seal-stock"],
                    "other": ["harden-forge", "idle-measure"],
                }
            )
        ],
        "limits": [
            pd.DataFrame(
                {
                    "limit": ["least of pumps", "most of all"],
                    "on": ["measures", "spend"],
                    "kind": ["chain", "all"],
                    "target": ["pumps", None],
                    "min": [3, None],
                    "max": [3, 4.5],
                }
            )
        ],
        "policies": [pd.DataFrame({"policy": ["one", "two"], "chain": ["valves", "valves"]})],
        "policy_measures": [
            pd.DataFrame({"policy": ["one", "two"], "measure": ["second-forge", "harden-forge"]})
        ],
    }
    kinds = ("site", "lane", "enterprise", "region", "country", "group")
    events = instance.settings.events.model_copy(update={f"single_{kind}": True for kind in kinds})
    joined = {name: pd.concat(parts, ignore_index=True) for name, parts in tables.items()}
    settings = instance.settings.model_copy(update={"events": events})
    return oc.Instance.from_frames({**t, **joined}, settings)


@pytest.fixture(scope="module")
def breaking(assumed):
    """A list that breaks most rules, and its evidence as far as nothing is solved again."""
    listed = pd.DataFrame(
        [
            ("second-forge", 2026, 1.0),
            ("harden-forge", 2026, 1.0),
            ("second-foundry", 2031, 1.0),
            ("seal-stock", 2026, 9.0),
            ("seal-stock", 2027, 1.0),
        ],
        columns=["measure", "start_year", "units"],
    )
    return oc.gather_evidence(assumed, oc.evaluate(assumed, listed, budget=1.0))


class _Texts(HTMLParser):
    """The texts of a page, and of the attributes that are read out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag, attrs):
        self.inside = tag
        self.found += [
            value or "" for name, value in attrs if name in ("title", "aria-label", "alt", "data-label")
        ]

    def handle_data(self, data):
        if self.inside not in ("script", "style"):
            self.found.append(data)


def texts_of_page(page: str) -> list[str]:
    reader = _Texts()
    reader.feed(page)
    return reader.found


def texts_of_office(content: bytes) -> list[str]:
    """All texts of a Word or Excel file."""
    found = []
    with zipfile.ZipFile(BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.endswith(".xml") and ("word/document" in name or "sharedStrings" in name):
                found += [node.text or "" for node in ET.fromstring(archive.read(name)).iter()]
    return found


def english_of_ours(texts: list[str], own: str) -> list[str]:
    """The texts that hold a piece of an English sentence of the engine, or are English and not the user's own."""
    known = {piece for text in ENGLISH.values() for piece in pieces(text)}
    stray = [t for t in texts if any(piece in t for piece in known)]
    foreign = (t for t in texts if SENTENCE.search(t) and not HAN.search(t))
    return stray + [
        t for t in foreign if re.sub(r"^(\w+:)|^[(（]|[…：:)）]$", "", t.strip()).strip() not in own
    ]


def own_texts(instance: oc.Instance, plan: oc.Plan) -> str:
    cells = {str(cell) for frame in instance.frames.values() for column in frame for cell in frame[column]}
    commands = [f"optichain evidence PATH PLAN --kinds {kind} -o PLAN" for kind in Kind]
    said = [*cells, *commands, instance.settings.title, str(plan.provenance)]
    return "\n".join(said)


def test_the_report_has_many_kinds_of_sentences(assumed, breaking):
    model = build_report(assumed, breaking, language="zh")
    assert {group.kind for group in model.assumptions} == {
        "estimated-capacity",
        "defaulted-recovery-time",
        "defaulted-annual-probability",
        "group-without-event",
        "unknown-own-ip",
        "not-mapped",
        "guessed",
        "contradicted",
    }
    assert {note.kind for note in model.warnings} >= {
        "unused-item",
        "unused-site",
        "chain-without-demand",
        "chain-without-measures",
        "owner-without-sites",
        "event-without-hits",
        "measure-without-effects",
        "idle-hit",
        "idle-protection",
        "partial-loss-of-unlimited",
        "mostly-defaulted",
    }
    assert {breach.rule for breach in model.breaches} >= {
        "budget",
        "start year",
        "units",
        "one start",
        "one chain, one policy",
        "catalogue",
        "excludes",
        "requires",
        "required",
        "limit",
        "support_max",
    }


def test_no_sentence_of_the_engine_is_english_in_any_format(assumed, breaking):
    model = build_report(assumed, breaking, language="zh")
    own = own_texts(assumed, breaking)
    page = texts_of_page(render_page(model))
    assert english_of_ours(page, own) == []
    assert any("为推测，由Nanhai Pump填报：from a brochure" in text for text in page)
    for content in (render_workbook(model), render_document(model)):
        found = texts_of_office(content)
        assert sum(map(bool, found)) > 300
        assert english_of_ours(found, own) == []
    data = json.dumps(told(model).to_json(), ensure_ascii=False)
    assert not [piece for text in ENGLISH.values() for piece in pieces(text) if piece in data]


@pytest.mark.usefixtures("quick")
def test_the_test_sees_english(assumed, breaking):
    """The same search finds the sentences of the English report."""
    model = build_report(assumed, breaking, language="en")
    assert len(english_of_ours(texts_of_page(render_page(model)), "")) > 100


@pytest.mark.parametrize("name", ["quickstart", pytest.param("semiconductors", marks=pytest.mark.slow)])
@pytest.mark.usefixtures("quick")
def test_shipped_instances(name):
    instance = oc.load(locate(name))
    measures = instance["measures"]["measure"].tolist()
    listed = pd.DataFrame({"measure": measures, "start_year": instance.settings.planning.years[0]})
    plan = oc.gather_evidence(instance, oc.evaluate(instance, listed), kinds=["add_one", "leave_one_out"])
    page = texts_of_page(render_page(build_report(instance, plan, language="zh")))
    assert english_of_ours(page, own_texts(instance, plan)) == []


@pytest.mark.parametrize(("first", "count"), [(0, 4), pytest.param(4, 40, marks=pytest.mark.slow)])
def test_random_instances_and_lists(first, count):
    """Whatever is remarked of an instance, and broken by a list, is a sentence that can be told in Chinese."""
    codes = set()
    for seed, instance in strategies.accepted(count, first=first):
        found, chance = check_instance(instance), random.Random(seed)
        said = [fault.message for fault in (*found.warnings, *found.assumptions)]
        names, years = instance["measures"]["measure"].tolist(), instance.settings.planning.years
        if names:
            starts = {(chance.choice(names), chance.choice([*years, years[-1] + 1])) for _ in range(5)}
            listed = pd.DataFrame(sorted(starts), columns=["measure", "start_year"])
            listed["units"] = [chance.choice([1.0, 2.0, 9.0]) for _ in range(len(listed))]
            said += [breach["message"] for breach in oc.evaluate(instance, listed, budget=1.0).breaches]
        for sentence in said:
            assert isinstance(sentence, Sentence), sentence
            assert HAN.search(teller().say(sentence)), sentence
            codes.add(sentence.code)
    assert len(codes) > 8


# ---- a plan that follows an earlier one ----


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """Last year's plan, and one under 6 a year in place of 8 that may not have the second foundry; read from a file."""
    instance = oc.load(locate("quickstart"))
    first = oc.reinforce(instance)
    second = oc.reinforce(instance, budget=6.0, previous=first, change_price=1e-6, forbid=["second-foundry"])
    path = tmp_path_factory.mktemp("plans") / "second.json"
    oc.write_plan(second, path)
    return instance, first, second, oc.load_plan(path)


def test_why_a_plan_changed_is_told_in_chinese(followed):
    instance, first, *plans = followed
    for second in plans:
        model = told(build_comparison(first, second, instance=instance, language="zh"))
        whys = {row.measure.name: row.why for row in model.measures}
        assert whys["second-forge"] == (
            "若按已公布的方案，将违反：2026 年支出不超过可用资金（预算 6.00 百万元）"
        )
        assert whys["harden-forge"].startswith("在其他措施不变时，使目标值改善 0.0")


@pytest.mark.parametrize("ending", ["html", "xlsx", "json"])
def test_a_comparison_in_chinese_has_no_english_sentence(followed, ending, tmp_path):
    instance, first, _, second = followed
    path = tmp_path / f"changes.{ending}"
    oc.write_comparison(first, second, path, language="zh", instance=instance)
    if ending == "xlsx":
        found = texts_of_office(path.read_bytes())
    else:
        text = path.read_text(encoding="utf-8")
        found = texts_of_page(text) if ending == "html" else [text]
    assert any("将违反：2026 年支出不超过可用资金" in text for text in found)
    assert not [p for text in ENGLISH.values() for p in pieces(text) if any(p in one for one in found)]


def test_a_clash_of_rules_can_be_told_in_chinese(followed):
    instance, *_ = followed
    with pytest.raises(InfeasibleError) as caught:
        oc.reinforce(instance, fix=["second-forge"], forbid=["second-forge"])
    clash, move = teller().say(caught.value.explanation.text()).split("。")
    assert clash == (
        "没有方案能遵守全部规则；相互冲突的最小规则组：要求包含：要求包含措施“second-forge”；"
        "已排除：措施“second-forge”已被排除"
    )
    assert move.startswith("使方案得以存在的最小放宽：")
    assert move.count("：放宽 1，至 ") == 1


# ---- plan files ----


def test_a_plan_file_keeps_what_its_texts_are_made_of(assumed, breaking, tmp_path):
    oc.write_plan(breaking, tmp_path / "plan.json")
    read = oc.load_plan(tmp_path / "plan.json")
    assert read.to_json() == breaking.to_json()
    first, again = (told(build_report(assumed, p, language="zh", written="")) for p in (breaking, read))
    assert first == again


def test_an_older_plan_file_is_shown_as_it_is(assumed, breaking, tmp_path):
    data = breaking.to_json()
    del data["sentences"]
    (tmp_path / "plan.json").write_text(json.dumps(data), encoding="utf-8")
    model = told(build_report(assumed, oc.load_plan(tmp_path / "plan.json"), language="zh"))
    assert [b.message for b in model.breaches] == [b["message"] for b in data["breaches"]]
    assert all(HAN.search(n.message) for group in model.assumptions for n in group.entries)


def test_a_text_that_does_not_say_what_it_is_made_of_stays(assumed, breaking):
    """Somebody changed the fields: they no longer come to the text, which then stands for itself."""
    data = json.loads(json.dumps(breaking.to_json()))
    for row in data["sentences"]:
        row["fields"] = dict.fromkeys(row["fields"], "other")
    data["sentences"] += [{"text": "x", "code": "no such code", "fields": {}}, {"text": "y"}]
    model = told(build_report(assumed, oc.Plan.from_json(data), language="zh"))
    assert [b.message for b in model.breaches] == [b["message"] for b in data["breaches"]]
