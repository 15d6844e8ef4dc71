"""Columns on paper: numbers and words whole where the page allows it, Chinese broken between letters."""

from __future__ import annotations

import pytest

from optichain_reports.drawing.columns import PADDING, balanced, shared_widths
from optichain_reports.drawing.lettering import text_width

SIZE = 3.0


def test_short_texts_take_what_they_ask_for() -> None:
    first, second = shared_widths([["Way", "Cost"], ["This plan", "12.80"]], [1], 250.0, SIZE)
    assert first >= text_width("This plan", SIZE)
    assert first + second < 250.0


def test_a_page_that_is_full_is_shared_whole() -> None:
    long = "a sentence that goes on and on " * 8
    widths = shared_widths([["Why", "Why not"], [long, long]], [], 150.0, SIZE)
    assert sum(widths) == pytest.approx(150.0)


def test_chinese_headings_do_not_push_numbers_off_the_page() -> None:
    heads = ["措施", "产业链", "费用", *["费用与年避免损失之比（年）"] * 10]
    row = ["欧洲成熟制程扩产", "成熟制程逻辑与微控制器", "12,345.6", *["2,345.6"] * 10]
    widths = shared_widths([heads, row], range(2, 13), 257.0, SIZE)
    assert sum(widths) <= 257.0 + 1e-9
    for text, width in zip(row[2:], widths[2:], strict=True):
        assert width >= text_width(text, SIZE)


def test_words_give_way_before_numbers() -> None:
    heads = ["a", *["n"] * 12]
    row = ["unbreakable" * 4, *["123,456.7"] * 12]
    widths = shared_widths([heads, row], range(1, 13), 260.0, SIZE)
    assert sum(widths) == pytest.approx(260.0)
    assert all(width >= text_width("123,456.7", SIZE) for width in widths[1:])


def test_even_without_any_room_every_column_is_there() -> None:
    widths = shared_widths([["n"] * 40, ["123,456.7"] * 40], range(40), 200.0, SIZE)
    assert sum(widths) == pytest.approx(200.0)
    assert min(widths) > 0.0


def test_a_chinese_heading_leaves_no_letter_alone() -> None:
    width = text_width("避免的损", SIZE) + PADDING  # room for four letters of five
    assert balanced("避免的损失", width, SIZE) == "避免的\n损失"
    assert balanced("避免的损失", 2.0 * width, SIZE) == "避免的损失"
    assert balanced("Loss avoided", 8.0, SIZE) == "Loss avoided"
    # what just fits stays whole, and so do the shortest
    assert balanced("避免的损", width - 0.01, SIZE) == "避免的损"
    assert balanced("产业链", 6.0, SIZE) == "产业链"
    # no line begins with a comma
    assert balanced("最坏事件，之后", width, SIZE) == "最坏事件，\n之后"
