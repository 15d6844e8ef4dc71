"""A house style changes how a report looks, and can neither run anything nor make the page load anything."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import optichain as oc
from optichain.cli.root import root
from optichain.errors import UsageError
from optichain_reports.housestyle import HouseStyle
from optichain_reports.model import ReportModel
from optichain_reports.page import render_page


@pytest.fixture(autouse=True)
def _quick(quick: None) -> None:
    """Charts look the same in every house."""


def style(directory: Path, **files: str) -> Path:
    """Write files; a name's dots and slashes are written _dot_ and _slash_."""
    for name, text in files.items():
        path = directory / name.replace("_slash_", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return directory


def shown(model: ReportModel, directory: Path) -> str:
    return render_page(model, house=HouseStyle(directory))


def test_a_style_sheet_is_read_after_ours(model: ReportModel, tmp_path: Path) -> None:
    page = shown(model, style(tmp_path, style_dot_css="h1 { color: rebeccapurple; }"))
    assert page.index(":root {") < page.index("h1 { color: rebeccapurple; }") < page.index("</style>")
    without = page.replace("\nh1 { color: rebeccapurple; }", "")
    assert without == render_page(model)


def test_a_section_is_replaced_and_may_include_its_own(model: ReportModel, tmp_path: Path) -> None:
    style(
        tmp_path,
        sections_slash_funded_dot_html='{% include "_lead.html" %}{{ w.money(report.summary.new_cost) }}',
        _lead_dot_html="<p>Ministry of Pumps: {{ report.heading.title | name }}</p>",
    )
    page = shown(model, tmp_path)
    assert "<p>Ministry of Pumps: <bdi>A pump maker and a valve maker in one town</bdi></p>" in page
    assert 'id="t-funded"' not in page
    assert 'id="t-support"' in page


def test_what_it_fills_in_is_escaped(model: ReportModel, tmp_path: Path) -> None:
    page = shown(model, style(tmp_path, sections_slash_money_dot_html='{{ "<b>" ~ report.heading.name }}'))
    assert "&lt;b&gt;quickstart" in page


@pytest.mark.parametrize(
    "attempt",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ report.__class__.__init__.__globals__ }}",
        "{{ effect.func.__globals__ }}",
        "{{ w.money.__func__.__globals__ }}",
        "{{ self.__init__.__globals__ }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ report.raw.__dataclass_fields__ }}",
        "{{ '{0.__class__.__init__.__globals__}'.format(report) }}",
        "{% for i in range(10 ** 9) %}{% endfor %}",
        "{% include '../secret.html' %}",
        "{% include '/etc/passwd' %}",
        "{{ report.raw.funded.append(1) }}",
    ],
)
def test_nothing_of_python_is_reached(model: ReportModel, tmp_path: Path, attempt: str) -> None:
    (tmp_path / "secret.html").write_text("the secret", encoding="utf-8")
    house = style(tmp_path / "house", sections_slash_money_dot_html=f"<i>{attempt}</i>")
    refused = ""
    page = ""
    try:
        page = shown(model, house)
    except UsageError as error:
        refused = str(error)
    if refused:
        assert str(house) in refused
    else:
        section = page[page.index('id="h-money"') : page.index('id="progress"')]
        assert "<i></i>" in section, "what is not safe is nothing"


@pytest.mark.parametrize(
    "head",
    [
        "<p>no policy at all</p>",
        '<script>alert(1)</script><meta http-equiv="Content-Security-Policy" content="{{ policy }}">',
        '<meta http-equiv="Content-Security-Policy" content="{{ policy }}"><script>1</script><script>2</script><script>3</script>',
        '<meta http-equiv="Content-Security-Policy" content="{{ policy }}"><meta http-equiv="refresh" content="0;url=x">',
        '<img src="http://x.example"><meta http-equiv="Content-Security-Policy" content="{{ policy }}">',
    ],
)
def test_a_page_that_may_run_or_load_more_is_refused(model: ReportModel, tmp_path: Path, head: str) -> None:
    with pytest.raises(UsageError, match="content security policy"):
        shown(model, style(tmp_path, report_dot_html=head))


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"stile_dot_css": "x"}, r"stile\.css is no part of a house style; did you mean 'style\.css'"),
        ({"report_dot_js": "alert(1)"}, r"report\.js is no part of a house style"),
        ({"sections_slash_fundet_dot_html": "x"}, r"did you mean 'sections/funded\.html'"),
        ({"style_dot_css": "a{}\n@import 'x';"}, r"style\.css, line 2: '@import' is refused"),
        (
            {"style_dot_css": "a{background:url( http://x.example/y)}"},
            r"is refused, because a report loads nothing",
        ),
        ({"style_dot_css": "</style><script>"}, r"'</style' is refused"),
        ({"document_dot_docx": "not a zip"}, r"document\.docx is no Word document"),
        ({"sections_slash_money_dot_html": "a\n{% if %}"}, r"sections/money\.html, line 2: Expected"),
        (
            {"sections_slash_money_dot_html": "\n{{ nowhere }}"},
            r"money\.html, line 2: 'nowhere' is undefined",
        ),
        ({"sections_slash_money_dot_html": "{{ 1 / 0 }}"}, r"money\.html, line 1: division by zero"),
    ],
)
def test_what_is_wrong_is_named(model: ReportModel, tmp_path: Path, files: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        shown(model, style(tmp_path, **files))


def test_a_directory_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no directory"):
        HouseStyle(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="is empty"):
        HouseStyle(tmp_path)


def test_a_style_may_bring_its_own_font_and_picture(model: ReportModel, tmp_path: Path) -> None:
    page = shown(model, style(tmp_path, style_dot_css="body{background:url('data:image/png;base64,AAAA')}"))
    assert "url('data:image/png;base64,AAAA')" in page


@pytest.fixture
def plan_file(quickstart: tuple[Any, Any], tmp_path: Path) -> Path:
    oc.write_plan(quickstart[1], tmp_path / "plan.json")
    return tmp_path / "plan.json"


def test_the_command_takes_a_house_style_and_a_chain(plan_file: Path, tmp_path: Path) -> None:
    docx = pytest.importorskip("docx")
    house = style(tmp_path / "house", style_dot_css="h1 { color: teal; }")
    made = docx.Document()
    made.sections[0].header.paragraphs[0].text = "Ministry of Pumps"
    made.styles["Normal"].font.name = "House Sans"
    made.save(str(house / "document.docx"))
    common = ["report", "quickstart", str(plan_file), "--chain", "pumps"]
    for ending in ("html", "docx"):
        out = tmp_path / f"report.{ending}"
        done = CliRunner().invoke(root, [*common, "--template", str(house), "-o", str(out)])
        assert done.exit_code == 0, done.output
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "h1 { color: teal; }" in page
    assert "<bdi>Industrial pumps</bdi></h1>" in page
    document = docx.Document(io.BytesIO((tmp_path / "report.docx").read_bytes()))
    assert document.sections[0].header.paragraphs[0].text == "Ministry of Pumps"
    assert document.paragraphs[0].text == "Industrial pumps"
    assert document.styles["Normal"].font.name == "House Sans"
    # a portrait page is narrower than ours: tables keep to it
    room = (
        document.sections[0].page_width - document.sections[0].left_margin - document.sections[0].right_margin
    )
    for table in document.tables:
        assert sum(column.width for column in table.columns) <= room + 20_000


def test_every_format_writes_one_chain(plan_file: Path, tmp_path: Path) -> None:
    for ending in ("json", "xlsx"):
        out = tmp_path / f"report.{ending}"
        done = CliRunner().invoke(
            root,
            ["report", "quickstart", str(plan_file), "--chain", "pumps", "--language", "zh", "-o", str(out)],
        )
        assert done.exit_code == 0, done.output
    made = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert made["chain"] == "pumps"
    assert [c["chain"] for c in made["chains"]] == ["pumps"]


def test_formats_without_a_house_style_say_so(plan_file: Path, tmp_path: Path) -> None:
    house = style(tmp_path / "house", style_dot_css="h1 {}")
    out = tmp_path / "report.xlsx"
    done = CliRunner().invoke(
        root, ["report", "quickstart", str(plan_file), "--template", str(house), "-o", str(out), "--json"]
    )
    assert done.exit_code == 2
    assert "the format xlsx has no house style" in done.stdout
    assert not out.exists()
