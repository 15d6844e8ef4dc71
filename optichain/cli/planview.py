"""A plan as tables for people, and the files that go with it."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optichain.cli.output import Output, check_writable
from optichain.cli.tables import facts, money, percent, some, table
from optichain.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from optichain.design.plan import Plan
    from optichain.instance.model import Instance

__all__ = ["check_results", "hand_over", "show_plan"]

STATUS = {
    "optimal": "[bold green]optimal[/]",
    "feasible": "[bold yellow]stopped before it was proven optimal[/]",
    "given": "[bold]as given[/]",
}


def hand_over(
    out: Output,
    instance: Instance,
    plan: Plan,
    *,
    file: Path | None,
    reports: Sequence[Path],
) -> None:
    """Write the plan and its reports where asked, and print it."""
    import optichain
    from optichain.design.plan import plan_text

    failed = []
    if file is not None:
        failed += out.written(file, lambda: optichain.write_plan(plan, file), lambda: plan_text(plan))
    for report in reports:
        with out.working("Writing the report"):
            write = functools.partial(
                optichain.write_report, instance, plan, report, language=_language_of(report, out.language)
            )
            failed += out.written(report, write)
    out.finish(plan.to_json(), lambda console: show_plan(console, instance, plan), failed=failed)


def _language_of(report: Path, otherwise: str) -> str:
    """Return the language that a file's name ends in before its format (``report.zh.html``)."""
    from optichain.reporting import LANGUAGES

    named = Path(report.stem).suffix.removeprefix(".")
    return named if named in LANGUAGES else otherwise


def check_results(reports: Path | Sequence[Path] | None, *others: Path | None) -> None:
    """Refuse, before the work, files that cannot be written and reports that no format writes.

    Raises
    ------
    UsageError
        With what is wrong.
    """
    wanted = [] if reports is None else [reports] if isinstance(reports, Path) else list(reports)
    check_writable(*wanted, *others)
    for file in others:
        if file is not None and file.suffix.lower() in (".xlsx", ".docx", ".html"):
            hint = "write the plan to a .json file, and --report to this one"
            raise UsageError(
                f"a plan is no {file.suffix} file, so that verify and report can read it: {hint}"
            )
    from optichain.reporting import find_format

    for report in wanted:
        find_format(report)


def show_plan(console: Console, instance: Instance, plan: Plan) -> None:
    """Print what a plan buys, what it costs and how good it is known to be."""
    currency = instance.settings.currency
    console.print(f"{instance.settings.title}:", style="bold", markup=False, end=" ")
    console.print(f"plan {STATUS.get(plan.status, plan.status)}")
    facts(console, _headlines(plan, currency))
    if plan.choices:
        console.print(_measures(instance, plan, currency))
    else:
        console.print("no measure is bought")
    if plan.claimed:
        rows = [
            [c.chain, c.policy, str(c.start_year), money(sum(c.cost)), f"{c.gain:.4g}", c.note]
            for c in plan.claimed
        ]
        columns = ["chain", "policy", ">from", f">cost, {currency}", ">said to add", "note"]
        console.print(table("Policies of chains that are not open", columns, rows))
    console.print(_money(plan, currency))
    if plan.changes:
        rows = [
            [
                str(row.get("measure")),
                str(row.get("change")),
                _as_said(row, "announced"),
                _as_said(row, "now"),
                some(row.get("why")),
            ]
            for row in plan.changes
        ]
        console.print(
            table(
                "What changed since the earlier plan", ["measure", "change", "announced", "now", "why"], rows
            )
        )
    if plan.breaches:
        rows = [[breach["rule"], breach["message"]] for breach in plan.breaches]
        console.print(table("Rules that this plan breaks", ["rule", "what"], rows))


def _as_said(row: dict[str, Any], key: str) -> str:
    choice = row.get(key)
    return "-" if not choice else f"{choice['units']:g} from {choice['start_year']}"


def _headlines(plan: Plan, currency: str) -> list[tuple[str, str]]:
    from optichain.design.plan import PROVEN

    before, after = plan.expected_annual_loss_before, plan.expected_annual_loss_after
    saved = before - after
    share = f" ({percent(plan.avoidable_share)} of what all measures together could avoid)"
    lines = [
        ("ACC", f"{percent(plan.acc_before)} before, {percent(plan.acc_after)} with the plan in full effect"),
        ("expected loss", f"{money(before)} {currency} a year before, {money(after)} after"),
        ("avoided", f"{money(saved)} {currency} a year" + ("" if plan.avoidable_share is None else share)),
        ("SPOFs", f"{_elements(plan.spofs_before)} before, {_elements(plan.spofs_after)} after"),
    ]
    if plan.objective_name == "cost":
        limit = "" if plan.bound is None else f", at least {money(plan.bound)} by any plan"
        lines.insert(0, ("cost", f"{money(plan.objective)} {currency} over all years{limit}"))
    if plan.improvement_gap is not None:
        most = f"{percent(plan.improvement_gap)} of what money could buy, at most"
        best = plan.improvement_gap <= PROVEN
        lines.append(("left to gain", "none: no plan does better" if best else most))
    return lines


def _elements(spofs: list[dict[str, Any]]) -> str:
    """Say how many elements are single points of failure, whatever number of demands each stops."""
    elements = {(row.get("kind"), row.get("element")) for row in spofs}
    causes = {row.get("root") for row in spofs}
    return f"{len(elements)} ({len(causes)} causes)"


def _measures(instance: Instance, plan: Plan, currency: str) -> object:
    titles = dict(zip(instance["measures"]["measure"], instance["measures"]["title"], strict=True))
    rows = []
    for policy in (*plan.policies, *plan.shared_measures):
        gain = ""
        if policy.acc_before is not None:
            gain = f"{percent(policy.acc_before)} > {percent(policy.acc_after)}"
        for place, choice in enumerate(policy.measures):
            first = place == 0
            rows.append(
                [
                    (policy.chain or "(shared)") if first else "",
                    choice.measure,
                    some(titles.get(choice.measure)),
                    f"{choice.units:g}",
                    str(choice.start_year),
                    money(sum(policy.cost)) if first else "",
                    gain if first else "",
                ]
            )
    columns = [
        "chain",
        "measure",
        "title",
        ">units",
        ">from",
        f">cost of the policy, {currency}",
        ">ACC of the chain",
    ]
    return table("Measures", columns, rows)


def _money(plan: Plan, currency: str) -> object:
    rows = []
    for year in plan.years_of_cost:
        spent, given = plan.spend.get(year, 0.0), plan.budget.get(year)
        rows.append(
            [
                str(year),
                money(given),
                money(spent),
                percent(spent / given) if given else "-",
                money(plan.commitments.get(year, 0.0)),
                percent(plan.acc_by_year.get(year)),
            ]
        )
    columns = [">year", ">budget", ">spent", ">of budget", ">of which running", ">ACC in that year"]
    return table(f"Money, {currency}", columns, rows)
