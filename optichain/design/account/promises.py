"""What an earlier plan has begun and announced, what became of it, and why (3.4, re-planning)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from optichain.design.firststage.rules import planning_of
from optichain.design.firststage.underway import begun_before
from optichain.design.firststage.wishes import Wishes
from optichain.design.plan import Choice, Plan
from optichain.errors import Fault, PlanError
from optichain.sentences import Sentence, say

if TYPE_CHECKING:
    from optichain.design.account.account import Account
    from optichain.instance.model import Instance

__all__ = ["changes_of", "explained_changes", "promises_of"]

FEW = 3


def promises_of(instance: Instance, plan: Plan) -> tuple[tuple[Choice, ...], tuple[Choice, ...], list[str]]:
    """Return what an earlier plan has begun, what it has announced, and the announced measures that are no more.

    Parameters
    ----------
    instance : Instance
        The new data; its first planning year parts what has begun from what was announced.
    plan : Plan
        The earlier plan.

    Raises
    ------
    PlanError
        A measure that has begun is not in the new data, so that what it still costs is not known.
    """
    first = planning_of(instance).years[0]
    known = set(instance["measures"]["measure"])
    begun = {c.measure: c for c in [*begun_before(plan), *(c for c in plan.choices if c.start_year < first)]}
    lost = sorted(set(begun) - known)
    if lost:
        message = "measure {!r} has begun in {} and is not in the new data"
        hint = "keep its row in measures.csv: what it still costs is a commitment"
        faults = [
            Fault(
                "plan", None, "measures", "dangling-reference", message.format(m, begun[m].start_year), hint
            )
            for m in lost
        ]
        raise PlanError(faults, what="The previous plan")
    later = [c for c in plan.choices if c.start_year >= first]
    announced = tuple(c for c in later if c.measure in known)
    return tuple(begun.values()), announced, sorted(c.measure for c in later if c.measure not in known)


def changes_of(wishes: Wishes, choices: Sequence[Choice]) -> list[dict[str, Any]]:
    """Return what is not as announced, by measure: measure, change, announced and now with units and start_year.

    ``change`` is ``dropped``, ``moved``, ``units`` or ``new``. Without an earlier plan there is nothing to change.
    """
    if not wishes.announced and not wishes.started:
        return []
    promised = {c.measure: c for c in wishes.announced}
    made = {c.measure: c for c in choices}
    rows = []
    for measure in sorted({*promised, *made}):
        old, new = promised.get(measure), made.get(measure)
        if old == new:
            continue
        if old is None or new is None:
            change = "new" if old is None else "dropped"
        else:
            change = "moved" if old.start_year != new.start_year else "units"
        rows.append({"measure": measure, "change": change, "announced": _shown(old), "now": _shown(new)})
    return rows


def _shown(choice: Choice | None) -> dict[str, Any] | None:
    return None if choice is None else {"units": choice.units, "start_year": choice.start_year}


def explained_changes(
    account: Account,
    wishes: Wishes,
    choices: Sequence[Choice],
    work_out: Callable[[Sequence[Choice]], Account],
    gone: Sequence[str],
) -> list[dict[str, Any]]:
    """Return the changes of an account, each with its reason.

    What was announced is put back into the plan, what is new is taken out of it, and the plan is worked out again: either
    that breaks rules, which are named, or the plan is better than that by ``gain``.

    Parameters
    ----------
    account : Account
    wishes : Wishes
    choices : sequence of Choice
    work_out : callable
        Returns the account of other choices.
    gone : sequence of str
        Announced measures that the new data do not have.
    """
    promised = {c.measure: c for c in wishes.announced}
    rows = []
    for row in account.changes:
        others = [c for c in choices if c.measure != row["measure"]]
        back = promised.get(row["measure"])
        other = work_out(others if back is None else [*others, back])
        difference = wishes.aim.sense * (account.objective - other.objective)
        gain = None if other.breaches else difference
        rows.append({**row, "gain": gain, "why": _reason(row["change"], difference, other.breaches)})
    why = say("not-in-the-data")
    rows += [
        {"measure": m, "change": "dropped", "announced": None, "now": None, "gain": None, "why": why}
        for m in gone
    ]
    return rows


def _reason(change: str, difference: float, breaches: list[dict[str, str]]) -> Sentence:
    if breaches:
        more = {"more": len(breaches) - FEW} if len(breaches) > FEW else {}
        code = f"breaks{'-more' if more else ''}-{'without' if change == 'new' else 'as-announced'}"
        return say(code, rules=[breach["message"] for breach in breaches[:FEW]], **more)
    if change == "new":
        return say("improves", gain=difference)
    if difference > 0.0:
        return say("worse-as-announced", gain=difference)
    return say("same-as-announced")
