"""Policies of chains without their bills of materials: what an enterprise hands over instead of its network.

A file of columns says, for each chain, what its policies cost and gain by year. Whoever receives it cannot work the
gains out again: they are claimed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from optichain.errors import Fault, PlanError
from optichain.instance.raw import quoted
from optichain.network import Network
from optichain.storage.atomic import write_text
from optichain.storage.jsontext import BadJson, load_json
from optichain.storage.tojson import plain
from optichain.weights import raw_weights

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = [
    "Columns",
    "ColumnsChain",
    "ColumnsMeasure",
    "ColumnsPolicy",
    "load_columns",
    "raw_of",
    "weighted_by",
    "write_columns",
]

MOST_FAULTS: Final = 100
"""Faults that are told of one file."""

Floats = npt.NDArray[np.float64]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class ColumnsMeasure(_Model):
    """A measure of a policy, with what it costs the fund in each year of cost."""

    measure: str
    units: float = Field(gt=0.0)
    kind: str
    cost: tuple[float, ...]


class ColumnsPolicy(_Model):
    """A policy: what it costs and gains by year."""

    policy: str
    start_year: int
    measures: tuple[ColumnsMeasure, ...]
    cost: tuple[float, ...]
    gain_by_year: dict[int, float]
    loss_avoided_by_year: dict[int, float]


class ColumnsChain(_Model):
    """A chain: what limits and weights need to know of it, and its policies."""

    chain: str
    title: str | None = None
    cluster: str | None = None
    region: str | None = None
    owners: tuple[str, ...] = ()
    weight: float = Field(ge=0.0)
    acc_by_year: dict[int, float]
    expected_annual_loss_by_year: dict[int, float]
    policies: tuple[ColumnsPolicy, ...]


class Columns(_Model):
    """A file of columns.

    Attributes
    ----------
    instance, instance_digest : str
        What the gains were worked out from.
    weighted_by : {"weight", "scores", "value"}
        What the weights of the chains are: files and instances mix only where this is the same.
    """

    format: Literal["optichain columns 1"] = "optichain columns 1"
    instance: str
    instance_digest: str
    currency: str
    time_unit: str
    weighted_by: Literal["weight", "scores", "value"]
    planning_years: tuple[int, ...]
    years_of_cost: tuple[int, ...]
    chains: tuple[ColumnsChain, ...]


def weighted_by(instance: Instance) -> Literal["weight", "scores", "value"]:
    """Return what the weights of an instance's chains are made from."""
    chains = instance["chains"]
    if chains["weight"].notna().any():
        return "weight"
    return "scores" if chains[["strength", "driving", "technology"]].notna().any().any() else "value"


def raw_of(network: Network) -> Floats:
    """Return the weights of the chains before they are normalised, shape (chains,)."""
    worth = np.zeros(len(network.chains))
    np.add.at(worth, network.demand_chain, network.demand_rate * network.demand_value)
    return raw_weights(network.instance, worth)


def write_columns(columns: Columns, path: str | Path) -> None:
    """Write a file of columns, whole or not at all."""
    document = plain(columns.model_dump(mode="json"))
    write_text(Path(path), json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def load_columns(path: str | Path) -> Columns:
    """Read a file of columns.

    Raises
    ------
    PlanError
        The file cannot be read, or is no file of columns; every fault is listed.
    """
    hint = "a file of columns is what 'optichain frontier --columns' writes"
    try:
        return Columns.model_validate(load_json(Path(path), hint=hint))
    except BadJson as error:
        raise PlanError(error.faults, what="The file of columns") from None
    except ValidationError as error:
        faults = [
            Fault(
                str(path),
                None,
                ".".join(str(key)[:80] for key in problem["loc"]) or None,
                "bad-columns",
                f"{problem['msg']}, got {quoted(problem['input'])}",
                hint,
            )
            for problem in error.errors(include_url=False, include_context=False)[:MOST_FAULTS]
        ]
        raise PlanError(faults, what="The file of columns") from None
