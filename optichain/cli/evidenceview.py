"""Evidence for a plan as tables for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optichain.cli.tables import missing, money, percent, some, table

if TYPE_CHECKING:
    from rich.console import Console

    from optichain.design.evidence.gathered import Evidence
    from optichain.design.evidence.stability import Stability

__all__ = ["show_evidence"]

SHOWN = 20
WAYS = {
    "plan": "the plan",
    "given": "the list that was given",
    "greedy": "greedily, gain per cost",
    "by-spof": "SPOFs by rank",
    "by-score": "chains by score",
    "pro-rata": "pro rata",
}


def show_evidence(console: Console, currency: str, found: Evidence) -> None:
    """Print each kind of evidence that there is, and why a kind that was asked for is not there."""
    show = {
        "baselines": _show_baselines,
        "leave_one_out": _show_funded,
        "add_one": _show_left_out,
        "near_optimal": _show_standings,
        "shared_nodes": _show_nodes,
        "frontier": _show_frontier,
        "value_of_money": _show_worth,
        "quotas": _show_quotas,
    }
    for name, print_it in show.items():
        frame = getattr(found, name)
        if frame is not None:
            print_it(console, currency, frame.to_dict("records"))
    if found.stability is not None:
        _show_stability(console, found.stability)
    for name, reason in found.impossible.items():
        console.print(f"no {name}: {reason}", markup=False)


def _show_baselines(console: Console, currency: str, rows: list[Any]) -> None:
    cells = [
        [
            WAYS.get(row["name"], row["name"]),
            money(row["loss_avoided"]),
            percent(row["avoidable_share"]),
            money(row["loss_avoided_mean"]),
            percent(row["acc"]),
            money(row["cost"]),
            str(len(row["choices"])),
            percent(row["share_of_plan"]),
            "; ".join(row["breaches"]),
        ]
        for row in rows
    ]
    columns = ["way", ">avoids", ">of all", ">on average", ">ACC", ">cost", ">measures", ">of the gain"]
    title = f"The plan beside simpler ways to share out the same budget ({currency}; losses a year)"
    console.print(table(title, [*columns, "broken rules"], cells))


def _show_standings(console: Console, _currency: str, rows: list[Any]) -> None:
    words = {"core": "in every near-optimal plan", "contested": "in some of them", "undecided": "left open"}
    for standing, text in words.items():
        names = [row["measure"] for row in rows if row["standing"] == standing]
        if names or standing != "undecided":
            console.print(f"{text}: {', '.join(names) or 'no measure'}", markup=False)


def _show_frontier(console: Console, currency: str, rows: list[Any]) -> None:
    cells = [
        [
            f"{row['budget']:g}",
            money(row["loss_avoided"]),
            percent(row["avoidable_share"]),
            percent(row["acc_after"]),
            money(row["cost"]),
            str(len(row["choices"])),
        ]
        for row in rows
    ]
    columns = [">budget a year", ">avoids", ">of all", ">ACC", ">cost", ">measures"]
    console.print(table(f"The best plan under other budgets ({currency}; losses a year)", columns, cells))


def _show_worth(console: Console, currency: str, rows: list[Any]) -> None:
    cells = [
        [
            str(row["year"]),
            *(_points(row[key]) for key in ("dual", "difference", "most")),
            money(row["loss_avoided"]),
            ", ".join([*(f"+{m}" for m in row["measures_in"]), *(f"-{m}" for m in row["measures_out"])]),
        ]
        for row in rows
    ]
    columns = [">year", ">by the relaxation", ">in truth", ">at most", ">avoids a year", "then"]
    console.print(table(f"What one more {currency} in a year buys", columns, cells))


def _show_funded(console: Console, currency: str, rows: list[Any]) -> None:
    cells = [
        [
            row["measure"],
            some(row["chain"]),
            percent(row["acc"]),
            _points(row["objective_gain"]),
            money(row["loss_avoided"]),
            money(row["cost"]),
            money(row["cost_per_loss_avoided"]),
            _several(row["spofs_cleared"]),
            "; ".join(row["rules_broken"]),
        ]
        for row in rows
    ]
    columns = [
        "without",
        "chain",
        ">ACC without",
        ">objective",
        ">avoids",
        ">cost",
        ">cost / avoided",
        "SPOFs again",
        "breaks",
    ]
    title = f"What each funded measure buys, the others as they are ({currency}; losses a year)"
    console.print(table(title, columns, cells))


def _show_left_out(console: Console, currency: str, rows: list[Any]) -> None:
    cells = [
        [
            row["measure"],
            some(row["chain"]),
            str(row["start_year"]),
            _points(row["objective_gain"]),
            money(row["loss_avoided"]),
            money(row["cost"]),
            str(row["why"]),
            row["reason"],
        ]
        for row in rows
    ]
    columns = [
        "measure",
        "chain",
        "from",
        ">objective",
        ">avoids",
        ">cost",
        "left out for",
        "in words",
    ]
    title = f"What was left out, and why ({currency}; losses a year)"
    console.print(table(title, columns, cells, limit=SHOWN))


def _show_nodes(console: Console, currency: str, rows: list[Any]) -> None:
    cells = [
        [
            f"{row['kind']}:{row['element']}",
            row["title"],
            str(row["chains"]),
            ", ".join(row["stopped"]),
            ", ".join(f"{chain} {money(lost)}" for chain, lost in row["lost_by_chain"].items()),
            money(row["lost"]),
        ]
        for row in rows
    ]
    columns = ["element", "title", ">chains", "stops for good", f"loses, {currency}", ">in all"]
    if cells:
        console.print(table("What several chains depend on", columns, cells, limit=SHOWN))
    else:
        console.print("no element stops several chains, and at none do several lose")


def _show_quotas(console: Console, currency: str, rows: list[Any]) -> None:
    cells = [
        [
            f"{row['rule']} {row['name']}",
            f"{row['side']} {row['value']:g}",
            f"{row['step']:g}",
            _points(row["price"]),
            _points(row["price_most"]),
            money(row["loss_avoided"]),
            ", ".join([*(f"+{m}" for m in row["measures_in"]), *(f"-{m}" for m in row["measures_out"])]),
            row["status"],
        ]
        for row in rows
    ]
    columns = [
        "quota",
        "as it is",
        ">gives way by",
        ">objective by unit",
        ">at most",
        ">avoids a year",
        "then",
        "answer",
    ]
    console.print(table(f"The price of each quota (money in {currency})", columns, cells))


def _show_stability(console: Console, stable: Stability) -> None:
    solved = stable.samples - stable.unsolved
    measures = [
        [
            row["measure"],
            some(row["chain"]),
            "yes" if row["planned"] else "no",
            percent(row["funded"]),
            percent(row["as_planned"]),
            _several(row["flipped_by"]),
        ]
        for row in stable.measures.to_dict("records")
    ]
    columns = ["measure", "chain", "in the plan", ">funded", ">as planned", "flipped by one input"]
    console.print(table(f"How often each measure is funded, of {solved} samples", columns, measures))
    flips = [
        [
            f"{row['table']} {row['name']} {row['column']}",
            *(f"{row[key]:.4g}" for key in ("assumed", "low", "high")),
            ", ".join([*(f"+{m}" for m in row["into"]), *(f"-{m}" for m in row["out"])]),
        ]
        for row in stable.inputs.to_dict("records")
        if row["flips"]
    ]
    if flips:
        columns = ["input", ">assumed", ">low", ">high", "then"]
        console.print(table("Inputs that alone flip the plan: verify these first", columns, flips))
    tested = int(stable.inputs["tested"].sum())
    console.print(
        f"{stable.kept} of {solved} samples keep the plan; it misses {percent(stable.regret_mean)} of what is possible "
        f"in the mean, {percent(stable.regret_worst)} at worst; {tested} of {len(stable.inputs)} uncertain inputs "
        f"were moved one by one, {len(flips)} flip it",
        markup=False,
    )
    if stable.unsolved:
        console.print(f"{stable.unsolved} of {stable.samples} samples have no answer", markup=False)


def _points(value: float | None) -> str:
    return "-" if missing(value) else f"{value:.4g}"


def _several(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"
