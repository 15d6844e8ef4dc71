"""The dossier of a chain: what stands in, what stops it, what is not known; and the portfolio around it."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

import optichain as oc
from optichain.errors import UsageError
from optichain_reports.building.build import build_report
from optichain_reports.model import Dossier, ReportModel
from optichain_reports.page import render_page
from small import instance

NOTHING = pd.DataFrame({"measure": [], "start_year": []})
PLANNING = {"years": [2026], "budget": [10.0], "tail_budget": [0.0, 0.0], "terminal_years": 1}


def report(case: Any, chosen: pd.DataFrame = NOTHING, **options: Any) -> ReportModel:
    return build_report(case, oc.evaluate(case, chosen), **options)


def start(*measures: str) -> pd.DataFrame:
    return pd.DataFrame({"measure": list(measures), "start_year": [2026] * len(measures)})


@pytest.fixture(scope="module")
def parts() -> Any:
    """A machine of seven parts, each of which another site or item can stand in for in another way."""
    named = {
        "alone": ["a1"],
        "twice": ["t1", "t2"],
        "offered": ["o1"],
        "made": ["m1"],
        "swapped": ["s1"],
        "swap": ["s2"],
        "unsure": ["u1"],
    }
    sources = [
        {"site": site, "item": item, "capacity": 1.0} for item, sites in named.items() for site in sites
    ]
    sources += [{"site": "o2", "item": "offered", "status": "potential"}]
    sources += [{"site": "m2", "item": "made", "status": "potential"}]
    bom = [
        {"item": "machine", "input": i, "quantity": 1.0, "requirement": r}
        for i, r in (
            ("alone", ""),
            ("twice", ""),
            ("offered", ""),
            ("made", ""),
            ("swapped", "either"),
            ("swap", "either"),
            ("unsure", ""),
        )
    ]
    return instance(
        planning=PLANNING,
        items=[{"item": "unsure", "mapped": False}],
        sources=[{"site": "works", "item": "machine"}, *sources],
        bom=bom,
        demands=[{"item": "machine", "rate": 1.0, "value": 10.0}],
        measures=[
            {"measure": "open-m2", "chain": "c", "title": "Open M2", "cost_1": 2.0},
            {"measure": "open-o2", "chain": "c", "title": "Open O2", "cost_1": 3.0},
        ],
        effects=[
            {"measure": "open-m2", "effect": "qualify", "target": "m2:made"},
            {"measure": "open-o2", "effect": "qualify", "target": "o2:offered"},
        ],
    )


@pytest.fixture(scope="module")
def dossier(parts: Any) -> Dossier:
    return report(parts, start("open-m2")).dossiers[0]


def test_alternatives_that_exist_and_that_are_missing(dossier: Dossier) -> None:
    states = {row.item.name: row.state for row in dossier.items}
    assert states == {
        "machine": "missing",
        "alone": "missing",
        "unsure": "missing",
        "offered": "known",
        "made": "funded",
        "twice": "exists",
        "swapped": "exists",
        "swap": "exists",
    }
    rows = {row.item.name: row for row in dossier.items}
    assert [m.name for m in rows["offered"].offered] == ["open-o2"]
    assert (rows["offered"].active, rows["offered"].potential, rows["offered"].funded) == (1, 1, 0)
    assert (rows["made"].potential, rows["made"].funded) == (1, 1)
    assert [i.name for i in rows["swapped"].substitutes] == ["swap"]
    # the machine stops when one of these is lost; two makers or a substitute keep it going
    critical = {name for name, row in rows.items() if row.critical}
    assert critical == {"machine", "alone", "unsure", "offered", "made", "twice"}
    assert rows["twice"].critical  # its two makers can fail one at a time, the item itself not


def test_pairs_of_sites_that_stop_it_together(dossier: Dossier) -> None:
    found = {tuple(e.name for e in pair.elements): pair for pair in dossier.cuts}
    assert set(found) == {("m1", "m2"), ("s1", "s2"), ("t1", "t2")}
    # each fails with the default chance of a hundredth a year
    assert all(pair.probability == pytest.approx(1e-4) for pair in found.values())
    # before the plan the second maker was not usable, so that the first one alone was enough
    assert {pair: found[pair].state for pair in found} == {
        ("m1", "m2"): "new",
        ("s1", "s2"): "remaining",
        ("t1", "t2"): "remaining",
    }
    assert dossier.cuts_proven
    assert [d.name for d in found["t1", "t2"].demands] == ["machine"]


def test_blind_spots_and_what_was_rejected(dossier: Dossier) -> None:
    assert [(spot.kind, spot.what.name) for spot in dossier.blind_spots if spot.kind != "own_ip"] == [
        ("unmapped", "unsure")
    ]
    assert [(r.measure.name, r.cost, r.why) for r in dossier.rejected] == [("open-o2", 3.0, None)]


def test_what_to_verify_first_is_where_most_is_lost() -> None:
    """The big site costs 12 of 10 weeks at 1: all 10; the small one shares with another and costs half."""
    case = instance(
        planning=PLANNING,
        sites=[{"site": "big"}, {"site": "half", "recovery_time": 5.0}, {"site": "other"}],
        sources=[
            {"site": "big", "item": "product", "capacity": 1.0},
            {"site": "half", "item": "part", "capacity": 0.5},
            {"site": "other", "item": "part", "capacity": 0.5},
        ],
        bom=[{"item": "product", "input": "part", "quantity": 1.0}],
        demands=[{"item": "product", "rate": 1.0, "value": 1.0}],
    )
    found = report(case).dossiers[0].verify
    first = [(v.column, v.at_stake) for v in found[:2]]
    assert first == [("annual_probability", pytest.approx(0.1)), ("recovery_time", pytest.approx(0.1))]
    stakes = [v.at_stake for v in found]
    assert stakes == sorted(stakes, reverse=True)
    assert any(v.at_stake == pytest.approx(0.01 * 2.5) for v in found)


@pytest.mark.parametrize(
    ("grades", "capacity", "level"),
    [
        (("A", "A"), 1.0, "high"),
        (("A", "B"), 1.0, "medium"),
        (("A", "C"), 1.0, "low"),
        (("A", ""), 1.0, "unknown"),
        (("A", "A"), None, "low"),
    ],
)
def test_confidence_is_that_of_the_worst_input(
    grades: tuple[str, str], capacity: float | None, level: str
) -> None:
    """The measure enlarges one source at one site; a capacity that is not known had to be estimated."""
    first, second = grades
    case = instance(
        planning=PLANNING,
        sites=[{"site": "s", "grade": first, "recovery_time": 1.0, "annual_probability": 0.1}],
        sources=[
            {"site": "s", "item": "a", "capacity": capacity, "grade": second, "own_ip": "yes"},
            {"site": "z", "item": "a", "capacity": 1.0},
        ],
        demands=[{"item": "a", "rate": 1.0}],
        measures=[{"measure": "m", "chain": "c", "title": "M", "cost_1": 1.0, "grade": "A"}],
        effects=[{"measure": "m", "effect": "expand", "target": "s:a", "amount": 1.0, "grade": "A"}],
    )
    known = report(case, start("m")).funded[0].confidence
    assert known.level == level
    assert known.measured + known.stated + known.guessed + known.ungraded == 4
    assert known.assumed == (capacity is None)


def test_home_and_abroad_are_two_sides() -> None:
    """Half of a part comes from abroad, which the only works at home needs; a second source at home adds a half.

    Without abroad a half is served, with the measure all; without home nothing, whatever is funded.
    """
    case = instance(
        planning=PLANNING,
        sites=[
            {"site": "works", "country": "Home"},
            {"site": "near", "country": "Home"},
            {"site": "far", "country": "Away"},
        ],
        sources=[
            {"site": "works", "item": "product", "capacity": 1.0, "own_ip": "yes"},
            {"site": "near", "item": "part", "capacity": 0.5, "own_ip": "yes"},
            {"site": "far", "item": "part", "capacity": 0.5, "own_ip": "no"},
        ],
        bom=[{"item": "product", "input": "part", "quantity": 1.0}],
        demands=[{"item": "product", "rate": 1.0}],
        measures=[{"measure": "m", "chain": "c", "title": "M", "cost_1": 1.0}],
        effects=[{"measure": "m", "effect": "expand", "target": "near:part", "amount": 0.5}],
    )
    (home,) = report(case, start("m")).home
    assert (home.home.name, home.sites, home.abroad) == ("Home", 3, 1)
    assert home.without_abroad_before == pytest.approx(0.5)
    assert home.without_abroad_after == pytest.approx(1.0)
    assert (home.without_home_before, home.without_home_after) == (0.0, 0.0)
    assert home.autonomy_low_before == pytest.approx(0.5)


def test_chains_in_support_and_left_out() -> None:
    """One chain is funded, one has had its support before, one offers what does not fit, one offers nothing."""
    case = instance(
        planning={**PLANNING, "years": [2026, 2027], "budget": [4.0, 4.0]},
        sources=[{"site": f"s{i}", "item": f"i{i}", "capacity": 1.0} for i in range(4)],
        demands=[{"item": f"i{i}", "rate": 1.0, "chain": f"c{i}"} for i in range(4)],
        measures=[
            {"measure": f"m{i}", "chain": f"c{i}", "title": f"M{i}", "cost_1": 3.0, "cost_2": 1.0}
            for i in range(3)
        ],
        effects=[
            {"measure": f"m{i}", "effect": "harden", "target": f"site:s{i}", "amount": 0.5} for i in range(3)
        ],
        running=[{"chain": "c1", "measure": "m1", "start_year": 2025}],
    )
    plan = oc.gather_evidence(case, oc.evaluate(case, start("m0")), kinds=["add_one"])
    made = build_report(case, plan)
    support = {row.chain: row for row in made.support}
    assert set(support) == {"c0", "c1"}
    assert support["c0"].new[:2] == (3.0, 1.0)
    assert sum(support["c0"].committed) == 0.0
    assert support["c1"].committed[0] == 1.0  # its second year
    assert (support["c1"].start_year, sum(support["c1"].new)) == (2025, 0.0)
    left = {row.chain: row for row in made.left_out}
    assert set(left) == {"c2", "c3"}
    assert left["c3"].why == "offers nothing"
    assert left["c2"].best is not None
    assert left["c2"].best.name == "m2"
    # the default chance and recovery time: 0.01 x 10 lost of 10, of which half is avoided
    assert left["c2"].loss == pytest.approx(0.1)
    assert left["c2"].avoided == pytest.approx(0.05)


def test_the_frontier_tells_what_a_budget_adds_and_drops(model: ReportModel) -> None:
    budgets = [point.budget for point in model.frontier]
    assert budgets == sorted(budgets)
    assert len(budgets) > 3
    planned = {m.measure for m in model.funded}
    for point in model.frontier:
        names = {m.measure for m in point.measures}
        assert {m.measure for m in point.measures if m.in_plan} == names & planned
        assert {m.name for m in point.dropped} == planned - names
        assert point.cost == pytest.approx(sum(m.cost for m in point.measures))
    nothing = model.frontier[0]
    assert (nothing.budget, nothing.cost, nothing.loss_avoided) == (0.0, 0.0, pytest.approx(0.0))
    assert [value.year for value in model.value_of_money] == [2026, 2027, 2028]


def test_what_an_event_costs_a_chain_adds_up(model: ReportModel) -> None:
    """Expected losses of all events, of one chain, are the expected annual loss of the chain."""
    for chain in model.chains:
        mine = [impact for impact in model.impacts if impact.chain == chain.chain]
        assert sum(i.expected_before for i in mine) == pytest.approx(chain.loss_before)
        assert sum(i.expected_after for i in mine) == pytest.approx(chain.loss_after)


def test_the_share_of_the_avoidable_by_chain(model: ReportModel) -> None:
    # all measures: the forge hardened or doubled clears the valves of 10.8 of 12; seals and foundry help the pumps
    shares = {chain.chain: chain.avoidable_share for chain in model.chains}
    assert shares["valves"] == pytest.approx(0.889, abs=1e-3)
    assert shares["pumps"] == pytest.approx(0.561, abs=1e-3)


@pytest.fixture(scope="module")
def pumps(quickstart: tuple[Any, Any]) -> ReportModel:
    return build_report(*quickstart, chain="pumps")


class TestOneChain:
    def test_it_holds_what_concerns_the_chain(self, pumps: ReportModel, model: ReportModel) -> None:
        assert pumps.chain == "pumps"
        assert [c.chain for c in pumps.chains] == ["pumps"]
        assert [m.measure for m in pumps.funded] == ["seal-stock"]
        assert {d.name for root in pumps.spofs for d in root.demands} == {"pump"}
        assert {impact.chain for impact in pumps.impacts} == {"pumps"}
        assert [b.measure.name for b in pumps.evidence.bought] == ["seal-stock"]
        assert pumps.dossiers == tuple(d for d in model.dossiers if d.chain == "pumps")
        sites = {c.kind: (c.before, c.after) for c in pumps.spof_counts}["site"]
        assert sites == (pumps.chains[0].spof_sites_before, pumps.chains[0].spof_sites_after)
        assert sites == (3, 3)

    def test_its_page_numbers_are_those_of_its_json(self, pumps: ReportModel, read: Any) -> None:
        data = json.loads(json.dumps(pumps.to_json()))
        shown = read(render_page(pumps)).all("data")
        assert len(shown) > 60
        for element in shown:
            value: Any = data
            for part in element.attributes["data-at"].split("."):
                if part == "length":
                    value = len(value)
                else:
                    value = value[int(part)] if isinstance(value, list) else value[part]
            written = element.attributes["value"]
            assert (None if written == "" else json.loads(written)) == value

    def test_a_chain_that_is_not_there(self, quickstart: tuple[Any, Any]) -> None:
        with pytest.raises(UsageError, match=r"'pump'.*did you mean 'pumps'"):
            build_report(*quickstart, chain="pump")

    def test_a_chain_that_sells_nothing(self) -> None:
        case = instance(
            planning=PLANNING,
            chains=[{"chain": "c"}, {"chain": "idle"}],
            sources=[{"site": "s", "item": "a"}],
            demands=[{"item": "a", "rate": 1.0, "chain": "c"}],
            measures=[{"measure": "m", "chain": "c", "title": "M", "cost_1": 1.0}],
            effects=[{"measure": "m", "effect": "harden", "target": "site:s", "amount": 0.5}],
        )
        with pytest.raises(UsageError, match="nothing is demanded of it"):
            report(case, chain="idle")


def test_a_region_is_called_by_its_title_in_the_language() -> None:
    town = oc.load("quickstart")
    named = town.replace(
        chains=town["chains"].assign(region=["FS", "HZ"]),
        elements=pd.DataFrame([{"kind": "region", "target": "FS", "title": "Foshan", "title_zh": "佛山"}]),
    )
    for language, title in (("en", "Foshan"), ("zh", "佛山")):
        regions = {chain.chain: chain.region for chain in report(named, language=language).chains}
        assert regions == {"pumps": title, "valves": "HZ"}
