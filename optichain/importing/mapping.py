"""The map of an import: which column of an extract is what, and what stands in for what no extract says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from optichain.errors import FaultyInputError

__all__ = [
    "PERIODS",
    "SECTIONS",
    "Codes",
    "ExtractMap",
    "ImportMap",
    "MapError",
    "Money",
    "Plant",
    "Product",
    "Recovery",
    "Section",
]

PERIODS: Final[Mapping[str, float]] = {
    "hour": 8760.0,
    "day": 365.0,
    "week": 52.0,
    "month": 12.0,
    "quarter": 4.0,
    "year": 1.0,
}


class MapError(FaultyInputError):
    """The map, or an extract that it speaks of, cannot be used; every reason is listed."""

    code = "bad-map"


class Section(BaseModel):
    """A section of the map: frozen, with no keys but its own, and finite numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)


class Codes(Section):
    """How codes of parts, vendors and plants are compared."""

    ignore_case: bool = Field(
        default=False, description="ab-1 and AB-1 are one code; it is written as first seen."
    )
    strip_zeros: bool = Field(
        default=False, description="000123 and 123 are one code; leading zeros are dropped."
    )


class Plant(Section):
    """A plant of the manufacturer's own."""

    title: str | None = Field(default=None, description="What people call it.")
    region: str | None = Field(default=None, description="Region it lies in.")
    country: str | None = Field(
        default=None, description="Country it lies in; default: that of the section own."
    )
    recovery_time: float | None = Field(
        default=None, ge=0.0, description="How long it stays down, in time units."
    )


class Own(Section):
    """The manufacturer whose extracts these are."""

    enterprise: str = Field(min_length=1, description="Legal owner of the plants.")
    country: str | None = Field(default=None, description="Country of plants that name none.")
    plant: str | None = Field(
        default=None, description="Plant of rows of the BOM and of products that name none."
    )
    plants: dict[str, Plant] = Field(default_factory=dict, description="Facts about plants, by their code.")


class Money(Section):
    """The currency of the instance, and the rates of others."""

    base: str = Field(default="CNY", description="Currency that rates are given in.")
    unit: float = Field(default=1.0, gt=0.0, description="Units of it in one unit of the instance's money.")
    rates: str | None = Field(
        default=None,
        description="CSV with the columns currency, date, rate (of one unit, in the base currency).",
    )
    date: dt.date | None = Field(default=None, description="Day whose rate holds for amounts without a date.")


class Chain(Section):
    """The chain of products that name none."""

    name: str = Field(default="products", min_length=1, description="Name of the chain.")
    title: str | None = Field(default=None, description="What people call it.")
    title_zh: str | None = Field(default=None, description="What people call it in Chinese.")


class Product(Section):
    """A product that is wanted; an extract of demand says the same in rows."""

    item: str = Field(min_length=1, description="Code of the part.")
    annual_volume: float = Field(gt=0.0, description="Units wanted a year.")
    price: float = Field(ge=0.0, description="Worth of serving one unit.")
    currency: str | None = Field(default=None, description="Of the price; default: the base currency.")
    date: dt.date | None = Field(default=None, description="Day whose rate holds for the price.")
    plant: str | None = Field(default=None, description="Where it is wanted.")
    chain: str | None = Field(default=None, description="Chain that it counts for.")


class Recovery(Section):
    """A default recovery time; of all that fit a site the most specific holds."""

    commodity: str | None = Field(default=None, description="Of sites that supply this commodity.")
    country: str | None = Field(default=None, description="Of sites in this country.")
    time: float = Field(ge=0.0, description="How long they stay down, in time units.")


class ExtractMap(Section):
    """How one extract is read: `columns` says which of its columns is what."""

    columns: dict[str, str] = Field(description="By what it is, the header of the column.")
    encoding: str | None = Field(
        default=None, description="Of a CSV; default: found out among UTF-8, UTF-16, GB 18030."
    )
    delimiter: Annotated[str, StringConstraints(strip_whitespace=False, pattern=r'^[^"\r\n]$')] | None = (
        Field(default=None, description="One sign; default: found out.")
    )
    sheet: str | None = Field(default=None, description="Of a workbook; default: the first.")
    decimal: Literal[".", ","] = Field(default=".", description="Decimal mark of numbers written as text.")
    thousands: Literal["", ",", ".", " ", "'"] | None = Field(
        default=None, description="Mark between thousands; default: the other of comma and point."
    )
    date_format: str | None = Field(
        default=None, description="As of strptime; default: 2025-03-31, 2025/03/31, 20250331 or 31.03.2025."
    )
    status: dict[str, str] = Field(
        default_factory=dict,
        description="What words of the column status mean: active, qualified, potential.",
    )
    percent: bool = Field(
        default=False, description="Shares are written 60, not 0.6 (60 % is always understood)."
    )
    head_office: tuple[str, ...] = Field(
        default=(),
        description="Words in the column address_kind, or within the address, that tell a head office.",
    )
    start: dt.date | None = Field(
        default=None, description="Of orders: first day of the period that they cover."
    )
    end: dt.date | None = Field(
        default=None, description="Of orders: last day of the period that they cover."
    )


class ImportMap(Section):
    """Everything in the map."""

    settings: dict[str, Any] = Field(
        default_factory=dict, description="Of the instance, as in instance.toml."
    )
    periods_per_year: float | None = Field(
        default=None,
        gt=0.0,
        description="Time units in a year; known for hour, day, week, month, quarter and year.",
    )
    codes: Codes = Codes()
    own: Own
    money: Money = Money()
    units: dict[str, dict[str, float]] = Field(
        default_factory=dict, description="By unit, how much of it one of another unit is: kg = {t = 1000}."
    )
    chain: Chain = Chain()
    products: tuple[Product, ...] = Field(default=(), description="What is wanted.")
    recovery: tuple[Recovery, ...] = Field(
        default=(), description="Default recovery times of suppliers' sites."
    )
    bom: ExtractMap
    suppliers: ExtractMap
    orders: ExtractMap | None = None
    stock: ExtractMap | None = None
    demand: ExtractMap | None = None

    @property
    def all_settings(self) -> dict[str, Any]:
        """Settings of the instance, with a name where the map gives none."""
        return {"name": "imported", **self.settings}

    @property
    def time_unit(self) -> str:
        """Unit of rates and times in the instance."""
        return str(self.settings.get("time_unit", "week"))

    @property
    def periods(self) -> float:
        """Time units in a year."""
        return self.periods_per_year or PERIODS[self.time_unit]


SECTIONS: Final[Mapping[str, type[Section]]] = {
    "codes": Codes,
    "own": Own,
    "money": Money,
    "chain": Chain,
    "products": Product,
    "recovery": Recovery,
    "bom": ExtractMap,
    "suppliers": ExtractMap,
    "orders": ExtractMap,
    "stock": ExtractMap,
    "demand": ExtractMap,
}
"""The sections of the map, extracts last."""
