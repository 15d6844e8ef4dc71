"""What measures do: targets that exist and fit, amounts where they belong."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import pandas as pd

from optichain.instance.checks.network import laned_items
from optichain.instance.draft import Draft
from optichain.instance.raw import quoted
from optichain.instance.targets import TARGET_KINDS, Names, Target, parse_target, resolve_target
from optichain.nearest import nearest_hint
from optichain.sentences import say

__all__ = ["check"]

_WITHOUT_AMOUNT: Final = ("qualify", "own_ip")
_EXPECTED: Final = {
    "qualify": "a source, a lane or item>input",
    "expand": "a source, a lane or site:NAME",
    "stockpile": "an item, or item@site",
    "harden": "a source, a lane or kind:name",
    "recover": "a source, a lane or kind:name",
    "switch": "a source, a lane, item>input or chain:NAME",
    "own_ip": "a source",
}


def check(draft: Draft) -> None:
    """Check every row of the table effects."""
    if not len(draft.frames["effects"]):
        return
    names = Names.of(draft.frames)
    blind = draft.unusable.intersection(("sources", "lanes", "sites", "items", "bom", "chains", "elements"))
    laned = set(laned_items(draft))
    limits = _Capacities(draft)
    kinds, targets = draft.values("effects", "effect"), draft.values("effects", "target")
    amounts = draft.numbers("effects", "amount")
    sound, amount_sound = draft.sound("effects", "effect", "target"), draft.sound("effects", "amount")
    for k, (effect, text) in enumerate(zip(kinds.tolist(), targets.tolist(), strict=True)):
        if effect is not None and amount_sound[k]:
            _check_amount(draft, k, effect, float(amounts[k]))
        if effect is None or text is None or not sound[k] or blind:
            continue
        target = resolve_target(effect, text, names)
        if target is None or target.kind not in TARGET_KINDS[effect]:
            _report_target(draft, k, effect, text, names, target)
        elif effect == "stockpile":
            if target.name in laned and target.site is None:
                message = (
                    f"found {quoted(text)} without a site, expected item@site, because lanes carry the item"
                )
                draft.fault("effects", [k], "target", "missing-site", message)
        elif effect == "qualify" and not limits.potential(target):
            message = (
                f"found {quoted(text)}, which is not potential, expected something with the status potential"
            )
            draft.fault("effects", [k], "target", "not-potential", message)
        elif effect == "expand" and limits.unlimited(target):
            message = f"found {quoted(text)}, whose capacity is unlimited, expected a limited one"
            draft.fault("effects", [k], "target", "unlimited", message)


def _check_amount(draft: Draft, k: int, effect: str, amount: float) -> None:
    """Check that an amount is there where the effect has one alone, and a share where it is one."""
    if effect in _WITHOUT_AMOUNT:
        if not math.isnan(amount):
            message = say("needless-amount", effect=effect, amount=amount)
            draft.warn("effects", [k], "amount", "needless-amount", message)
    elif math.isnan(amount):
        draft.fault(
            "effects", [k], "amount", "missing-value", f"the cell is blank, expected an amount for {effect}"
        )
    elif effect == "harden" and amount > 1.0:
        draft.fault(
            "effects",
            [k],
            "amount",
            "out-of-range",
            f"found {amount:g}, expected a share from 0 to 1 for harden",
        )


def _report_target(draft: Draft, k: int, effect: str, text: str, names: Names, target: Target | None) -> None:
    """Say whether a target is unknown or of the wrong kind, with the nearest that would do."""
    other = target or (parse_target(text, names) if effect == "stockpile" else None)
    if other is not None:
        kind = "an item>input" if other.kind == "link" else f"the {other.kind} {quoted(other.name)}"
        message = f"found {quoted(text)}, {kind}, expected {_EXPECTED[effect]} for {effect}"
        draft.fault("effects", [k], "target", "wrong-target", message)
        return
    hint = (
        nearest_hint(text, _candidates(effect, text, names))
        if draft.faults.wants_hint(draft.files["effects"], "target", "dangling-reference")
        else None
    )
    message = f"found {quoted(text)}, which names nothing, expected {_EXPECTED[effect]} for {effect}"
    draft.fault("effects", [k], "target", "dangling-reference", message, hint)


def _candidates(effect: str, text: str, names: Names) -> list[str]:
    """Return targets that the effect would take, written as the text is."""
    if effect == "stockpile":
        item, at, site = text.partition("@")
        if at and names.has("item", item):
            return [f"{item}@{name}" for name in sorted(names.of_kind("site"))]
        return [f"{name}{at}{site}" for name in sorted(names.of_kind("item"))]
    kind, colon, _ = text.partition(":")
    accepted = TARGET_KINDS[effect]
    found = [
        name
        for bare in ("source", "lane", "link")
        if bare in accepted
        for name in sorted(names.of_kind(bare))
    ]
    # of what is named bare no prefix is known
    prefixed = [kind] if colon and kind in accepted and kind != "link" else []
    return [f"{kind}:{name}" for kind in prefixed for name in sorted(names.of_kind(kind))] + found


class _Capacities:
    """Status and capacity of what effects name."""

    def __init__(self, draft: Draft) -> None:
        named = {text for text in draft.values("effects", "target").tolist() if text is not None}
        named |= {text.partition(":")[2] for text in named}
        self._status: dict[tuple[str, str], set[str]] = {}
        self._capacity: dict[tuple[str, str], float] = {}
        for kind, table in (("source", "sources"), ("lane", "lanes"), ("site", "sites")):
            names = draft.values(table, kind)
            capacity = np.where(draft.sound(table, "capacity"), draft.numbers(table, "capacity"), math.nan)
            # What is faulty is reported once, so it counts as potential and as limited here.
            status = np.full(len(names), "potential", dtype=object)
            if kind != "site":
                status = np.where(draft.sound(table, "status"), draft.values(table, "status"), status)
            for k in np.flatnonzero(pd.Index(names, dtype=object).isin(named)).tolist():
                self._status[kind, names[k]] = {status[k]}
                self._capacity[kind, names[k]] = float(capacity[k])
        bom = draft.frames["bom"]
        made = {text.partition(">")[0] for text in named if ">" in text}
        bom = bom[bom["item"].isin(made)]
        columns = (bom[name].tolist() for name in ("item", "input", "status"))
        for item, used, state in zip(*columns, strict=True):
            self._status.setdefault(("link", f"{item}>{used}"), set()).add(state)

    def potential(self, target: Target) -> bool:
        """Whether there is anything to qualify."""
        return "potential" in self._status[target.kind, target.name]

    def unlimited(self, target: Target) -> bool:
        """Whether the capacity is unlimited (an unknown one is not)."""
        return self._capacity[target.kind, target.name] == math.inf
