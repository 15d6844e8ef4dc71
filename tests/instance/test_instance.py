"""The instance in a planning script: made of data frames, never changed, replaced table by table."""

import math
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import optichain as oc
from optichain.checking import check_instance
from optichain.errors import UsageError
from optichain.instance.schema import TABLES
from optichain.instance.starter import write_starter

GOOD = Path(__file__).parents[1] / "data" / "good"


def tables():
    return {
        "chains": pd.DataFrame({"chain": ["c"]}),
        "items": pd.DataFrame({"item": ["a", "b"], "chain": ["c", None]}),
        "sites": pd.DataFrame({"site": ["S", "T"], "capacity": [np.nan, 7.0]}),
        "sources": pd.DataFrame({"site": ["S", "T"], "item": ["a", "b"], "capacity": [math.inf, np.nan]}),
        "bom": pd.DataFrame({"item": ["a"], "input": ["b"], "quantity": [2]}),
        "demands": pd.DataFrame({"item": ["a"], "rate": [3], "value": [1]}),
    }


def test_blanks_infinity_and_defaults_of_data_frames():
    instance = oc.Instance.from_frames(tables(), {"name": "n"})
    assert instance["sources"]["capacity"].tolist()[0] == math.inf
    assert np.isnan(instance["sources"]["capacity"][1])
    assert instance["sites"]["capacity"].tolist() == [math.inf, 7.0]
    assert instance["sources"]["status"].tolist() == ["active", "active"]
    assert instance["sources"]["load"].tolist() == [1.0, 1.0]
    assert instance["demands"]["chain"].tolist() == ["c"]
    assert instance["items"]["chain"][1] is None
    assert instance["measures"].empty
    assert instance["measures"]["max_units"].dtype == np.int64
    for name, definition in TABLES.items():
        assert tuple(instance[name].columns) == definition.column_names
        assert isinstance(instance[name].index, pd.RangeIndex)
        for column in definition.columns:
            assert (instance[name][column.name].dtype == object) is column.is_text


def test_data_frames_with_types_of_their_own_are_understood():
    given = tables()
    given["items"] = given["items"].astype("string")
    given["items"]["mapped"] = pd.array([True, None], dtype="boolean")
    given["demands"] = pd.DataFrame(
        {"item": pd.Categorical(["a"]), "rate": pd.array([3], dtype="Int64"), "value": ["1"]}
    )
    given["sources"].index = [7, 9]
    instance = oc.Instance.from_frames(given, {"name": "n"})
    assert instance == oc.Instance.from_frames(tables(), {"name": "n"})
    assert instance["items"]["chain"][1] is None


def test_faults_of_data_frames_are_placed():
    given = tables()
    given["demands"] = given["demands"].assign(rate=-3.0, value=-math.inf)
    given["sites"] = given["sites"].assign(longitude=[math.inf, 0])
    given["stock"] = pd.DataFrame()
    given["bom"] = [1, 2]
    with pytest.raises(oc.InstanceError) as caught:
        oc.Instance.from_frames(given, {"name": "n", "horizon": -1})
    assert [(f.file, f.row, f.column, f.code) for f in caught.value.faults()] == [
        ("bom", None, None, "not-a-table"),
        ("demands", 2, "rate", "out-of-range"),
        ("demands", 2, "value", "not-finite"),
        ("settings", None, "horizon", "bad-setting"),
        ("sites", 2, "longitude", "not-finite"),
        ("stock", None, None, "unknown-table"),
    ]


def test_changing_what_is_handed_out_or_was_handed_in_changes_nothing():
    given = tables()
    instance = oc.Instance.from_frames(given, {"name": "n"})
    digest = oc.Instance.from_frames(tables(), {"name": "n"}).digest
    given["sites"].loc[1, "capacity"] = 1.0
    sites, demands = instance["sites"], instance.tables["demands"]
    sites.loc[1, "capacity"] = 1.0
    demands["rate"] = 9.0
    instance.tables.clear()
    with pytest.raises((AttributeError, TypeError)):
        instance.settings = None
    assert instance["sites"]["capacity"][1] == 7.0
    assert instance["demands"]["rate"][0] == 3.0
    assert instance.digest == digest


def test_replace_makes_a_new_checked_instance():
    instance = oc.Instance.from_frames(tables(), {"name": "n"})
    more = instance.replace(demands=pd.DataFrame({"item": ["a"], "rate": [4], "value": [1]}))
    assert more["demands"]["rate"].tolist() == [4.0]
    assert instance["demands"]["rate"].tolist() == [3.0]
    assert more != instance
    assert more.digest != instance.digest
    assert more.replace(demands=instance["demands"]) == instance
    assert instance.replace(**instance.tables) == instance
    assert instance.replace(settings={"name": "n", "horizon": 9}).settings.horizon == 9.0
    assert instance.replace(settings=more.settings) == instance
    with pytest.raises(oc.InstanceError, match="no source provides"):
        instance.replace(sources=instance["sources"].query("item == 'b'"))
    with pytest.raises(oc.InstanceError, match="unknown"):
        instance.replace(demand=instance["demands"])


def test_digest_tells_every_cell_and_setting_apart():
    instance = oc.Instance.from_frames(tables(), {"name": "n"})
    seen = {instance.digest}
    for change in (
        {"sites": instance["sites"].assign(title=["x", None])},
        {"sites": instance["sites"].assign(title=[None, "x"])},
        {"sites": instance["sites"].assign(x_own=[None, "x"])},
        {"sites": instance["sites"].assign(latitude=[0.0, np.nan])},
        {"items": instance["items"].assign(mapped=[True, False])},
        {"settings": {"name": "n", "horizon": 51.5}},
        {"settings": {"name": "n", "title_zh": "水泵"}},
    ):
        seen.add(instance.replace(**change).digest)
    assert len(seen) == 8
    assert len(instance.digest) == 64


def test_a_column_that_says_nothing_does_not_change_the_digest():
    instance = oc.Instance.from_frames(tables(), {"name": "n"})
    blank = instance["sites"].assign(x_own=None, x_other=np.nan)
    assert instance.replace(sites=blank).digest == instance.digest


def test_names_and_copies():
    instance = oc.Instance.from_frames(tables(), {"name": "n"})
    assert repr(instance) == "<Instance 'n': 1 chains, 2 items, 2 sites, 2 sources, 1 bom, 1 demands>"
    assert pickle.loads(pickle.dumps(instance)) == instance
    with pytest.raises(UsageError, match="there is no table 'nodes'"):
        instance["nodes"]


def test_the_starter_passes_all_checks_and_explains_every_setting(tmp_path):
    write_starter(tmp_path / "s")
    instance = oc.load(tmp_path / "s")
    assert instance.warnings == ()
    text = (tmp_path / "s" / "instance.toml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if " = " in line]
    assert len(lines) == 7 + 8 + 3 + 3 + 6
    assert all("  # " in line for line in lines)
    assert oc.reinforce(instance).acc_after > oc.resilience(instance).acc


WARNINGS = {
    "unused-item": {"items": {"item": ["a", "b", "z"], "chain": ["c", None, None]}},
    "unused-site": {"sites": {"site": ["S", "T", "Z"]}},
    "chain-without-demand": {"chains": {"chain": ["c", "d"]}},
    "chain-without-measures": {"measures": {"measure": ["m"], "chain": [None], "cost_1": [1]}},
    "measure-without-effects": {"measures": {"measure": ["m"], "chain": ["c"], "cost_1": [1]}},
    "owner-without-sites": {"chain_owners": {"chain": ["c"], "enterprise": ["E"]}},
    "event-without-hits": {"events": {"event": ["e"], "annual_probability": [0.1]}},
    "idle-lane": {"lanes": {"item": ["b"], "from_site": ["T"], "to_site": ["T"]}},
    "policy-without-measures": {"policies": {"policy": ["p"], "chain": ["c"]}},
    "needless-amount": {
        "measures": {"measure": ["m"], "chain": ["c"], "cost_1": [1]},
        "effects": {"measure": ["m"], "effect": ["own_ip"], "target": ["S:a"], "amount": [1]},
    },
    "nothing-to-switch": {
        "measures": {"measure": ["m"], "chain": ["c"], "cost_1": [1]},
        "effects": {"measure": ["m"], "effect": ["switch"], "target": ["chain:c"], "amount": [1]},
    },
    "partial-loss-of-unlimited": {
        "events": {"event": ["e"], "annual_probability": [0.1]},
        "hits": {"event": ["e"], "kind": ["site"], "target": ["S"], "loss": [0.5]},
    },
    "partial-hardening-of-unlimited": {
        "measures": {"measure": ["m"], "chain": ["c"], "cost_1": [1]},
        "effects": {"measure": ["m"], "effect": ["harden"], "target": ["S:a"], "amount": [0.5]},
    },
}


@pytest.mark.parametrize("code", sorted(WARNINGS))
def test_what_looks_like_a_slip_is_a_warning(code):
    sound = oc.Instance.from_frames(tables(), {"name": "n"})
    assert sound.warnings == ()
    odd = sound.replace(**{name: pd.DataFrame(columns) for name, columns in WARNINGS[code].items()})
    found = [warning for warning in odd.warnings if warning.code == code]
    assert len(found) == 1
    assert found[0].row is not None
    assert found[0].column is not None


@pytest.mark.parametrize(
    "hits",
    [{"kind": ["site"], "target": ["T"], "loss": [0.5]}, {"kind": ["site"], "target": ["S"], "loss": [1.0]}],
)
def test_a_partial_loss_of_what_is_limited_and_a_complete_one_are_no_slips(hits):
    sound = oc.Instance.from_frames(tables(), {"name": "n"})
    events = pd.DataFrame({"event": ["e"], "annual_probability": [0.1]})
    assert sound.replace(events=events, hits=pd.DataFrame({"event": ["e"], **hits})).warnings == ()


def test_a_hit_that_reaches_nothing_is_a_warning_but_not_where_it_destroys_stock():
    """Site Z makes nothing; it holds a stock of b that is lost with it, where the setting says so."""
    sound = oc.Instance.from_frames(tables(), {"name": "n"})
    odd = sound.replace(
        sites=pd.DataFrame({"site": ["S", "T", "Z"]}),
        stocks=pd.DataFrame({"item": ["b"], "site": ["Z"], "quantity": [5]}),
        events=pd.DataFrame({"event": ["e"], "annual_probability": [0.1]}),
        hits=pd.DataFrame({"event": ["e", "e"], "kind": ["site", "site"], "target": ["S", "Z"]}),
    )

    def idle(instance):
        return [(w.file, w.row) for w in check_instance(instance).warnings if w.code == "idle-hit"]

    assert idle(odd) == [("hits", 3)]
    assert idle(odd.replace(settings={"name": "n", "stock_at_failed_site": "lost"})) == []


def test_facts_about_owners_and_regions_of_chains_are_welcome():
    given = tables() | {
        "chains": pd.DataFrame({"chain": ["c"], "region": ["North"]}),
        "chain_owners": pd.DataFrame({"chain": ["c"], "enterprise": ["Holding"]}),
        "elements": pd.DataFrame(
            {"kind": ["enterprise", "region"], "target": ["Holding", "North"], "title_zh": ["控股", "北"]}
        ),
    }
    assert oc.Instance.from_frames(given, {"name": "n"})["elements"]["title_zh"].tolist() == ["控股", "北"]


def test_warnings_and_assumptions_name_file_and_row_as_the_user_counts_them(tmp_path):
    write_starter(tmp_path / "s")
    (tmp_path / "s" / "sources.csv").write_text(
        "site,item,capacity\n\nplant,pump,10\n\nfoundry-1,casting,\nfoundry-2,casting,1\nworks,fan,40\nmotor-shop,motor,90\n"
    )
    (tmp_path / "s" / "effects.csv").write_text("measure,effect,target,amount\n")
    found = check_instance(oc.load(tmp_path / "s"))
    assert ("demands.csv", 2, "unserved-demand") in [(w.file, w.row, w.code) for w in found.warnings]
    assert [(a.file, a.row) for a in found.assumptions if a.code == "estimated-capacity"] == [
        ("sources.csv", 5)
    ]
