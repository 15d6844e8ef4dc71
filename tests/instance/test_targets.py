"""What a target names, where names hold ':' themselves."""

import pytest

from optichain.instance.targets import Names, Target, parse_target, resolve_target

NAMES = Names(
    {
        "source": frozenset({"S1:valve", "site:S1", "own"}),
        "lane": frozenset({"valve:S1>S2"}),
        "link": frozenset({"pump>valve"}),
        "site": frozenset({"S1", "S2", "a:b"}),
        "item": frozenset({"valve", "item:x", "group:g"}),
        "chain": frozenset({"pumps"}),
        "group": frozenset({"g"}),
    }
)


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("S1:valve", "source", "S1:valve"),
        ("source:S1:valve", "source", "S1:valve"),
        ("site:S1", "source", "site:S1"),
        ("site:S2", "site", "S2"),
        ("site:a:b", "site", "a:b"),
        ("valve:S1>S2", "lane", "valve:S1>S2"),
        ("lane:valve:S1>S2", "lane", "valve:S1>S2"),
        ("pump>valve", "link", "pump>valve"),
        ("item:item:x", "item", "item:x"),
        ("chain:pumps", "chain", "pumps"),
        ("group:g", "group", "g"),
    ],
)
def test_the_whole_text_is_looked_up_before_it_is_split(text, kind, name):
    assert parse_target(text, NAMES) == Target(kind, name)


@pytest.mark.parametrize("text", ["S1", "site:S9", "sites:S1", "valve", "link:pump>valve", "", ":", "site:"])
def test_what_names_nothing_is_nothing(text):
    assert parse_target(text, NAMES) is None


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("valve", Target("stock", "valve")),
        ("valve@S1", Target("stock", "valve", "S1")),
        ("valve@a:b", Target("stock", "valve", "a:b")),
        ("item:x", Target("stock", "item:x")),
        ("item:valve@S2", Target("stock", "valve", "S2")),
        ("group:g", Target("stock", "group:g")),
        ("valve@", None),
        ("valve@S9", None),
        ("pump", None),
    ],
)
def test_stock_is_an_item_or_an_item_at_a_site(text, target):
    assert resolve_target("stockpile", text, NAMES) == target
