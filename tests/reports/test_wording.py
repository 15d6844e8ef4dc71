"""Numbers as a reader of the language writes them, and texts that are complete in both languages."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import optichain_reports
from optichain_reports.wording.numbers import Numbers
from optichain_reports.wording.texts import TEXTS

EN = Numbers("en", "CNY million", "week")
ZH = Numbers("zh", "CNY million", "week")
THIN = "\N{NO-BREAK SPACE}"


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_texts_with_the_same_blanks() -> None:
    assert set(TEXTS["en"]) == set(TEXTS["zh"])
    for key, text in TEXTS["en"].items():
        assert blanks(text) == blanks(TEXTS["zh"][key]), key
        assert text.strip(), key
        assert TEXTS["zh"][key].strip(), key


def test_every_text_is_used() -> None:
    base = Path(optichain_reports.__file__).parent
    files = [
        f for f in base.rglob("*") if f.suffix in (".py", ".html", ".svg") and f.stem not in ("en", "zh")
    ]
    code = "\n".join(f.read_text(encoding="utf-8") for f in files)
    # keys that are put together: families by code, one or many, parts of the answer
    families = r"^(section|claim|prov|status|name|kind|kinds|measure|state|mark|eff|as|objective|caption|chart|evidence|way|unfunded|standing|quota|rule|method|side|answered|missing|greedy|flips|cause|change|reason|plan|compared|loss|review)_"
    endings = r"(_one|_many|_in_year|_in_years|_shared)$"
    unused = [
        key
        for key in TEXTS["en"]
        if f'"{key}"' not in code
        and f"'{key}'" not in code
        and not re.match(families, key)
        and re.sub(endings, "", key) == key
    ]
    assert unused == []


def test_chinese_has_no_english_left() -> None:
    for key, text in TEXTS["zh"].items():
        bare = re.sub(r"\{\w+\}|ACC|SPOF|optichain|Python|JSON|IP|check", "", text)
        assert not re.search(r"[A-Za-z]{2}", bare), (key, text)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (1234.5, "1,234.5"), (12345.6, "12,346"), (0.004, "0.004"), (-3.0, "−3.00"), (None, "–")],
)
def test_money(value: float | None, text: str) -> None:
    assert EN.money(value) == text


def test_no_share_is_rounded_to_nothing_or_all() -> None:
    assert EN.percent(1.0) == f"100{THIN}%"
    assert EN.percent(0.99996) == f"99.996{THIN}%"
    assert EN.percent(0.0000004) != f"0{THIN}%"
    assert ZH.percent(0.5) == "50.0%"


def test_two_shares_that_differ_look_different() -> None:
    first, second = EN.percent(0.99481, beside=0.99512), EN.percent(0.99512, beside=0.99481)
    assert (first, second) == (f"99.48{THIN}%", f"99.51{THIN}%")
    assert EN.percent(0.5, beside=0.5) == f"50.0{THIN}%"


def test_durations_dates_and_currencies() -> None:
    assert (EN.duration(1.0), EN.duration(4.0)) == (f"1{THIN}week", f"4{THIN}weeks")
    assert ZH.duration(4.0) == f"4{THIN}周"
    assert EN.duration(None) == "not felt"
    assert EN.date("2026-03-05T10:00:00+0800") == "5 March 2026"
    assert ZH.date("2026-03-05T10:00:00+0800") == "2026年3月5日"
    assert ZH.currency == "百万元"
    assert Numbers("zh", "XYZ chests", "week").currency == "XYZ chests"
