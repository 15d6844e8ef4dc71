"""The Word document: the numbers of the JSON, pictures with text, styles that a template can replace."""

from __future__ import annotations

import dataclasses
import io
import time
from pathlib import Path
from typing import Any

import pytest

from optichain_reports.model import Breach, ReportModel
from optichain_reports.wording.placed import Number, Placed
from optichain_reports.wording.sheets import all_sheets
from optichain_reports.wording.texts import Texts
from optichain_reports.wording.writer import Writer

docx = pytest.importorskip("docx", reason="writes documents: pip install 'optichain[reports]'")

from docx.oxml.ns import qn  # noqa: E402

from optichain_reports.document import LEFT_OUT, columns_on_paper, render_document  # noqa: E402


@pytest.fixture(scope="module")
def content(model: ReportModel) -> bytes:
    return render_document(model)


@pytest.fixture(scope="module")
def document(content: bytes) -> Any:
    return docx.Document(io.BytesIO(content))


def test_lists_show_the_numbers_of_the_model(model: ReportModel, document: Any) -> None:
    writer = Writer(model.heading)
    tables = {
        tuple(cell.text for cell in table.rows[0].cells): [[c.text for c in r.cells] for r in table.rows[1:]]
        for table in document.tables
    }
    compared = 0
    for sheet in all_sheets(Placed(model), writer):
        if sheet.key in LEFT_OUT:
            continue
        kept = columns_on_paper(sheet)
        shown = tables[tuple(sheet.columns[i].label for i in kept)]
        for row, cells in zip(shown, sheet.rows, strict=sheet.key != "events"):
            for text, i in zip(row, kept, strict=True):
                cell, kind = cells[i], sheet.columns[i].kind
                if isinstance(cell, Number):
                    say = getattr(writer, kind)
                    assert text == ("" if cell.value is None else say(cell)), cell.at
                    compared += 1
                else:
                    assert text == (cell or "")
    assert compared > 80


def test_the_answer_comes_first(document: Any) -> None:
    texts = [p.text for p in document.paragraphs]
    assert texts[0] == "A pump maker and a valve maker in one town"
    assert texts[2].startswith("Fund 2 measures in 2 of 2 chains, at 15.00 CNY million")
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    known = Texts("en")
    assert headings[:2] == [known("section_rivals"), known("section_funded")]
    assert headings[-1] == known("section_provenance")


def test_chinese_letters_are_read_as_chinese(document: Any) -> None:
    default = document.styles.element.find(f".//{qn('w:docDefaults')}//{qn('w:lang')}")
    assert default.get(qn("w:eastAsia")) == "zh-CN"
    assert default.get(qn("w:val")) == "en-GB"


def test_years_without_money_take_no_room(document: Any) -> None:
    heads = [[cell.text for cell in table.rows[0].cells] for table in document.tables]
    funded = next(row for row in heads if "Measure" in row and "2026" in row)
    # seals and the forge are paid for in 2026 and 2027; costs could fall until 2030
    assert [head for head in funded if head.isdigit()] == ["2026", "2027"]


def test_every_picture_has_a_text(document: Any, model: ReportModel) -> None:
    described = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    assert len(described) >= len(model.pictures) + 3
    assert all(described)


def test_hostile_text_is_text(model: ReportModel) -> None:
    evil = '</w:t><script> "\x00 \N{RIGHT-TO-LEFT OVERRIDE}abc {{ 7*7 }}'
    broken = dataclasses.replace(model, breaches=(Breach("rule", evil),))
    made = docx.Document(io.BytesIO(render_document(broken)))
    texts = [cell.text for table in made.tables for row in table.rows for cell in row.cells]
    assert evil.replace("\x00", "\N{REPLACEMENT CHARACTER}") in texts


def test_a_template_gives_its_styles(model: ReportModel, tmp_path: Path) -> None:
    house = docx.Document()
    house.styles["Normal"].font.name = "House Sans"
    house.sections[0].header.paragraphs[0].text = "Ministry of Pumps"
    house.save(str(tmp_path / "house.docx"))
    made = docx.Document(io.BytesIO(render_document(model, template=tmp_path / "house.docx")))
    assert made.styles["Normal"].font.name == "House Sans"
    assert made.sections[0].header.paragraphs[0].text == "Ministry of Pumps"


def test_two_documents_differ_in_nothing(
    model: ReportModel, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.localtime", lambda *_: time.gmtime(10**9))
    assert render_document(model) == content
