"""Writes ``tests/data/bad``: one broken instance a rule, made of one sound instance and one slip.

Run it after adding a case: ``python tests/data/make_bad.py``. Each case is (files that differ from the sound
instance, faults expected); a fault is (file, row, column, code, part of the message or hint).
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
Fault = tuple[str, int | None, str | None, str, str]
Case = tuple[dict[str, str | bytes | None], list[Fault]]

PLANNING: Final = "[planning]\nyears = [2026, 2027]\nbudget = [5.0, 5.0]\n"
HEAD: Final = 'name = "bad"\ntitle = "One slip"\n'
SOUND: Final[dict[str, str]] = {
    "instance.toml": HEAD,
    "chains.csv": "chain\nc1\nc2\n",
    "items.csv": "item,chain\npump,c1\ncasting,c1\nfan,c2\n",
    "sites.csv": "site,enterprise,capacity\nS1,E1,\nS2,E2,50\n",
    "sources.csv": "site,item,capacity,status\nS1,pump,10,\nS1,casting,20,\nS2,casting,5,potential\nS2,fan,unlimited,\n",
    "demands.csv": "item,rate,value\npump,5,1\nfan,2,1\n",
}
BOM: Final = "item,input,quantity\npump,casting,2\n"
LANES: Final = "item,from_site,to_site,capacity\ncasting,S1,S2,9\n"
MEASURES: Final = "measure,chain,cost_1,max_units\nm1,c1,1,\nm2,c2,1,\nm3,,1,3\n"
EFFECTS: Final = "measure,effect,target,amount\nm1,qualify,S2:casting,\nm3,stockpile,fan,5\n"
DESIGN: Final = {"instance.toml": HEAD + PLANNING, "measures.csv": MEASURES, "effects.csv": EFFECTS}


def effect(row: str, column: str, code: str, words: str) -> Case:
    """Return a case with one faulty effect of the measure m2."""
    effects = f"measure,effect,target,amount\nm2,{row}\n"
    return {**DESIGN, "effects.csv": effects}, [("effects.csv", 2, column, code, words)]


def settings(lines: str, column: str, code: str, words: str) -> Case:
    """Return a case with faulty settings."""
    return {"instance.toml": HEAD + lines}, [("instance.toml", None, column, code, words)]


def planning(line: str, column: str, words: str) -> Case:
    """Return a case with a faulty line in the planning section."""
    kept = "".join(f"{k}\n" for k in PLANNING.splitlines() if k.split(" =")[0] != line.split(" =")[0])
    return settings(f"{kept}{line}\n", f"planning.{column}", "bad-setting", words)


def table(name: str, text: str, row: int | None, column: str | None, code: str, words: str) -> Case:
    """Return a case with one faulty table of the network."""
    return {name: text}, [(name, row, column, code, words)]


def design(name: str, text: str, row: int | None, column: str | None, code: str, words: str) -> Case:
    """Return a case with one faulty table of the reinforcement."""
    return {**DESIGN, name: text}, [(name, row, column, code, words)]


def limit(row: str, column: str, code: str, words: str) -> Case:
    """Return a case with one faulty limit."""
    return design("limits.csv", f"limit,on,kind,target,year,min,max\nl1,{row}\n", 2, column, code, words)


CASES: Final[dict[str, Case]] = {
    # files
    "missing-settings": ({"instance.toml": None}, [("instance.toml", None, None, "missing-file", "missing")]),
    "missing-table": (
        {"sites.csv": None},
        [("sites.csv", None, None, "missing-file", "the table sites is missing")],
    ),
    "empty-file": table("bom.csv", "", None, None, "empty-file", "expected a header"),
    "bad-toml": ({"instance.toml": "name = \n"}, [("instance.toml", None, None, "bad-toml", "line 1")]),
    "duplicate-setting": (
        {"instance.toml": HEAD + 'name = "twice"\n'},
        [("instance.toml", None, None, "bad-toml", "overwrite")],
    ),
    "not-utf-8": (
        {"sites.csv": "site,enterprise\nS1,\nS2,M\xfcller\n".encode("latin-1")},
        [("sites.csv", 3, None, "not-utf-8", "0xfc")],
    ),
    "not-utf-8-settings": (
        {"instance.toml": HEAD.encode() + b'currency = "\xa3"\n'},
        [("instance.toml", 3, None, "not-utf-8", "0xa3")],
    ),
    "utf-16": (
        {"sites.csv": "site\nS1\nS2\n".encode("utf-16")},
        [("sites.csv", 1, None, "not-utf-8", "save the file as UTF-8")],
    ),
    "unclosed-quote": table("sites.csv", 'site,title\nS1,"one\nS2,two\n', 2, None, "bad-csv", "not CSV"),
    "ragged-long": table(
        "demands.csv",
        "item,rate,value\npump,5,1\nfan,2,1,7\n",
        3,
        None,
        "ragged-row",
        "found 4 cells, expected 3",
    ),
    "ragged-short": table(
        "sites.csv",
        "site,enterprise,capacity\nS1,E1,\nS2,E2\n",
        3,
        None,
        "ragged-row",
        "found 2 cells, expected 3",
    ),
    "folder-for-file": (
        {"bom.csv/inside.txt": "x"},
        [("bom.csv", None, None, "unreadable", "cannot be read")],
    ),
    "nul": table(
        "sites.csv", "site,title\nS1,a\0b\nS2,\n", 2, "title", "bad-character", "control characters"
    ),
    "nul-in-number": table(
        "bom.csv", "item,input,quantity\npump,casting,2\0\n", 2, "quantity", "not-a-number", "2\\0"
    ),
    # columns and tables
    "own-table": table("x_notes.csv", "anything\n", None, None, "unknown-table", "'x_notes'"),
    "unknown-table": table("site.csv", "site\nS1\n", None, None, "unknown-table", "did you mean 'sites'?"),
    "unknown-column": table(
        "sites.csv",
        "site,enterprize\nS1,\nS2,\n",
        1,
        "enterprize",
        "unknown-column",
        "did you mean 'enterprise'?",
    ),
    "missing-column": table(
        "demands.csv", "item,value\npump,1\nfan,1\n", 1, "rate", "missing-column", "'rate' is missing"
    ),
    "duplicate-column": table(
        "sites.csv", "site,title,title\nS1,a,b\nS2,,\n", 1, "title", "duplicate-column", "twice"
    ),
    "unnamed-column": table("sites.csv", "site,\nS1,\nS2,what\n", 3, None, "unnamed-column", "'what'"),
    "semicolons": (
        {"bom.csv": "item;input;quantity\npump;casting;2\n"},
        [
            ("bom.csv", 1, "item;input;quantity", "unknown-column", "separate the columns by commas"),
            ("bom.csv", 1, "item", "missing-column", "missing"),
            ("bom.csv", 1, "input", "missing-column", "missing"),
            ("bom.csv", 1, "quantity", "missing-column", "missing"),
        ],
    ),
    # cells
    "blank": table("demands.csv", "item,rate,value\npump,,1\nfan,2,1\n", 2, "rate", "missing-value", "blank"),
    "not-a-number": table(
        "sites.csv", "site,capacity\nS1,lots\nS2,\n", 2, "capacity", "not-a-number", "'lots'"
    ),
    "decimal-comma": table(
        "bom.csv", 'item,input,quantity\npump,casting,"1,5"\n', 2, "quantity", "not-a-number", "decimal point"
    ),
    "percent": table(
        "sites.csv",
        "site,annual_probability\nS1,5%\nS2,\n",
        2,
        "annual_probability",
        "not-a-number",
        "0 to 1",
    ),
    "underscore": table(
        "bom.csv", "item,input,quantity\npump,casting,1_0\n", 2, "quantity", "not-a-number", "'1_0'"
    ),
    "nan": table("demands.csv", "item,rate,value\npump,5,nan\nfan,2,1\n", 2, "value", "not-finite", "'nan'"),
    "infinity": table(
        "sites.csv", "site,capacity\nS1,inf\nS2,\n", 2, "capacity", "not-finite", "write the word unlimited"
    ),
    "overflow": table(
        "bom.csv", "item,input,quantity\npump,casting,1e999\n", 2, "quantity", "not-finite", "1e999"
    ),
    "unlimited-rate": table(
        "demands.csv",
        "item,rate,value\npump,unlimited,1\nfan,2,1\n",
        2,
        "rate",
        "not-a-number",
        "'unlimited'",
    ),
    "not-whole": design("measures.csv", MEASURES + "m4,c1,1,1.5\n", 5, "max_units", "not-whole", "found 1.5"),
    "not-a-boolean": table(
        "items.csv",
        "item,chain,mapped\npump,c1,maybe\ncasting,c1,\nfan,c2,\n",
        2,
        "mapped",
        "not-a-boolean",
        "'maybe', expected true or false",
    ),
    "not-a-choice": table(
        "sources.csv",
        SOUND["sources.csv"].replace("potential", "potental"),
        4,
        "status",
        "not-a-choice",
        "did you mean 'potential'?",
    ),
    "grade": table("sites.csv", "site,grade\nS1,D\nS2,\n", 2, "grade", "not-a-choice", "one of A, B, C"),
    # ranges
    "negative-capacity": table(
        "sites.csv", "site,capacity\nS1,-1\nS2,\n", 2, "capacity", "out-of-range", "found -1"
    ),
    "negative-rate": table(
        "demands.csv", "item,rate,value\npump,-5,1\nfan,2,1\n", 2, "rate", "out-of-range", "found -5"
    ),
    "negative-cost": design(
        "measures.csv", MEASURES + "m4,c1,-1,\n", 5, "cost_1", "out-of-range", "found -1"
    ),
    "negative-quantity": table(
        "bom.csv", "item,input,quantity\npump,casting,-2\n", 2, "quantity", "out-of-range", "above 0"
    ),
    "zero-quantity": table(
        "bom.csv", "item,input,quantity\npump,casting,0\n", 2, "quantity", "out-of-range", "above 0"
    ),
    "negative-stock": table(
        "stocks.csv", "item,quantity\npump,-2\n", 2, "quantity", "out-of-range", "found -2"
    ),
    "probability": table(
        "sites.csv",
        "site,annual_probability\nS1,1.5\nS2,\n",
        2,
        "annual_probability",
        "out-of-range",
        "from 0 to 1",
    ),
    "event-probability": table(
        "events.csv",
        "event,annual_probability\nstorm,-0.1\n",
        2,
        "annual_probability",
        "out-of-range",
        "from 0 to 1",
    ),
    "loss": (
        {
            "events.csv": "event,annual_probability\nstorm,0.1\n",
            "hits.csv": "event,kind,target,loss\nstorm,site,S1,2\n",
        },
        [("hits.csv", 2, "loss", "out-of-range", "found 2")],
    ),
    "score": table(
        "chains.csv", "chain,strength\nc1,101\nc2,5\n", 2, "strength", "out-of-range", "from 0 to 100"
    ),
    "latitude": table("sites.csv", "site,latitude\nS1,91\nS2,\n", 2, "latitude", "out-of-range", "-90 to 90"),
    "zero-max-units": design(
        "measures.csv", MEASURES + "m4,c1,1,0\n", 5, "max_units", "out-of-range", "found 0"
    ),
    # names and keys
    "bad-name": table("chains.csv", "chain\nc1\nc2\nc>3\n", 4, "chain", "bad-name", "'c>3'"),
    "bad-label": table("sites.csv", "site,groups\nS1,a; b@c\nS2,\n", 2, "groups", "bad-name", "'a; b@c'"),
    "bad-lane-name": table(
        "lanes.csv", "lane,item,from_site,to_site\na>b,casting,S1,S2\n", 2, "lane", "bad-name", "'a>b'"
    ),
    "duplicate-site": table(
        "sites.csv", "site\nS1\nS2\nS1\n", 4, "site", "duplicate-key", "which row 2 has already"
    ),
    "duplicate-source": table(
        "sources.csv",
        SOUND["sources.csv"] + "S1,pump,3,\n",
        6,
        "source",
        "duplicate-key",
        "'S1:pump', which row 2",
    ),
    "duplicate-demand": table(
        "demands.csv", "item,rate,value\npump,5,1\nfan,2,1\npump,1,1\n", 4, "item", "duplicate-key", "row 2"
    ),
    "duplicate-bom": table(
        "bom.csv",
        "item,input,requirement,quantity\npump,casting,a,2\npump,casting,a,3\n",
        3,
        "item",
        "duplicate-key",
        "row 2",
    ),
    "lane-named-as-source": (
        {"lanes.csv": "lane,item,from_site,to_site\nS1:pump,casting,S1,S2\n"},
        [("lanes.csv", 2, "lane", "duplicate-key", "name of a source")],
    ),
    "event-named-as-generated": table(
        "events.csv",
        "event,annual_probability\nsite:S1,0.1\n",
        2,
        "event",
        "duplicate-key",
        "events.single_site",
    ),
    # references
    "dangling-chain": table(
        "items.csv", "item,chain\npump,c9\ncasting,c1\nfan,c2\n", 2, "chain", "dangling-reference", "'c9'"
    ),
    "dangling-site": table(
        "sources.csv",
        SOUND["sources.csv"].replace("S2,fan", "S22,fan"),
        5,
        "site",
        "dangling-reference",
        "did you mean 'S2'?",
    ),
    "dangling-item": table(
        "bom.csv", "item,input,quantity\npump,castin,2\n", 2, "input", "dangling-reference", "'casting'"
    ),
    "dangling-bom-source": table(
        "bom.csv",
        "item,input,source,quantity\npump,casting,S1:pumps,2\n",
        2,
        "source",
        "dangling-reference",
        "'S1:pump'",
    ),
    "dangling-event": table(
        "hits.csv", "event,kind,target\nstorm,site,S1\n", 2, "event", "dangling-reference", "'storm'"
    ),
    "dangling-hit": (
        {
            "events.csv": "event,annual_probability\nstorm,0.1\n",
            "hits.csv": "event,kind,target\nstorm,enterprise,E11\n",
        },
        [("hits.csv", 2, "target", "dangling-reference", "did you mean 'E1'?")],
    ),
    "dangling-owner-target": (
        {
            "chain_owners.csv": "chain,enterprise\nc1,HQ\n",
            "events.csv": "event,annual_probability\nstrike,0.1\n",
            "hits.csv": "event,kind,target\nstrike,enterprise,HQ\n",
        },
        [("hits.csv", 2, "target", "dangling-reference", "the enterprise 'HQ'")],
    ),
    "dangling-element": table(
        "elements.csv", "kind,target\ngroup,flood\n", 2, "target", "dangling-reference", "the group 'flood'"
    ),
    "dangling-measure": design(
        "effects.csv", EFFECTS + "m9,own_ip,S2:fan,\n", 4, "measure", "dangling-reference", "'m9'"
    ),
    "dangling-policy": design(
        "policy_measures.csv", "policy,measure\np1,m1\n", 2, "policy", "dangling-reference", "'p1'"
    ),
    "dangling-owner": table(
        "chain_owners.csv", "chain,enterprise\nc3,E1\n", 2, "chain", "dangling-reference", "'c3'"
    ),
    "wrong-bom-source": table(
        "bom.csv",
        "item,input,source,quantity\npump,casting,S2:fan,2\n",
        2,
        "source",
        "wrong-source",
        "which provides 'fan'",
    ),
    # rules of the network
    "some-weights": table(
        "chains.csv", "chain,weight\nc1,1\nc2,\n", 3, "weight", "partly-given", "for all chains or for none"
    ),
    "zero-weights": table(
        "chains.csv", "chain,weight\nc1,0\nc2,0\n", 2, "weight", "out-of-range", "demand are 0"
    ),
    "some-scores": table("chains.csv", "chain,driving\nc1,50\nc2,\n", 3, "driving", "partly-given", "blank"),
    "zero-scores": table(
        "chains.csv", "chain,driving\nc1,0\nc2,0\n", 2, "driving", "out-of-range", "demand weigh 0"
    ),
    "weights-of-idle-chains": table(
        "chains.csv",
        "chain,weight\nc1,0\nc2,0\nc3,1\n",
        2,
        "weight",
        "out-of-range",
        "the weights of all chains with demand are 0",
    ),
    "support-bounds": table(
        "chains.csv",
        "chain,support_min,support_max\nc1,5,4\nc2,,\n",
        2,
        "support_min",
        "bounds-cross",
        "5 above support_max 4",
    ),
    "stock-both": table(
        "stocks.csv", "item,quantity,cover\npump,1,1\n", 2, "cover", "either-or", "one of the two"
    ),
    "stock-neither": table(
        "stocks.csv", "item,quantity,cover\npump,,\n", 2, "quantity", "either-or", "neither"
    ),
    "laned-stock": (
        {"lanes.csv": LANES, "stocks.csv": "item,quantity\ncasting,1\n"},
        [("stocks.csv", 2, "site", "missing-site", "'casting'")],
    ),
    "laned-demand": (
        {"lanes.csv": LANES.replace("casting", "fan")},
        [("demands.csv", 3, "site", "missing-site", "'fan'")],
    ),
    "demand-without-chain": (
        {"items.csv": "item,chain\npump,c1\ncasting,c1\nfan,\n"},
        [("demands.csv", 3, "chain", "missing-chain", "so is that of the item 'fan'")],
    ),
    "demand-without-source": (
        {"sources.csv": SOUND["sources.csv"].rsplit("S2,fan", 1)[0]},
        [("demands.csv", 3, "item", "no-source", "'fan', which no source provides")],
    ),
    "nothing-demanded": table(
        "demands.csv", "item,rate,value\n", None, None, "nothing-demanded", "nothing is demanded"
    ),
    "nothing-of-value": table(
        "demands.csv", "item,rate,value\npump,5,0\n", None, None, "nothing-demanded", "nothing"
    ),
    # settings
    "unknown-setting": settings("horizons = 3.0\n", "horizons", "unknown-setting", "did you mean 'horizon'?"),
    "unknown-section": settings(
        "[event]\nsingle_site = true\n", "event", "unknown-setting", "did you mean 'events'?"
    ),
    "unknown-setting-in-section": settings(
        "[defaults]\nrecovery = 3.0\n",
        "defaults.recovery",
        "unknown-setting",
        "did you mean 'recovery_time'?",
    ),
    "missing-years": settings("[planning]\nbudget = [1.0]\n", "planning.years", "missing-setting", "missing"),
    "zero-horizon": settings(
        "horizon = 0.0\n", "horizon", "bad-setting", "found 0.0, expected a value above 0"
    ),
    "nan-horizon": settings(
        "horizon = nan\n", "horizon", "bad-setting", "found nan, expected a finite number"
    ),
    "infinite-surge": settings("[defaults]\nsurge = inf\n", "defaults.surge", "bad-setting", "finite number"),
    "text-for-number": settings(
        'horizon = "52"\n', "horizon", "bad-setting", "found '52', expected a number"
    ),
    "number-for-flag": settings(
        "[events]\nsingle_lane = 2\n", "events.single_lane", "bad-setting", "true or false"
    ),
    "stock-setting": settings(
        'stock_at_failed_site = "gone"\n', "stock_at_failed_site", "bad-setting", "'survives' or 'lost'"
    ),
    "default-probability": settings(
        "[defaults]\nannual_probability = 1.5\n", "defaults.annual_probability", "bad-setting", "at most 1"
    ),
    "budget-length": planning("budget = [5.0]", "budget", "found 1 amounts for 2 planning years"),
    "budget-negative": planning("budget = [5.0, -1.0]", "budget", "found -1.0 at place 2 of the list"),
    "budget-not-a-list": planning("budget = 5.0", "budget", "expected a list"),
    "tail-length": planning("tail_budget = [5.0]", "tail_budget", "found 1 amounts, expected two"),
    "years-gap": planning("years = [2026, 2028]", "years", "[2026, 2028], expected consecutive years"),
    "years-none": planning("years = []", "years", "a list of at least 1"),
    "years-not-whole": planning("years = [2026, 2027.5]", "years", "a whole number"),
    "carry-over": planning("carry_over = 1.5", "carry_over", "at most 1"),
    "discount": planning("discount = -0.1", "discount", "at least 0"),
    "intake": planning(
        "max_new_chains = 1\nmin_new_chains = 2", "min_new_chains", "above max_new_chains = 1"
    ),
    "years-all-faulty": (
        {"instance.toml": HEAD + "[planning]\nyears = [true]\nbudget = [5.0]\n"},
        [("instance.toml", None, "planning.years", "bad-setting", "true at place 1 of the list")],
    ),
    "planning-all-at-once": (
        {
            "instance.toml": HEAD
            + "[planning]\nyears = [2026, 2028]\nbudget = [5.0]\ntail_budget = [5.0]\ncarry_over = 2\n"
            + "max_new_chains = 1\nmin_new_chains = 2\n"
        },
        [
            ("instance.toml", None, "planning.years", "bad-setting", "consecutive"),
            ("instance.toml", None, "planning.budget", "bad-setting", "1 amounts for 2"),
            ("instance.toml", None, "planning.tail_budget", "bad-setting", "found 1 amounts"),
            ("instance.toml", None, "planning.carry_over", "bad-setting", "at most 1"),
            ("instance.toml", None, "planning.min_new_chains", "bad-setting", "above max_new_chains"),
        ],
    ),
    "terminal-years": planning("terminal_years = -1", "terminal_years", "at least 0"),
    # effects
    "qualify-active": effect("qualify,S1:casting,", "target", "not-potential", "not potential"),
    "expand-unlimited-source": effect("expand,S2:fan,1", "target", "unlimited", "unlimited"),
    "expand-unlimited-site": effect("expand,site:S1,1", "target", "unlimited", "unlimited"),
    "expand-item": effect(
        "expand,item:fan,1",
        "target",
        "wrong-target",
        "the item 'fan', expected a source, a lane or site:NAME",
    ),
    "own-ip-of-site": effect("own_ip,site:S1,", "target", "wrong-target", "expected a source"),
    "stockpile-source": effect("stockpile,S2:fan,1", "target", "wrong-target", "an item, or item@site"),
    "dangling-target": effect("harden,site:S3,0.5", "target", "dangling-reference", "'site:S"),
    "dangling-source-target": effect(
        "own_ip,S2:fans,", "target", "dangling-reference", "did you mean 'S2:fan'?"
    ),
    "dangling-stock-site": effect(
        "stockpile,fan@S11,1", "target", "dangling-reference", "did you mean 'fan@S1'?"
    ),
    "dangling-chain-target": effect(
        "switch,chain:c7,1", "target", "dangling-reference", "did you mean 'chain:c"
    ),
    "amount-missing": effect("expand,site:S2,", "amount", "missing-value", "expected an amount for expand"),
    "amount-negative": effect("recover,site:S1,-1", "amount", "out-of-range", "found -1"),
    "hardening": effect("harden,site:S1,1.5", "amount", "out-of-range", "a share from 0 to 1"),
    "unknown-effect": effect("harden!,site:S1,1", "effect", "not-a-choice", "did you mean 'harden'?"),
    "laned-stockpile": (
        {
            **DESIGN,
            "lanes.csv": LANES,
            "effects.csv": "measure,effect,target,amount\nm3,stockpile,casting,1\n",
        },
        [("effects.csv", 2, "target", "missing-site", "item@site")],
    ),
    "duplicate-effect": design(
        "effects.csv", EFFECTS + "m3,stockpile,fan,2\n", 4, "measure", "duplicate-key", "row 3"
    ),
    # measures, policies, limits, running support
    "max-units": design(
        "measures.csv",
        MEASURES.replace("m1,c1,1,", "m1,c1,1,2"),
        2,
        "max_units",
        "out-of-range",
        "has the effect qualify",
    ),
    "requires-itself": design(
        "measure_rules.csv", "rule,measure,other\nrequires,m1,m1\n", 2, "other", "self-reference", "itself"
    ),
    "excludes-itself": design(
        "measure_rules.csv", "rule,measure,other\nexcludes,m1,m1\n", 2, "other", "self-reference", "itself"
    ),
    "requires-cycle": design(
        "measure_rules.csv",
        "rule,measure,other\nexcludes,m1,m2\nrequires,m1,m2\nrequires,m2,m3\nrequires,m3,m1\n",
        3,
        "other",
        "requires-cycle",
        "'m1', 'm2', 'm3'",
    ),
    "policy-of-another-chain": (
        {**DESIGN, "policies.csv": "policy,chain\np1,c1\n", "policy_measures.csv": "policy,measure\np1,m2\n"},
        [("policy_measures.csv", 2, "measure", "wrong-chain", "a measure of the chain 'c2'")],
    ),
    "policy-of-shared-measure": (
        {**DESIGN, "policies.csv": "policy,chain\np1,c1\n", "policy_measures.csv": "policy,measure\np1,m3\n"},
        [("policy_measures.csv", 2, "measure", "wrong-chain", "a shared measure")],
    ),
    "policy-twice": (
        {
            **DESIGN,
            "policies.csv": "policy,chain\np1,c1\n",
            "policy_measures.csv": "policy,measure\np1,m1\np1,m1\n",
        },
        [("policy_measures.csv", 3, "policy", "duplicate-key", "row 2")],
    ),
    "policy-units-above": (
        {
            **DESIGN,
            "policies.csv": "policy,chain\np1,c1\n",
            "policy_measures.csv": "policy,measure,units\np1,m1,2\n",
        },
        [("policy_measures.csv", 2, "units", "out-of-range", "at most its max_units, 1")],
    ),
    "policy-units-not-whole": (
        {
            **DESIGN,
            "policies.csv": "policy,chain\np1,c1\n",
            "policy_measures.csv": "policy,measure,units\np1,m1,0.5\n",
        },
        [("policy_measures.csv", 2, "units", "not-whole", "found 0.5")],
    ),
    "policy-units-zero": (
        {
            **DESIGN,
            "policies.csv": "policy,chain\np1,c1\n",
            "policy_measures.csv": "policy,measure,units\np1,m1,0\n",
        },
        [("policy_measures.csv", 2, "units", "out-of-range", "1 or more")],
    ),
    "running-late": design(
        "running.csv",
        "chain,measure,start_year\nc1,m1,2026\n",
        2,
        "start_year",
        "out-of-range",
        "first planning year, 2026",
    ),
    "running-of-another-chain": design(
        "running.csv",
        "chain,measure,start_year\nc1,m2,2025\n",
        2,
        "chain",
        "wrong-chain",
        "the measure's chain 'c2'",
    ),
    "running-without-chain": design(
        "running.csv", "measure,start_year\nm2,2025\n", 2, "chain", "wrong-chain", "a blank cell"
    ),
    "running-units": design(
        "running.csv",
        "chain,measure,start_year,units\n,m3,2025,4\n",
        2,
        "units",
        "out-of-range",
        "max_units, 3",
    ),
    "limit-measure-kind": limit(
        "new_chains,measure_kind,stock,,,1", "kind", "wrong-limit", "new_chains with measure_kind"
    ),
    "limit-without-target": limit("spend,chain,,,,1", "target", "missing-value", "the name of a chain"),
    "limit-all-with-target": limit("spend,all,c1,,,1", "target", "wrong-limit", "for the kind all"),
    "limit-dangling": limit("spend,chain,c11,,,1", "target", "dangling-reference", "did you mean 'c1'?"),
    "limit-not-an-owner": limit("spend,enterprise,E1,,,1", "target", "dangling-reference", "a chain owner"),
    "limit-year": limit("new_chains,all,,2028,,1", "year", "out-of-range", "2026 to 2027"),
    "limit-tail-year": limit("spend,all,,2030,,1", "year", "out-of-range", "2026 to 2029"),
    "limit-without-bounds": limit("spend,all,,,,", "max", "missing-value", "neither min nor max"),
    "limit-bounds": limit("spend,all,,,3,2", "min", "bounds-cross", "min 3 above max 2"),
    # several at once, and nothing that only follows from another fault
    "several": (
        {
            "instance.toml": "horizon = -1.0\n",
            "sites.csv": "site,capacity\nS1,many\nS1,\nS2,\n",
            "demands.csv": "item,rate,value\npump,5,one\nfin,2,1\n",
            "stocks.csv": "item,quantity\npump,x\n",
        },
        [
            ("instance.toml", None, "horizon", "bad-setting", "-1.0"),
            ("sites.csv", 2, "capacity", "not-a-number", "'many'"),
            ("sites.csv", 3, "site", "duplicate-key", "'S1'"),
            ("demands.csv", 2, "value", "not-a-number", "'one'"),
            ("demands.csv", 3, "item", "dangling-reference", "did you mean 'fan'?"),
            ("stocks.csv", 2, "quantity", "not-a-number", "'x'"),
        ],
    ),
    "empty-folder": (
        dict.fromkeys(SOUND),
        [(name, None, None, "missing-file", "missing") for name in SOUND],
    ),
}


def main() -> None:
    """Write all cases anew."""
    place = HERE / "bad"
    shutil.rmtree(place, ignore_errors=True)
    for name, (files, faults) in CASES.items():
        folder = place / name
        folder.mkdir(parents=True)
        for file, content in {**SOUND, **files}.items():
            if content is None:
                continue
            (folder / file).parent.mkdir(exist_ok=True)
            (folder / file).write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        keys = ("file", "row", "column", "code", "words")
        expected = [dict(zip(keys, fault, strict=True)) for fault in faults]
        (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
