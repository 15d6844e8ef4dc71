"""What an extract can hold: the columns that a map may name, and those that it must."""

from __future__ import annotations

from typing import Final

__all__ = ["EXTRACTS"]

EXTRACTS: Final[dict[str, tuple[tuple[str, ...], dict[str, str]]]] = {
    "bom": (
        ("item", "input", "quantity"),
        {
            "item": "code of what is made",
            "item_title": "what people call it",
            "input": "code of what it consumes",
            "input_title": "what people call it",
            "quantity": "units of input",
            "per": "in this many units of the item; default 1",
            "unit": "unit of the quantity",
            "plant": "own plant that the row holds for; default own.plant",
            "alternative": "rows of one item with the same label are alternatives",
            "position": "place in the list; one input at several positions adds up",
            "status": "of an alternative",
        },
    ),
    "suppliers": (
        ("item", "vendor"),
        {
            "item": "code of the part",
            "item_title": "what people call it",
            "vendor": "code of the supplier",
            "vendor_name": "its legal name",
            "enterprise_code": "its official code, the same for all its sites",
            "plant": "code of the supplier's plant; with the vendor it makes the site",
            "address": "of the plant",
            "address_kind": "what the address is",
            "region": "region of the plant",
            "country": "country of the plant",
            "commodity": "kind of part, for default recovery times",
            "annual_volume": "units bought a year",
            "annual_spend": "money spent a year, where the volume is not known; needs price",
            "price": "of one unit",
            "currency": "of spend and price; default the base currency",
            "date": "day whose rate holds",
            "unit": "of volume, capacity and price",
            "share": "of the part's requirement",
            "annual_capacity": "most that can be bought a year",
            "status": "of the approval",
            "switch_time": "how long a qualified one takes to start, in time units",
            "recovery_time": "how long the site stays down, in time units",
            "approved_for": "own plants that the part is approved for only, separated by ';' or ','",
            "groups": "labels of what fails together",
        },
    ),
    "orders": (
        ("item", "vendor", "quantity", "date"),
        {
            "order": "number of the order; with position it tells rows apart",
            "position": "place in the order",
            "item": "code of the part",
            "vendor": "code of the supplier",
            "plant": "code of the supplier's plant",
            "quantity": "units ordered",
            "unit": "of the quantity",
            "date": "of the order",
            "amount": "money for the row",
            "currency": "of the amount; default the base currency",
        },
    ),
    "stock": (
        ("item",),
        {
            "item": "code of the part",
            "plant": "own plant where it lies",
            "place": "storage location or batch; tells rows apart",
            "quantity": "units held",
            "unit": "of the quantity",
            "cover": "how long it lasts, in time units; instead of a quantity",
        },
    ),
    "demand": (
        ("item", "annual_volume", "price"),
        {
            "item": "code of the product",
            "item_title": "what people call it",
            "customer": "who wants it; tells rows apart",
            "plant": "where it is wanted",
            "annual_volume": "units wanted a year",
            "price": "worth of serving one unit",
            "currency": "of the price; default the base currency",
            "date": "day whose rate holds for the price",
            "chain": "chain that it counts for",
        },
    ),
}
"""By extract: the columns that the map must name, and all that it may name, with what they hold."""
