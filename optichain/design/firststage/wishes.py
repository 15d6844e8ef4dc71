"""What was asked for beside the instance: a plan keeps it, and whoever verifies the plan asks for it again."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from optichain.design.aims import Aim, Threat
from optichain.design.firststage.rules import Rows
from optichain.design.plan import Choice
from optichain.errors import UsageError

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
    clear_spofs : sequence of str
        Kinds of elements that may not be single points of failure with the plan in full effect.
    spof_exceptions : sequence of str
        ``kind:name`` of elements that may.
    min_autonomy : float, optional
        Least autonomy of every chain, its low end, with the plan in full effect.
    started : sequence of Choice
        What an earlier plan began before the planning years: support that runs on, its later costs commitments.
    announced : sequence of Choice
        What an earlier plan has announced for the planning years.
    change_price : float
        Taken from the objective, in its own unit, for each announced measure that does not start as announced.
    """

    aim: Aim = field(default_factory=Aim)
    budget: float | Sequence[float] | None = None
    fix: Sequence[str] = ()
    forbid: Sequence[str] = ()
    rows: Rows = ()
    min_acc: float | None = None
    clear_spofs: Sequence[str] = ()
    spof_exceptions: Sequence[str] = ()
    min_autonomy: float | None = None
    started: Sequence[Choice] = ()
    announced: Sequence[Choice] = ()
    change_price: float = 0.0

    def __post_init__(self) -> None:
        """Refuse limits that are no shares.

        Raises
        ------
        UsageError
            With the name of the limit.
        """
        for name in ("min_acc", "min_autonomy"):
            limit = getattr(self, name)
            if limit is not None and not 0.0 <= limit <= 1.0:
                raise UsageError(f"{name}: expected a share in [0, 1], got {limit}")
        if not 0.0 <= self.change_price < math.inf:
            raise UsageError(f"change_price: expected a finite number >= 0, got {self.change_price}")
        if self.spof_exceptions and not self.clear_spofs:
            raise UsageError("exceptions are from clearing SPOFs: say which kinds of SPOFs to clear")

    def first_stage(self) -> dict[str, Any]:
        """Return the part that the first stage is built from, by keyword of `build_first_stage`."""
        return {
            "budget": self.budget,
            "fix": self.fix,
            "forbid": self.forbid,
            "rows": self.rows,
            "started": self.started,
            "announced": self.announced if self.change_price else (),
        }

    def broken_promises(self, choices: Iterable[Choice]) -> int:
        """Return how many announced measures do not start as announced."""
        made = {(c.measure, c.units, c.start_year) for c in choices}
        return sum((c.measure, c.units, c.start_year) not in made for c in self.announced)

    def to_json(self) -> dict[str, Any]:
        """Return the wishes as in a plan file."""
        rows = [
            [[[m, y, v] for (m, y), v in terms.items()], sense, right] for terms, sense, right in self.rows
        ]
        return {
            "alpha": self.aim.alpha,
            "mix": self.aim.mix,
            "threat": None if self.aim.threat is None else asdict(self.aim.threat),
            "fix": list(self.fix),
            "forbid": list(self.forbid),
            "rows": rows,
            "min_acc": self.min_acc,
            "clear_spofs": list(self.clear_spofs),
            "spof_exceptions": list(self.spof_exceptions),
            "min_autonomy": self.min_autonomy,
            "started": [[c.measure, c.units, c.start_year] for c in self.started],
            "announced": [[c.measure, c.units, c.start_year] for c in self.announced],
            "change_price": self.change_price,
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
            aim=Aim(
                objective,
                float(data.get("alpha", 0.95)),
                float(data.get("mix", 0.0)),
                _threat(data.get("threat")),
            ),
            budget=tuple(budget),
            fix=tuple(data.get("fix", ())),
            forbid=tuple(data.get("forbid", ())),
            rows=tuple(rows),
            min_acc=_number(data.get("min_acc")),
            clear_spofs=tuple(str(kind) for kind in data.get("clear_spofs", ())),
            spof_exceptions=tuple(str(text) for text in data.get("spof_exceptions", ())),
            min_autonomy=_number(data.get("min_autonomy")),
            started=_choices(data.get("started", ())),
            announced=_choices(data.get("announced", ())),
            change_price=float(data.get("change_price", 0.0)),
        )


def _threat(data: Any) -> Threat | None:
    if data is None:
        return None
    return Threat(int(data["k"]), tuple(str(kind) for kind in data["kinds"]), _number(data["duration"]))


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _choices(listed: Iterable[Any]) -> tuple[Choice, ...]:
    return tuple(Choice(str(measure), float(units), int(year)) for measure, units, year in listed)
