"""What the main results show in a notebook."""

import re
from html.parser import HTMLParser

import pytest

import optichain as oc
from optichain.notebook import table_html
from optichain.shipped import locate


class Tags(HTMLParser):
    """Refuses what is opened and not closed, and collects text."""

    def __init__(self, html):
        super().__init__()
        self.open, self.seen, self.text = [], set(), ""
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.seen.add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data + " "


@pytest.fixture(scope="module")
def instance():
    return oc.load(locate("quickstart"))


def test_an_instance(instance):
    text = Tags(instance._repr_html_()).text
    assert "A pump maker and a valve maker in one town" in text
    assert re.search(r"sites\s+7\b", text)


def test_a_plan(instance):
    text = Tags(oc.reinforce(instance)._repr_html_()).text
    assert "Plan: optimal" in text
    assert "81.3 % before, 90.9 % in full effect" in text
    assert re.search(r"valves\s+second-forge\s+1\s+2026", text)
    assert re.search(r"pumps\s+seal-stock\s+4\s+2027", text)


def test_findings_good_and_bad(tmp_path):
    good = oc.check(locate("guangdong-100"))
    text = Tags(good._repr_html_()).text
    assert "Usable" in text
    assert f"20 of {len(good.assumptions):,} shown" in text
    bad = oc.check(tmp_path / "nowhere")
    text = Tags(bad._repr_html_()).text
    assert "Not usable" in text
    assert "there is no such file" in text


def test_a_stress_test(instance):
    text = Tags(oc.resilience(instance)._repr_html_()).text
    assert "27.1" in text  # expected annual loss of the README of the instance
    first = text.index("site:forge-a"), text.index("site:seal-maker")
    assert first[0] < first[1]  # 10.8 a year comes before 8.8


def test_what_was_merged(instance, tmp_path):
    oc.write(instance, tmp_path / "first")
    demands = instance["demands"].assign(rate=instance["demands"]["rate"] + 1.0)
    oc.write(instance.replace(demands=demands), tmp_path / "second")
    merged = oc.merge([tmp_path / "first", tmp_path / "second"])
    text = Tags(merged._repr_html_()).text
    rows = sum(len(frame) for frame in instance.tables.values())
    assert len(re.findall(rf"/(first|second)\s+quickstart( 2)?\s+{rows}\b", text)) == 2
    assert re.search(rf"open questions\s+{len(demands)}\b", text)
    assert re.search(r"conflict\s+demands pump\b.*\s+rate\s", text)


def test_what_was_imported(tmp_path):
    (tmp_path / "map.toml").write_text(
        '[own]\nenterprise = "North"\nplant = "1000"\n[[products]]\nitem = "pump"\nannual_volume = 5200\nprice = 2\n'
        '[bom.columns]\nitem = "item"\ninput = "input"\nquantity = "quantity"\n'
        '[suppliers.columns]\nitem = "item"\nvendor = "vendor"\n',
        encoding="utf-8",
    )
    (tmp_path / "bom.csv").write_text("item,input,quantity\npump,casting,2\n", encoding="utf-8")
    (tmp_path / "suppliers.csv").write_text("item,vendor\ncasting,V1\nbolt,V2\n", encoding="utf-8")
    found = oc.import_extracts(
        map=tmp_path / "map.toml", bom=tmp_path / "bom.csv", suppliers=tmp_path / "suppliers.csv"
    )
    text = Tags(found._repr_html_()).text
    # two rows of suppliers, of which one is used
    assert re.search(r"suppliers\s+2\s+1\s+1\b", text), text


def test_names_are_text(instance):
    hostile = "<script>alert(1)</script>"
    chains = instance["chains"].assign(title=hostile)
    settings = instance.settings.model_copy(update={"title": hostile})
    shown = instance.replace(settings=settings, chains=chains)._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
    assert table_html("c", ["a"], []) == ""
