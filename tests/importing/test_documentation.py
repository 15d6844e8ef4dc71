"""The page about importing: its map is one, and its columns are those of the code."""

import re

from optichain.importing.columns import EXTRACTS
from optichain.importing.read_map import read_map


def columns_table():
    lines = ["| extract | column | what it holds |", "| --- | --- | --- |"]
    for extract, (needed, known) in EXTRACTS.items():
        lines += [
            f"| {extract} | {f'**{name}**' if name in needed else name} | {text} |"
            for name, text in known.items()
        ]
    return "\n".join(lines)


def test_the_map_of_the_page_is_a_map(checkout, tmp_path):
    page = (checkout / "docs" / "importing.md").read_text(encoding="utf-8")
    text = re.search(r"<!-- map -->\n```toml\n(.*?)```", page, re.DOTALL)[1]
    (tmp_path / "map.toml").write_text(text, encoding="utf-8")
    found = read_map(tmp_path / "map.toml")
    assert found.money.unit == 1e6
    assert len(found.recovery) == 4
    assert found.orders is not None


def test_the_page_lists_every_column(checkout):
    page = (checkout / "docs" / "importing.md").read_text(encoding="utf-8")
    shown = re.search(r"<!-- columns: begin -->\n(.*?)\n<!-- columns: end -->", page, re.DOTALL)
    assert shown is not None
    assert shown[1] == columns_table()
