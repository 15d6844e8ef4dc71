"""Bills of materials: rows of an extract to links between parts, without copies and contradictions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from optichain.importing.fields import Fields
from optichain.importing.ledger import Ledger, Refusal, Row
from optichain.importing.units import Units

__all__ = ["Bill", "Link", "read_bill"]


@dataclass(slots=True)
class Link:
    """What one unit of a part consumes of another at a plant that makes it.

    Attributes
    ----------
    item, input : str
    quantity : float
        Units of input in one unit of item.
    plant : str
    alternative : str or None
    status : str
    rows : dict of str to Row
        By position in the list; one without positions has one row.
    """

    item: str
    input: str
    quantity: float
    plant: str
    alternative: str | None
    status: str
    rows: dict[str | None, Row]


@dataclass(slots=True)
class Bill:
    """All links, and what parts are called.

    Attributes
    ----------
    links : list of Link
        In the order of the extract.
    titles : dict of str to str
    """

    links: list[Link] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)

    @property
    def parts(self) -> dict[str, None]:
        """Every part that a link names, in order."""
        return dict.fromkeys(part for link in self.links for part in (link.item, link.input))

    @property
    def makers(self) -> dict[str, dict[str, None]]:
        """The own plants that make each part, in order."""
        found: dict[str, dict[str, None]] = {}
        for link in self.links:
            found.setdefault(link.item, {})[link.plant] = None
        return found

    @property
    def consumers(self) -> dict[str, dict[str, None]]:
        """The own plants that use each part, in order."""
        found: dict[str, dict[str, None]] = {}
        for link in self.links:
            found.setdefault(link.input, {})[link.plant] = None
        return found

    def drop(self, links: Iterable[Link]) -> None:
        """Take links out."""
        gone = set(map(id, links))
        self.links = [link for link in self.links if id(link) not in gone]


def read_bill(
    rows: Iterable[Row], fields: Fields, units: Units, ledger: Ledger, default_plant: str | None
) -> Bill:
    """Read the rows that nobody has rejected yet; those that name no plant hold for the default one."""
    bill = Bill()
    understood: list[tuple[Row, Link, str | None, str | None]] = []
    for row in rows:
        if ledger.is_open(row):
            with ledger.judging(row):
                link = _link(row, fields, default_plant)
                unit = fields.text(row, "unit")
                units.see(link.input, unit)
                understood.append((row, link, unit, fields.text(row, "position")))
    units.settle()
    known: dict[tuple[str, str, str, str | None], Link] = {}
    for row, link, unit, position in understood:
        with ledger.judging(row):
            link.quantity *= units.factor(link.input, unit)
            key = (link.item, link.input, link.plant, link.alternative)
            earlier = known.get(key)
            if earlier is None:
                known[key] = link
                link.rows = {position: row}
                bill.links.append(link)
            else:
                _add_position(earlier, link, row, position)
            for part in ("item", "input"):
                title = fields.text(row, f"{part}_title")
                if title is not None:
                    bill.titles.setdefault(getattr(link, part), title)
    return bill


def _link(row: Row, fields: Fields, default_plant: str | None) -> Link:
    item, used = fields.needed(row, "item"), fields.needed(row, "input")
    if item == used:
        raise Refusal("circle", f"'{item}' is said to contain itself", "mend the row", "input")
    plant = fields.code(row, "plant") or default_plant
    if plant is None:
        raise Refusal(
            "missing-value", "no plant makes it", "fill it in, or give own.plant in the map", "plant"
        )
    quantity = fields.number(row, "quantity", positive=True, needed=True) or 0.0
    per = fields.number(row, "per", positive=True) or 1.0
    return Link(
        item,
        used,
        quantity / per,
        plant,
        fields.text(row, "alternative"),
        fields.status(row),
        {},
    )


def _add_position(earlier: Link, link: Link, row: Row, position: str | None) -> None:
    """Add a further position of an input; without positions a second row is a copy, or a contradiction."""
    if position is not None and position not in earlier.rows:
        earlier.quantity += link.quantity
        earlier.rows[position] = row
        return
    first = earlier.rows.get(position) or next(iter(earlier.rows.values()))
    if len(earlier.rows) > 1 or abs(link.quantity - earlier.quantity) <= 1e-9 * earlier.quantity:
        raise Refusal("duplicate-row", f"row {first.number} says the same")
    raise Refusal(
        "conflicting-row",
        f"row {first.number} says {earlier.quantity:g} units of '{link.input}', this row {link.quantity:g}",
        "keep one of the two; map a column position if one input stands at several positions",
        "quantity",
    )
