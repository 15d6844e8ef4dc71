"""The settings of an instance: what stands in ``instance.toml``, with its defaults and limits."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any, Final, Literal, Self, TypeGuard

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

__all__ = [
    "ChainScores",
    "Defaults",
    "Events",
    "Planning",
    "SettingFault",
    "Settings",
    "read_settings",
    "setting_fields",
]


BAD_CHARACTERS: Final = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f\\ud800-\\udfff\\ufffe\\uffff]")


LARGEST: Final = 1e15
SMALLEST: Final = 1e-30
"""Sizes of numbers beyond which their products are no numbers any more, or nothing; what rounding leaves is in between."""

BOOLEANS: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def _whole(value: Any) -> Any:
    """Take 8.0 for 8: workbooks know no whole numbers."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _flag(value: Any) -> Any:
    """Take the other spellings of true and false: yes/no and 1/0."""
    if isinstance(value, str):
        return BOOLEANS.get(value.strip().lower(), value)
    return bool(value) if type(value) in (int, float) and value in (0, 1) else value


def _sequence(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _clean(text: str) -> str:
    """Refuse what not every carrier can hold."""
    if BAD_CHARACTERS.search(text):
        raise PydanticCustomError("bad_character", "text without control characters")
    return text


Number = Annotated[float, Field(allow_inf_nan=False, strict=True, ge=-LARGEST, le=LARGEST)]
NonNegative = Annotated[float, Field(allow_inf_nan=False, strict=True, ge=0.0, le=LARGEST)]
Positive = Annotated[float, Field(allow_inf_nan=False, strict=True, gt=0.0, le=LARGEST)]
Share = Annotated[float, Field(allow_inf_nan=False, strict=True, ge=0.0, le=1.0)]
Whole = Annotated[int, BeforeValidator(_whole), Field(strict=True, ge=0, le=1000)]
Year = Annotated[int, BeforeValidator(_whole), Field(strict=True, ge=1, le=9999)]
Text = Annotated[str, StringConstraints(strict=True, strip_whitespace=True), AfterValidator(_clean)]
Flag = Annotated[bool, BeforeValidator(_flag), Field(strict=True)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Planning(_Section):
    """Years, money and intake; needed to solve."""

    years: Annotated[tuple[Year, ...], BeforeValidator(_sequence)] = Field(
        min_length=1, max_length=100, description="Planning years, consecutive."
    )
    budget: Annotated[tuple[NonNegative, ...], BeforeValidator(_sequence)] = Field(
        description="Money of each planning year."
    )
    carry_over: Share = Field(default=0.0, description="Share of unspent money usable in the next year.")
    tail_budget: Annotated[tuple[NonNegative, ...], BeforeValidator(_sequence)] = Field(
        default=(),
        description="Money for costs in the two years after the last; default: the last budget, twice.",
    )
    terminal_years: Whole = Field(
        default=3, description="Years after the last that also count, with the network as it then is."
    )
    max_new_chains: Annotated[int, BeforeValidator(_whole), Field(strict=True, ge=0, le=10**9)] | None = (
        Field(default=None, description="Most chains newly taken into support in a year; absent: no limit.")
    )
    min_new_chains: Annotated[int, BeforeValidator(_whole), Field(strict=True, ge=0, le=10**9)] = Field(
        default=0, description="Fewest chains newly taken into support in a year."
    )
    discount: NonNegative = Field(default=0.0, description="Discount of later years' continuity, per year.")

    @model_validator(mode="before")
    @classmethod
    def _fill_tail(cls, values: Any) -> Any:
        """Fill the tail with the last year's budget, twice."""
        if isinstance(values, Mapping) and "tail_budget" not in values:
            budget = values.get("budget")
            last = (
                budget[-1] if isinstance(budget, (list, tuple)) and budget and _is_money(budget[-1]) else 0.0
            )
            return {**values, "tail_budget": (last, last)}
        return values

    @model_validator(mode="after")
    def _agree(self) -> Self:
        for field, message in _disagreements(self.model_dump()):
            raise PydanticCustomError(_LOCATED, "{message}", {"field": field, "message": message})
        return self


class ChainScores(_Section):
    """How chain weights are made from the three scores."""

    strength: NonNegative = Field(default=1.0, description="Weight of the strength score.")
    driving: NonNegative = Field(default=1.0, description="Weight of the driving score.")
    technology: NonNegative = Field(default=1.0, description="Weight of the technology score.")


class Defaults(_Section):
    """What is taken where the tables say nothing."""

    recovery_time: NonNegative = Field(default=12.0, description="Recovery time, in time units.")
    annual_probability: Share = Field(default=0.01, description="Chance of a failure in a year.")
    surge: NonNegative = Field(default=0.2, description="What an unknown capacity has above its normal flow.")


class Events(_Section):
    """Which events are made from the network, besides those in the table events."""

    single_site: Flag = Field(
        default=True, description="One event a site: complete loss for its recovery time."
    )
    single_lane: Flag = Field(default=False, description="One event a lane.")
    single_enterprise: Flag = Field(default=False, description="One event an enterprise.")
    single_region: Flag = Field(default=False, description="One event a region.")
    single_country: Flag = Field(default=False, description="One event a country.")
    single_group: Flag = Field(
        default=True, description="One event a group that has a probability or a recovery time."
    )


class Settings(_Section):
    """Everything in ``instance.toml``."""

    name: Text = Field(default="unnamed", min_length=1, description="Short name of the instance.")
    title: Text = Field(default="", description="What it is, in one line.")
    title_zh: Text | None = Field(default=None, description="The same in Chinese.")
    time_unit: Text = Field(
        default="week", min_length=1, description="Unit of rates, durations and recovery times."
    )
    currency: Text = Field(default="CNY million", min_length=1, description="Unit of all money.")
    horizon: Positive = Field(default=52.0, description="Time units over which continuity is measured.")
    stock_at_failed_site: Literal["survives", "lost"] = Field(
        default="survives",
        description="What happens to stock at a site that is lost completely: survives or lost.",
    )
    planning: Planning | None = Field(default=None, description="Needed by solve and its kin only.")
    chain_scores: ChainScores = ChainScores()
    defaults: Defaults = Defaults()
    events: Events = Events()


SECTIONS: Final[dict[str, type[_Section]]] = {
    "planning": Planning,
    "chain_scores": ChainScores,
    "defaults": Defaults,
    "events": Events,
}


def _is_money(value: Any) -> bool:
    return (
        isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= sys.float_info.max
    )


_LOCATED: Final = "located"


def _disagreements(planning: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each setting of a plan that does not go with the others, and why.

    What is not of its type at all is passed over: that is another fault.
    """
    years, budget, tail = (planning.get(name) for name in ("years", "budget", "tail_budget"))
    if _is_list(years, (int, float)) and any(later != earlier + 1 for earlier, later in pairwise(years)):
        yield "years", f"found {_shown(list(years))}, expected consecutive years"
    if (
        isinstance(years, (list, tuple))
        and years
        and isinstance(budget, (list, tuple))
        and len(budget) != len(years)
    ):
        yield (
            "budget",
            f"found {len(budget)} amounts for {len(years)} planning years, expected one a year",
        )
    if isinstance(tail, (list, tuple)) and len(tail) != 2:
        yield (
            "tail_budget",
            f"found {len(tail)} amounts, expected two, for the two years after the last",
        )
    least, most = planning.get("min_new_chains", 0), planning.get("max_new_chains")
    if _is_list([least, most], (int, float)) and least > most:
        yield "min_new_chains", f"found {_shown(least)}, which is above max_new_chains = {_shown(most)}"


def _is_list(values: Any, kinds: tuple[type, ...]) -> TypeGuard[list[Any]]:
    return isinstance(values, (list, tuple)) and all(
        isinstance(value, kinds) and not isinstance(value, bool) for value in values
    )


@dataclass(frozen=True, slots=True)
class SettingFault:
    """One thing wrong with the settings.

    Attributes
    ----------
    setting : str
        Dotted name.
    code, message : str
    wrong : str
        An unknown name, or blank.
    known : tuple of str
        Names that it may have been meant for.
    """

    setting: str
    code: str
    message: str
    wrong: str = ""
    known: tuple[str, ...] = ()


def setting_fields() -> Iterator[tuple[str, FieldInfo]]:
    """Yield every dotted setting with its pydantic field, in the order of ``instance.toml``."""
    for name, field in Settings.model_fields.items():
        if name not in SECTIONS:
            yield name, field
    for section, model in SECTIONS.items():
        for name, field in model.model_fields.items():
            yield f"{section}.{name}", field


def read_settings(raw: Mapping[str, Any]) -> tuple[Settings | None, list[SettingFault]]:
    """Return the settings, or ``None`` and everything that is wrong with them.

    Parameters
    ----------
    raw : mapping
        Nested as in ``instance.toml``.
    """
    try:
        return Settings.model_validate(dict(raw)), []
    except ValidationError as error:
        details = error.errors()
        # A list whose entries are faulty is called too short besides.
        inside = {
            detail["loc"][:-1] for detail in details if detail["loc"] and isinstance(detail["loc"][-1], int)
        }
        found = [
            _translated(d)
            for d in details
            if d["type"] != _LOCATED and (d["type"] != "too_short" or d["loc"] not in inside)
        ]
        planning, blamed = raw.get("planning"), {fault.setting for fault in found}
        if isinstance(planning, Mapping):
            found += [
                SettingFault(f"planning.{field}", "bad-setting", message)
                for field, message in _disagreements(planning)
                if f"planning.{field}" not in blamed
            ]
        return None, found


_EXPECTED: Final = {
    "float_type": "a number",
    "finite_number": "a finite number",
    "int_type": "a whole number",
    "bool_type": "true or false (yes/no and 1/0 are understood too)",
    "string_type": "text",
    "string_too_short": "some text",
    "tuple_type": "a list",
    "model_type": "a section with settings of its own",
    "model_attributes_type": "a section with settings of its own",
}
_BOUNDS: Final = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "below"),
    "less_than_equal": ("le", "at most"),
}


def _translated(detail: Any) -> SettingFault:
    """Turn one pydantic error into the words of the format."""
    place = [part for part in detail["loc"] if isinstance(part, str)]
    index = next((part for part in detail["loc"] if isinstance(part, int)), None)
    kind, context = str(detail["type"]), detail.get("ctx") or {}
    setting = ".".join(place)
    if kind == "extra_forbidden":
        model: type[_Section] = SECTIONS.get(place[0], Settings) if len(place) > 1 else Settings
        message = f"found the setting {_shown(setting)}, which is unknown"
        return SettingFault(setting, "unknown-setting", message, place[-1], tuple(model.model_fields))
    if kind == "missing":
        return SettingFault(
            setting, "missing-setting", f"the setting '{setting}' is missing and has no default"
        )
    if kind in _BOUNDS:
        bound, words = _BOUNDS[kind]
        expected = f"a value {words} {context[bound]:g}"
    elif kind == "literal_error":
        expected = str(context["expected"])
    elif kind == "too_short":
        expected = f"a list of at least {context['min_length']}"
    elif kind == "too_long":
        expected = f"a list of at most {context['max_length']}"
    else:
        expected = _EXPECTED.get(kind, str(detail["msg"]))
    where = "" if index is None else f" at place {index + 1} of the list"
    return SettingFault(
        setting, "bad-setting", f"found {_shown(detail.get('input'))}{where}, expected {expected}"
    )


def _shown(value: Any) -> str:
    try:
        text = str(value).lower() if isinstance(value, bool) else repr(value)
    except ValueError:
        text = "a number of thousands of digits"
    except RecursionError:
        text = "something nested very deeply"
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return text if len(text) <= 80 else text[:77] + "..."
