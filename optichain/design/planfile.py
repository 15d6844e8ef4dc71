"""Plan files: from what a file holds to a plan, or every fault of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from optichain.design.columns.claimed import Claimed
from optichain.design.evidence.gathered import Evidence
from optichain.design.plan import Choice, Plan, PolicyOfChain
from optichain.design.planschema import PlanFile, PolicyRow
from optichain.errors import Fault, PlanError
from optichain.instance.raw import quoted
from optichain.sentences import Sentence, read_sentences

__all__ = ["read_plan"]


MOST_FAULTS: Final = 100
"""Faults that are told of one file."""
_HINT: Final = "a plan file is what 'optichain solve -o' or 'optichain evaluate -o' writes"


def read_plan(data: Any, *, file: str) -> Plan:
    """Return the plan that a JSON value describes.

    Raises
    ------
    PlanError
        One fault for each place that does not fit.
    """
    try:
        read = PlanFile.model_validate(data, context=_sentences(data))
    except ValidationError as error:
        faults = [
            Fault(
                file,
                None,
                _place(problem["loc"]),
                "bad-plan",
                f"{problem['msg']}, got {quoted(problem['input'])}",
                _HINT,
            )
            for problem in error.errors(include_url=False, include_context=False)[:MOST_FAULTS]
        ]
        raise PlanError(faults) from None
    fields = {name: getattr(read, name) for name in PlanFile.model_fields if name != "sentences"}
    fields["policies"] = tuple(_policy(p) for p in read.policies)
    fields["shared_measures"] = tuple(
        PolicyOfChain(
            None, s.start_year, None, (Choice(s.measure, s.units, s.start_year),), tuple(s.cost), None, None
        )
        for s in read.shared_measures
    )
    fields["years_of_cost"] = tuple(read.years_of_cost)
    fields["chains"] = tuple(_said(read.chains))
    for name in ("spofs_before", "spofs_after", "breaches", "changes"):
        fields[name] = _said(fields[name])
    fields["wishes"], fields["provenance"] = _said([read.wishes, read.provenance])
    fields["claimed"] = tuple(Claimed.from_json(c.model_dump()) for c in read.claimed)
    fields["evidence"] = None if read.evidence is None else Evidence.of_file(read.evidence)
    return Plan(**fields)


def _place(keys: tuple[int | str, ...]) -> str | None:
    """Return the dotted place in the file, long keys cut."""
    return ".".join(str(key)[:80] for key in keys) or None


def _said(rows: Sequence[BaseModel]) -> list[dict[str, Any]]:
    """Return rows as they stand in the file, without what it leaves out, sentences kept."""
    return [_plain(row) for row in rows]


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return {name: _plain(part) for name, part in value if name in value.model_fields_set}
    return [_plain(part) for part in value] if isinstance(value, (list, tuple)) else value


def _sentences(data: Any) -> dict[str, Sentence]:
    """Return what the texts of a plan file are made of, as far as it tells."""
    told = data.get("sentences") if isinstance(data, dict) else None
    return read_sentences(told) if isinstance(told, list) else {}


def _policy(p: PolicyRow) -> PolicyOfChain:
    measures = tuple(
        Choice(c.measure, c.units, p.start_year if c.start_year is None else c.start_year) for c in p.measures
    )
    return PolicyOfChain(p.chain, p.start_year, p.policy, measures, tuple(p.cost), p.acc_before, p.acc_after)
