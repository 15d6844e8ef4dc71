"""What was asked for beside the instance: a plan keeps it, and whoever verifies the plan asks for it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from optichain.design.aims import Aim
from optichain.design.rules import Rows

__all__ = ["Wishes"]


@dataclass(frozen=True)
class Wishes:
    """What was asked for beside the instance.

    Attributes
    ----------
    aim : Aim
    budget : float or sequence of float, optional
        Instead of the instance's.
    fix, forbid : sequence of str
    rows : rules of the user
    min_acc : float, optional
        Least mean ACC over the years that count.
    """

    aim: Aim = field(default_factory=Aim)
    budget: float | Sequence[float] | None = None
    fix: Sequence[str] = ()
    forbid: Sequence[str] = ()
    rows: Rows = ()
    min_acc: float | None = None

    def first_stage(self) -> dict[str, Any]:
        """Return the part that the first stage is built from, by keyword of `build_first_stage`."""
        return {"budget": self.budget, "fix": self.fix, "forbid": self.forbid, "rows": self.rows}

    def to_json(self) -> dict[str, Any]:
        """Return the wishes as in a plan file."""
        rows = [
            [[[m, y, v] for (m, y), v in terms.items()], sense, right] for terms, sense, right in self.rows
        ]
        return {
            "alpha": self.aim.alpha,
            "mix": self.aim.mix,
            "fix": list(self.fix),
            "forbid": list(self.forbid),
            "rows": rows,
            "min_acc": self.min_acc,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any], *, objective: str, budget: Sequence[float]) -> Wishes:
        """Read the wishes of a plan file; what is not there was not asked for.

        Raises
        ------
        TypeError, ValueError, KeyError, AttributeError
            They cannot be read.
        UsageError
            They make no sense.
        """
        rows = [
            ({(str(m), int(y)): float(v) for m, y, v in terms}, str(s), float(r))
            for terms, s, r in data.get("rows", ())
        ]
        return cls(
            aim=Aim(objective, float(data.get("alpha", 0.95)), float(data.get("mix", 0.0))),
            budget=tuple(budget),
            fix=tuple(data.get("fix", ())),
            forbid=tuple(data.get("forbid", ())),
            rows=tuple(rows),
            min_acc=_number(data.get("min_acc")),
        )


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
