"""Suppliers: their sites, and relations, one for each part that a site may deliver."""

from __future__ import annotations

from dataclasses import dataclass, field

from optichain.importing.ledger import Row

__all__ = ["Relation", "Supply", "VendorSite"]


@dataclass(slots=True)
class VendorSite:
    """A supplier's plant.

    Attributes
    ----------
    name : str
        Vendor and plant code; the vendor alone where no plant is given.
    vendor : str
    facts : dict of str to str
        enterprise, title, region, country, address, enterprise_code, as far as any row says.
    recovery_time : float or None
        In time units.
    commodities, groups : dict of str to None
        In the order of the extract.
    head_office : bool
        The address is one of an office, or no plant is given: where the plant stands is not known.
    """

    name: str
    vendor: str
    facts: dict[str, str] = field(default_factory=dict)
    recovery_time: float | None = None
    commodities: dict[str, None] = field(default_factory=dict)
    groups: dict[str, None] = field(default_factory=dict)
    head_office: bool = False


@dataclass(slots=True)
class Relation:
    """A site that may deliver a part.

    Attributes
    ----------
    item, site : str
    stated : dict of frozenset of str to float or None
        Units a year, by the own plants that the part is approved for; ``None``: all.
    capacity : float or None
        Units a year.
    ordered : float or None
        Units a year, from orders.
    spend : float
        Money of the instance a year, from orders.
    share, switch_time : float or None
    status : str
    rows : list of Row
    estimates : dict of str to None
        What was assumed, in words.
    """

    item: str
    site: str
    stated: dict[frozenset[str] | None, float | None]
    capacity: float | None
    share: float | None
    status: str
    switch_time: float | None
    rows: list[Row]
    ordered: float | None = None
    spend: float = 0.0
    estimates: dict[str, None] = field(default_factory=dict)

    @property
    def volume(self) -> float | None:
        """Units a year: ordered, else stated; ``None`` where neither is known."""
        if self.ordered is not None:
            return self.ordered
        known = [volume for volume in self.stated.values() if volume is not None]
        return sum(known) if known else None

    @property
    def approved_for(self) -> frozenset[str] | None:
        """Own plants that the part is approved for; ``None``: all."""
        plants = [part for part in self.stated if part is not None]
        return None if None in self.stated else frozenset().union(*plants)


@dataclass(slots=True)
class Supply:
    """All sites and relations of suppliers, in the order of the extract."""

    sites: dict[str, VendorSite] = field(default_factory=dict)
    relations: dict[tuple[str, str], Relation] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)

    def of_item(self, item: str, vendor: str, plant: str | None) -> list[Relation]:
        """Return the relations through which a vendor, or its plant, delivers a part."""
        wanted = None if plant is None else f"{vendor}-{plant}"
        return [
            relation
            for relation in self._by_item().get(item, ())
            if self.sites[relation.site].vendor == vendor and wanted in (None, relation.site)
        ]

    _index: dict[str, list[Relation]] = field(default_factory=dict)

    def _by_item(self) -> dict[str, list[Relation]]:
        if not self._index:
            for relation in self.relations.values():
                self._index.setdefault(relation.item, []).append(relation)
        return self._index
