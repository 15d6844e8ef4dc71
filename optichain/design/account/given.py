"""A list of measures that somebody gives: read with every fault of it, and worked out (3.5)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from optichain.design.account.account import make_account
from optichain.design.account.finish import make_plan
from optichain.design.aims import Aim
from optichain.design.firststage.wishes import Wishes
from optichain.design.plan import Choice, Plan
from optichain.errors import Fault, PlanError
from optichain.instance.raw import quoted
from optichain.instance.settings import LARGEST
from optichain.nearest import nearest_hint
from optichain.storage.listfiles import row_numbers

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["evaluate", "read_list"]


def evaluate(
    instance: Instance,
    choices: pd.DataFrame,
    *,
    budget: float | Sequence[float] | None = None,
    objective: str = "expected",
    alpha: float = 0.95,
    mix: float = 0.0,
    command: str | None = None,
    file: str = "choices",
) -> Plan:
    """Work out a given list of measures, and name every rule that it breaks.

    Parameters
    ----------
    instance : Instance
    choices : DataFrame
        Columns measure, start_year; chain (checked where given) and units (1) optional.
    budget : float or sequence of float, optional
        Instead of the instance's.
    objective, alpha, mix
        See `optichain.design.aims.Aim`.
    command, file : str, optional
        For the provenance, and for messages.

    Returns
    -------
    Plan
        With status ``given`` and `Plan.breaches`.

    Raises
    ------
    PlanError
        The list names what the instance does not have; every fault is listed.
    """
    began = time.perf_counter()
    wishes = Wishes(aim=Aim(objective, alpha, mix), budget=budget)
    account = make_account(instance, read_list(instance, choices, file), wishes=wishes)
    return make_plan(
        instance,
        account,
        wishes,
        status="given",
        provenance={"method": "given", "seconds": time.perf_counter() - began, "command": command},
    )


def read_list(instance: Instance, frame: pd.DataFrame, file: str) -> list[Choice]:
    """Read a list of measures.

    Raises
    ------
    PlanError
        With every fault of it.
    """
    faults: list[Fault] = []

    def fault(row: int, column: str, code: str, message: str, hint: str | None = None) -> None:
        faults.append(Fault(file, row, column, code, message, hint))

    for name in ("measure", "start_year"):
        if name not in frame.columns:
            expected = "expected chain, measure, units, start_year"
            fault(1, name, "missing-column", f"column {name!r} is missing", expected)
    if faults:
        raise PlanError(faults, what="The list of measures")
    owners = dict(zip(instance["measures"]["measure"], instance["measures"]["chain"], strict=True))
    result: list[Choice] = []
    seen: set[tuple[str, int]] = set()
    for row, record in zip(row_numbers(frame), frame.to_dict("records"), strict=True):
        measure = "" if pd.isna(record["measure"]) else str(record["measure"]).strip()
        if measure not in owners:
            text = f"no measure is called {quoted(measure)}"
            fault(row, "measure", "dangling-reference", text, nearest_hint(measure, owners))
            continue
        chain, owner = record.get("chain"), owners[measure]
        if isinstance(chain, str) and chain.strip() and chain.strip() != owner:
            its = owner if isinstance(owner, str) else "no chain (it is shared)"
            text = f"measure {quoted(measure)} belongs to {its}, not to {quoted(chain)}"
            fault(row, "chain", "wrong-chain", text)
        units = _number(record.get("units"), 1.0)
        if units is None or not 0 <= units <= LARGEST:
            given = quoted(record.get("units"))
            text = f"expected a number of units of at most {LARGEST:g}, got {given}"
            fault(row, "units", "not-a-number", text)
        year = _number(record["start_year"], None)
        if year is None or year != int(year) or not 1 <= year <= 9999:
            fault(row, "start_year", "not-a-number", f"expected a year, got {quoted(record['start_year'])}")
        if year is None:
            continue
        if (measure, int(year)) in seen:
            text = f"measure {quoted(measure)} is listed twice in {int(year)}"
            fault(row, "measure", "duplicate-key", text)
        seen.add((measure, int(year)))
        if units is not None and units > 0:
            result.append(Choice(measure, units, int(year)))
    if faults:
        raise PlanError(faults, what="The list of measures")
    return result


def _number(value: Any, blank: float | None) -> float | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return blank
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    if number != number:
        return None if isinstance(value, str) else blank
    return number if np.isfinite(number) else None
