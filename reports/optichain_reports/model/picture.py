"""The network upstream of a chain, as the data of a picture."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Picture", "PictureItem", "PictureSource"]


@dataclass(frozen=True)
class PictureSource:
    """One source of an item.

    `state` is ``sole`` (the chain stops when it fails, or the only site that provides the item), ``cleared`` (it
    was so before the plan) or ``plain``.
    """

    site: str
    title: str
    status: str
    funded: bool
    state: str


@dataclass(frozen=True)
class PictureItem:
    """One item of a chain's network.

    Attributes
    ----------
    tier : int
        0 what is demanded; each input is at least one further.
    irreplaceable : bool
        Nothing can stand in for the item: the chain stops without it.
    lanes, sole_lanes : int
        Lanes that carry it, and how many of them are SPOFs that remain.
    state : str
        The worst of its sources'.
    """

    item: str
    title: str
    tier: int
    demanded: bool
    mapped: bool
    irreplaceable: bool
    lanes: int
    sole_lanes: int
    state: str
    sources: tuple[PictureSource, ...]


@dataclass(frozen=True)
class Picture:
    """The network upstream of a chain; `edges` are (input, item) pairs; `omitted` counts items left out.

    `sole` and `cleared` count the items whose state that is.
    """

    chain: str
    title: str
    items: tuple[PictureItem, ...]
    edges: tuple[tuple[str, str], ...]
    omitted: int
    sole: int
    cleared: int
