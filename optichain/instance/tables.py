"""The rows that `optichain.instance.schema` makes its tables from: one line a column."""

from __future__ import annotations

from typing import Any, Final, Literal

from optichain.instance.kinds import EFFECTS, ELEMENT_KINDS, MEASURE_KINDS, STATUSES

__all__ = ["TABLE_ROWS", "ColumnType"]

ColumnType = Literal["text", "name", "labels", "choice", "boolean", "number", "whole"]

_Row = tuple[tuple[str, ColumnType, str], dict[str, Any]]
_TIME, _RATE, _MONEY, _EACH_YEAR = "time units", "units per time unit", "money", "per year"
_SHARE: Final = {"minimum": 0.0, "maximum": 1.0}


def _c(name: str, kind: ColumnType, description: str, **facts: Any) -> _Row:
    return (name, kind, description), facts


def _must(name: str, kind: ColumnType, description: str, **facts: Any) -> _Row:
    return _c(name, kind, description, required=True, **facts)


def _ref(name: str, table: str, description: str, **facts: Any) -> _Row:
    return _c(name, "text", description, references=table, **facts)


def _amount(name: str, description: str, **facts: Any) -> _Row:
    return _c(name, "number", description, minimum=0.0, **facts)


_TITLES: Final = (
    _c("title", "text", "What people call it."),
    _c("title_zh", "text", "What people call it in Chinese."),
)
_RECOVERY = _amount(
    "recovery_time", "How long it stays down.", unit=_TIME, meaning_of_blank="the default of the settings"
)
_PROBABILITY = _c(
    "annual_probability",
    "number",
    "Chance of a failure in a year.",
    unit=_EACH_YEAR,
    meaning_of_blank="the default of the settings",
    **_SHARE,
)
_STATUS = _c(
    "status",
    "choice",
    "active: in use; qualified: usable switch_time after a disruption; potential: only after a measure.",
    choices=STATUSES,
    default="active",
)
_SWITCH = _amount("switch_time", "How long a qualified one takes to start.", unit=_TIME, default=0.0)
_GROUPS = _c("groups", "labels", "Labels shared by what can fail together.")

TABLE_ROWS: Final[tuple[tuple[str, str, tuple[str, ...], bool, tuple[_Row, ...]], ...]] = (
    (
        "chains",
        "Industrial chains: what is weighed, supported and reported.",
        ("chain",),
        True,
        (
            _must("chain", "name", "Name of the chain."),
            *_TITLES,
            _c("cluster", "text", "Cluster of chains it belongs to; limits can name it."),
            _c("region", "text", "Region of the chain; limits can name it."),
            _c("leader", "text", "Who answers for it."),
            _amount(
                "weight",
                "Weight in the objective; for all chains or none.",
                meaning_of_blank="from the scores, else the value",
            ),
            *(
                _c(name, "number", f"Score of its {what}.", minimum=0.0, maximum=100.0, unit="points")
                for name, what in (
                    ("strength", "strength"),
                    ("driving", "driving effect"),
                    ("technology", "technology"),
                )
            ),
            _amount("support_min", "Least support in each support year.", unit=_MONEY, default=0.0),
            _amount("support_max", "Most support in each support year.", unit=_MONEY, unlimited="blank"),
        ),
    ),
    (
        "chain_owners",
        "Lead enterprises of each chain.",
        ("chain", "enterprise"),
        False,
        (
            _ref("chain", "chains", "The chain.", required=True),
            _must("enterprise", "name", "The enterprise."),
        ),
    ),
    (
        "items",
        "Everything made, bought or sold.",
        ("item",),
        True,
        (
            _must("item", "name", "Name of the item."),
            *_TITLES,
            _ref("chain", "chains", "Chain of the item."),
            _c("unit", "text", "Unit it is counted in."),
            _c("mapped", "boolean", "Whether its suppliers are known.", default=True),
        ),
    ),
    (
        "sites",
        "Places that can fail as a whole.",
        ("site",),
        True,
        (
            _must("site", "name", "Name of the site."),
            *_TITLES,
            _c("enterprise", "name", "Legal owner."),
            _c("region", "name", "Region it lies in."),
            _c("country", "name", "Country it lies in."),
            _c("latitude", "number", "Degrees north.", minimum=-90.0, maximum=90.0, unit="degrees"),
            _c("longitude", "number", "Degrees east.", minimum=-180.0, maximum=180.0, unit="degrees"),
            _RECOVERY,
            _PROBABILITY,
            _amount(
                "capacity",
                "Shared by the sources of the site.",
                unit="load units per time unit",
                unlimited="blank",
            ),
            _GROUPS,
        ),
    ),
    (
        "elements",
        "Facts about what can fail and has no table of its own.",
        ("kind", "target"),
        False,
        (
            _must("kind", "choice", "What it is.", choices=("enterprise", "region", "country", "group")),
            _must("target", "text", "Its name, as sites, sources or lanes use it."),
            *_TITLES,
            _RECOVERY,
            _PROBABILITY,
            _c("tags", "labels", "Free labels for reports."),
        ),
    ),
    (
        "sources",
        "One site's ability to provide one item.",
        ("source",),
        True,
        (
            _c("source", "name", "Name of the source.", meaning_of_blank="site:item"),
            _ref("site", "sites", "Where it stands.", required=True),
            _ref("item", "items", "What it provides.", required=True),
            _amount(
                "capacity",
                "Most it can provide.",
                unit=_RATE,
                unlimited="word",
                meaning_of_blank="unknown: estimated",
            ),
            _amount("volume", "Normal flow.", unit=_RATE),
            _c("share", "number", "Share of the item's requirement that it normally meets.", **_SHARE),
            _amount("load", "Load on the site's capacity of one unit.", unit="load units", default=1.0),
            _STATUS,
            _SWITCH,
            _c(
                "own_ip",
                "choice",
                "Whether it rests on own intellectual property.",
                choices=("yes", "no", "not_applicable"),
                meaning_of_blank="unknown",
            ),
            _GROUPS,
        ),
    ),
    (
        "bom",
        "Bill of materials: what one unit of an item consumes.",
        ("item", "input", "requirement", "source"),
        False,
        (
            _ref("item", "items", "What is made.", required=True),
            _ref("input", "items", "What it consumes.", required=True),
            _c(
                "requirement",
                "text",
                "Rows of one item with the same label are alternatives of one another.",
                meaning_of_blank="a requirement of its own",
            ),
            _ref(
                "source",
                "sources",
                "The only source the row is for.",
                meaning_of_blank="every source without rows of its own",
            ),
            _must(
                "quantity",
                "number",
                "Units of input in one unit of the item.",
                positive=True,
                unit="units per unit",
            ),
            _STATUS,
            _SWITCH,
        ),
    ),
    (
        "lanes",
        "Transport of one item from one site to another.",
        ("lane",),
        False,
        (
            _c("lane", "name", "Name of the lane.", meaning_of_blank="item:from_site>to_site"),
            _ref("item", "items", "What it carries.", required=True),
            _ref("from_site", "sites", "Where it begins.", required=True),
            _ref("to_site", "sites", "Where it ends.", required=True),
            _amount("capacity", "Most it can carry.", unit=_RATE, unlimited="blank"),
            _STATUS,
            _SWITCH,
            _RECOVERY,
            _PROBABILITY,
            _GROUPS,
        ),
    ),
    (
        "stocks",
        "Inventory held; each row gives a quantity or a cover.",
        ("item", "site"),
        False,
        (
            _ref("item", "items", "What is held.", required=True),
            _ref("site", "sites", "Where.", meaning_of_blank="no site: survives every failure"),
            _amount("quantity", "How much.", unit="units"),
            _amount("cover", "How long it covers the item's requirement.", unit=_TIME),
        ),
    ),
    (
        "demands",
        "What is wanted, and what serving it is worth.",
        ("item", "site"),
        True,
        (
            _ref("item", "items", "What is wanted.", required=True),
            _ref("site", "sites", "Where it is wanted."),
            _ref("chain", "chains", "Chain that it counts for.", meaning_of_blank="the item's"),
            _must("rate", "number", "How much.", minimum=0.0, unit=_RATE),
            _must("value", "number", "Worth of serving one unit.", minimum=0.0, unit="money per unit"),
        ),
    ),
    (
        "events",
        "What may happen, besides the events made from the network.",
        ("event",),
        False,
        (
            _must("event", "name", "Name of the event."),
            *_TITLES,
            _must("annual_probability", "number", "Chance in a year.", unit=_EACH_YEAR, **_SHARE),
        ),
    ),
    (
        "hits",
        "What an event takes down, by how much and for how long.",
        ("event", "kind", "target", "duration"),
        False,
        (
            _ref("event", "events", "The event.", required=True),
            _must("kind", "choice", "What is hit.", choices=ELEMENT_KINDS),
            _must("target", "text", "Its name."),
            _amount("duration", "How long.", unit=_TIME, meaning_of_blank="the target's recovery time"),
            _c("loss", "number", "Share of the capacity that is lost.", default=1.0, **_SHARE),
        ),
    ),
    (
        "measures",
        "What can be funded.",
        ("measure",),
        False,
        (
            _must("measure", "name", "Name of the measure."),
            _ref("chain", "chains", "Chain whose policy it may enter.", meaning_of_blank="a shared measure"),
            *_TITLES,
            _c("kind", "choice", "What sort of measure.", choices=MEASURE_KINDS),
            _c("owner", "text", "Who carries it out."),
            _c("indicator", "text", "How its success is seen."),
            _must(
                "cost_1",
                "number",
                "Cost to the fund of one unit in the first year.",
                minimum=0.0,
                unit=_MONEY,
            ),
            _amount("cost_2", "In the second year.", unit=_MONEY, default=0.0),
            _amount("cost_3", "In the third year.", unit=_MONEY, default=0.0),
            _amount("co_funding", "Paid by others.", unit=_MONEY, default=0.0),
            _c(
                "lead_time",
                "whole",
                "Whole years from the start until it works.",
                minimum=0.0,
                unit="years",
                default=0,
            ),
            _c("max_units", "whole", "Most units that can be bought.", minimum=1.0, unit="units", default=1),
            _c("required", "boolean", "Must start within the planning years.", default=False),
        ),
    ),
    (
        "effects",
        "What a measure does to the network.",
        ("measure", "effect", "target"),
        False,
        (
            _ref("measure", "measures", "The measure.", required=True),
            _must("effect", "choice", "What it does.", choices=EFFECTS),
            _must("target", "text", "To what: a source, a lane, item>input, item@site, or kind:name."),
            _amount("amount", "How much, for one unit of the measure; blank for qualify and own_ip."),
        ),
    ),
    (
        "measure_rules",
        "Which measures need, or shut out, one another.",
        ("rule", "measure", "other"),
        False,
        (
            _must(
                "rule",
                "choice",
                "requires: the other is chosen too, no later; excludes: not both.",
                choices=("requires", "excludes"),
            ),
            _ref("measure", "measures", "The measure.", required=True),
            _ref("other", "measures", "The other measure.", required=True),
        ),
    ),
    (
        "policies",
        "Catalogue: a chain with rows here takes exactly one of them, or none.",
        ("policy",),
        False,
        (
            _must("policy", "name", "Name of the policy."),
            _ref("chain", "chains", "Its chain.", required=True),
            *_TITLES,
        ),
    ),
    (
        "policy_measures",
        "What the policies of the catalogue consist of.",
        ("policy", "measure"),
        False,
        (
            _ref("policy", "policies", "The policy.", required=True),
            _ref("measure", "measures", "A measure in it.", required=True),
            _c("units", "whole", "Units of it.", minimum=1.0, unit="units", default=1),
        ),
    ),
    (
        "limits",
        "Bounds on money, intake and measures.",
        ("limit",),
        False,
        (
            _must("limit", "name", "Name of the rule."),
            _must("on", "choice", "What is counted.", choices=("spend", "new_chains", "measures")),
            _must(
                "kind",
                "choice",
                "Of which chains or measures; enterprise: of the chains it owns.",
                choices=("cluster", "region", "measure_kind", "chain", "enterprise", "all"),
            ),
            _c("target", "text", "Its name; blank for all."),
            _c("year", "whole", "Planning year.", unit="year", meaning_of_blank="each planning year"),
            _amount("min", "At least."),
            _amount("max", "At most."),
        ),
    ),
    (
        "running",
        "Support already given: its remaining costs are commitments.",
        ("chain", "measure"),
        False,
        (
            _ref("chain", "chains", "The chain; blank for a shared measure."),
            _ref("measure", "measures", "The measure.", required=True),
            _must("start_year", "whole", "Year it started in, before the first planning year.", unit="year"),
            _c("units", "whole", "Units of it.", minimum=1.0, unit="units", default=1),
        ),
    ),
)
