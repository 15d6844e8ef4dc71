"""A manufacturer's extracts of some twenty thousand rows, as dirty as real ones, made from a truth that is known.

First a clean truth is drawn: bills of materials in three layers, vendors and their plants, approvals, orders, stock,
demand. Then it is written down the way systems do: in other units, currencies, encodings and notations, which must not
matter; and among the rows slips are strewn, each with the reason for which it must be rejected.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

PLANTS = ("1000", "1100", "1200")
COUNTRIES = ("CN", "JP", "DE", "US")
COMMODITIES = ("castings", "seals", "chips")
CITIES = ("广州", "佛山", "东莞", "汕头", "珠海")
RATES = {"EUR": [("2025-01-01", 7.5), ("2025-07-01", 8.0)], "USD": [("2025-01-01", 7.25)]}
RECOVERY = {
    ("castings", "JP"): 30.0,
    ("castings", None): 20.0,
    ("chips", None): 26.0,
    (None, "DE"): 10.0,
    (None, "US"): 14.0,
}
MAP = """\
[settings]
name = "dirty"
title = "A manufacturer with dirty extracts"
currency = "CNY million"

[codes]
ignore_case = true

[own]
enterprise = "North Machines"
country = "CN"

[own.plants.1100]
title = "Second plant"
region = "Foshan"

[money]
unit = 1e6
rates = "rates.csv"

[units.kg]
t = 1000
g = 0.001

[[recovery]]
commodity = "castings"
country = "JP"
time = 30
[[recovery]]
commodity = "castings"
time = 20
[[recovery]]
commodity = "chips"
time = 26
[[recovery]]
country = "DE"
time = 10
[[recovery]]
country = "US"
time = 14

[bom.columns]
item = "Parent"
input = "Component"
input_title = "描述"
quantity = "Qty"
unit = "UoM"
plant = "Plant"

[suppliers]
decimal = ","
percent = true
head_office = ["总部", "Head office"]
status = { freigegeben = "active", "in Prüfung" = "potential" }
[suppliers.columns]
item = "Material"
vendor = "Lieferant"
vendor_name = "名称"
plant = "Werk"
address = "地址"
country = "Land"
commodity = "Warengruppe"
annual_volume = "Jahresmenge"
annual_spend = "Jahreswert"
price = "Preis"
currency = "Währung"
date = "Datum"
unit = "ME"
share = "Anteil"
status = "Status"
approved_for = "Freigabe"

[orders]
start = 2025-01-01
end = 2025-12-31
[orders.columns]
order = "PO"
position = "Pos"
item = "Material"
vendor = "Vendor"
plant = "Vendor plant"
quantity = "Quantity"
unit = "Unit"
date = "Date"
amount = "Amount"
currency = "Currency"

[stock]
sheet = "库存"
[stock.columns]
item = "物料"
plant = "工厂"
place = "库位"
quantity = "数量"
unit = "单位"
cover = "周数"

[demand.columns]
item = "Product"
annual_volume = "Volume"
price = "Price"
currency = "Currency"
date = "Date"
"""
HEADERS = {
    "bom": ("Parent", "Component", "描述", "Qty", "UoM", "Plant"),
    "suppliers": (
        "Material",
        "Lieferant",
        "名称",
        "Werk",
        "地址",
        "Land",
        "Warengruppe",
        "Jahresmenge",
        "Jahreswert",
        "Preis",
        "Währung",
        "Datum",
        "ME",
        "Anteil",
        "Status",
        "Freigabe",
    ),
    "orders": (
        "PO",
        "Pos",
        "Material",
        "Vendor",
        "Vendor plant",
        "Quantity",
        "Unit",
        "Date",
        "Amount",
        "Currency",
    ),
    "stock": ("物料", "工厂", "库位", "数量", "单位", "周数"),
    "demand": ("Product", "Volume", "Price", "Currency", "Date"),
}


@dataclass
class Line:
    """A row to be written: its cells, where it goes, and why it must be rejected, if so."""

    cells: list[object]
    place: float
    wrong: str | None = None


@dataclass
class Truth:
    """What the import must find."""

    links: dict[tuple[str, str, str], float] = field(default_factory=dict)  # parent, plant, component
    volumes: dict[tuple[str, str], float | None] = field(default_factory=dict)  # part, site
    shares: dict[tuple[str, str], float] = field(default_factory=dict)
    status: dict[tuple[str, str], str] = field(default_factory=dict)
    approved: dict[tuple[str, str], str | None] = field(default_factory=dict)
    spend: dict[tuple[str, str], float] = field(default_factory=dict)
    enterprise: dict[str, str] = field(default_factory=dict)
    country: dict[str, str] = field(default_factory=dict)
    commodities: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    offices: set[str] = field(default_factory=set)
    stock: dict[tuple[str, str], tuple[str, float]] = field(default_factory=dict)
    demand: dict[str, tuple[float, float]] = field(default_factory=dict)  # a year; value in CNY million
    rejected: set[tuple[str, int, str]] = field(default_factory=set)  # file, row, code
    rows: dict[str, int] = field(default_factory=dict)

    def recovery(self, site: str) -> float | None:
        """Work out a default recovery time by looking at every rule of a kind, the most specific kind first."""
        groups, country = self.commodities[site], self.country[site]
        for kind in (
            [RECOVERY.get((group, country)) for group in groups],
            [RECOVERY.get((group, None)) for group in groups],
            [RECOVERY.get((None, country))],
        ):
            fitting = [time for time in kind if time is not None]
            if fitting:
                return max(fitting)
        return None


class Maker:
    """Draws the truth and writes the extracts."""

    def __init__(self, seed: int, *, scale: float = 1.0) -> None:
        self.random = random.Random(seed)
        self.truth = Truth()
        self.lines: dict[str, list[Line]] = {name: [] for name in HEADERS}
        self.products = [f"M{k:03d}" for k in range(int(40 * scale))]
        self.assemblies = [f"A{k:04d}" for k in range(int(430 * scale))]
        self.parts = [f"P{k:05d}" for k in range(int(2600 * scale))]
        self.unit = {part: self.random.choice(("pc", "kg")) for part in self.parts}
        self.unit |= dict.fromkeys(self.assemblies, "pc")
        self.commodity = {part: self.random.choice(COMMODITIES) for part in (*self.parts, *self.assemblies)}

    # --- notation that must not matter -------------------------------------------------------------------------

    def code(self, text: str) -> str:
        """Write a code with blanks around it, in full-width forms or in small letters, now and then."""
        dice = self.random.random()
        if dice < 0.03:
            return f"  {text} "
        if dice < 0.05:
            return "".join(chr(ord(sign) + 0xFEE0) for sign in text)
        return text.lower() if dice < 0.07 else text

    def amount(self, value: float, unit: str, decimal: str) -> tuple[str, str]:
        """Write a quantity in its unit or in tonnes or grams, with or without marks between thousands."""
        if unit == "kg" and self.random.random() < 0.3:
            unit, factor = self.random.choice((("t", 0.001), ("g", 1000.0), ("T", 0.001)))
            value *= factor
        return self.number(value, decimal), unit

    def number(self, value: float, decimal: str = ".") -> str:
        text = f"{value:,.6f}" if self.random.random() < 0.4 else f"{value:.6f}"
        text = text.rstrip("0").rstrip(".")
        return text.translate(str.maketrans(",.", ".,")) if decimal == "," else text

    def money(self, value: float, day: dt.date) -> tuple[float, str]:
        """Write an amount of CNY in some currency by the rate of the day."""
        currency = self.random.choice(("CNY", "", "EUR", "eur", "USD"))
        return value / self.rate(currency, day), currency

    @staticmethod
    def rate(currency: str, day: dt.date) -> float:
        if currency.upper() not in RATES:
            return 1.0
        return [rate for since, rate in RATES[currency.upper()] if dt.date.fromisoformat(since) <= day][-1]

    def day(self) -> dt.date:
        return dt.date(2025, 1, 1) + dt.timedelta(days=self.random.randrange(365))

    def dated(self, day: dt.date) -> str:
        return day.strftime(self.random.choice(("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d.%m.%Y")))

    # --- the truth ---------------------------------------------------------------------------------------------

    def add(
        self, name: str, cells: list[object], wrong: str | None = None, after: Line | None = None
    ) -> Line:
        place = self.random.random() if after is None else self.random.uniform(after.place, 1.0)
        line = Line(cells, place, wrong)
        self.lines[name].append(line)
        return line

    def draw(self) -> None:
        self.bills()
        self.suppliers()
        self.orders()
        self.stocks()
        self.wanted()
        for name in HEADERS:
            self.slips(name)

    def bills(self) -> None:
        plants_of = {
            item: self.random.sample(PLANTS, self.random.choice((1, 1, 1, 2))) for item in self.assemblies
        }
        plants_of |= {item: [self.random.choice(PLANTS)] for item in self.products}
        self.consumers: dict[str, set[str]] = defaultdict(set)
        for item in (*self.products, *self.assemblies):
            below = self.assemblies if item[0] == "M" else self.parts
            inputs = self.random.sample(below, 10)
            different = self.random.random() < 0.2
            for plant in plants_of[item]:
                for used in inputs:
                    quantity = self.random.choice((1, 2, 4, 0.25, 1250))
                    if not different:
                        quantity = self.truth.links.get((item, plants_of[item][0], used), quantity)
                    self.truth.links[item, plant, used] = quantity
                    self.consumers[used].add(plant)
                    text, unit = self.amount(quantity, self.unit[used], ".")
                    title = f"{self.random.choice(CITIES)}件 {used}" if self.random.random() < 0.5 else ""
                    self.add("bom", [self.code(item), self.code(used), title, text, unit, plant])
        self.plants_of = plants_of

    def suppliers(self) -> None:
        truth = self.truth
        vendors = [f"V{k:04d}" for k in range(300)]
        country = {vendor: self.random.choice(COUNTRIES) for vendor in vendors}
        name = {vendor: f"{self.random.choice(CITIES)}第{vendor[1:]}厂" for vendor in vendors}
        bought = [
            *(part for part in self.parts if part in self.consumers),
            *self.random.sample(self.assemblies, 20),
        ]
        self.relation_lines: dict[tuple[str, str], Line] = {}
        for part in bought:
            for vendor in self.random.sample(vendors, self.random.choice((1, 2, 2, 3))):
                plant = self.random.choice(("A", "B", "C", ""))
                site = f"{vendor}-{plant}" if plant else vendor
                office = not plant or (plant == "C" and vendor < "V0100")
                address = self.random.choice(("总部 ", "Head Office, ")) if office and plant else "工业路 "
                key = (part, site)
                truth.enterprise[site], truth.country[site] = name[vendor], country[vendor]
                truth.commodities[site].add(self.commodity[part])
                if office:
                    truth.offices.add(site)
                only = None
                if self.random.random() < 0.12 and part in self.consumers:
                    only = self.random.choice(sorted(self.consumers[part]))
                truth.approved[key] = only
                truth.status[key] = self.random.choice(("active", "active", "active", "potential"))
                word = {"active": self.random.choice(("freigegeben", "")), "potential": "in Prüfung"}
                volume = truth.volumes[key] = float(self.random.randrange(1, 400) * 25)
                cells: dict[str, object] = {"ME": self.unit[part]}
                dice = self.random.random()
                if dice < 0.5:
                    cells["Jahresmenge"], cells["ME"] = self.amount(volume, self.unit[part], ",")
                elif dice < 0.7:
                    day, price = self.day(), float(self.random.randrange(1, 50))
                    worth, currency = self.money(price, day)
                    cells["Preis"], cells["Währung"] = f"{worth:.12f}".replace(".", ","), currency
                    cells["Jahreswert"] = f"{worth * volume:.9f}".replace(".", ",")
                    cells["Datum"] = self.dated(day)
                else:
                    truth.volumes[key] = None
                    share = self.random.randrange(1, 101)
                    truth.shares[key] = share / 100
                    cells["Anteil"] = self.random.choice((f"{share} %", f"{share}%", str(share)))
                cells |= {
                    "Material": self.code(part),
                    "Lieferant": self.code(vendor),
                    "名称": f"{name[vendor]} " if self.random.random() < 0.1 else name[vendor],
                    "Werk": plant,
                    "地址": f"{address}{int(vendor[1:])}号",
                    "Land": country[vendor],
                    "Warengruppe": self.commodity[part],
                    "Status": word[truth.status[key]],
                    "Freigabe": only or "",
                }
                row = [cells.get(head, "") for head in HEADERS["suppliers"]]
                self.relation_lines[key] = self.add("suppliers", row)

    def orders(self) -> None:
        truth = self.truth
        sites = defaultdict(set)
        for part, site in truth.approved:
            sites[part, site.split("-")[0]].add(site)
        number = 0
        for key in list(truth.approved):
            if self.random.random() > 0.6:
                continue
            part, site = key
            vendor, _, plant = site.partition("-")
            total = spend = 0.0
            for _ in range(self.random.randrange(1, 6)):
                number += 1
                quantity, day = float(self.random.randrange(1, 4000)), self.day()
                worth = quantity * 3.0
                text, unit = self.amount(quantity, self.unit[part], ".")
                paid, currency = self.money(worth, day)
                named = plant if self.random.random() < 0.5 or len(sites[part, vendor]) > 1 else ""
                self.add(
                    "orders",
                    [
                        str(4500000000 + number),
                        "10",
                        self.code(part),
                        self.code(vendor),
                        named,
                        text,
                        unit,
                        self.dated(day),
                        f"{paid:.9f}",
                        currency,
                    ],
                )
                total, spend = total + quantity, spend + worth
            truth.volumes[key], truth.spend[key] = total, spend / 1e6

    def stocks(self) -> None:
        for part in self.random.sample(self.parts, len(self.parts) // 3):
            for plant in sorted(self.consumers.get(part, ())):
                if self.random.random() < 0.3:
                    weeks = self.random.randrange(1, 9)
                    self.truth.stock[part, plant] = ("cover", float(weeks))
                    self.add("stock", [part, plant, "", None, "", weeks])
                    continue
                total = 0.0
                for place in range(self.random.randrange(1, 4)):
                    held = self.random.randrange(1, 500) * 4
                    total += held
                    cell: object = held if self.random.random() < 0.5 else f" {held:,} "
                    self.add("stock", [part, plant, f"L{place}", cell, self.unit[part], None])
                self.truth.stock[part, plant] = ("quantity", total)

    def wanted(self) -> None:
        for product in self.products:
            volume, value, day = (
                self.random.randrange(1, 90) * 52,
                self.random.randrange(1, 90) * 1e4,
                self.day(),
            )
            price, currency = self.money(value, day)
            self.truth.demand[product] = (float(volume), value / 1e6)
            self.add("demand", [product, self.number(volume), f"{price:.9f}", currency, self.dated(day)])

    # --- slips -------------------------------------------------------------------------------------------------

    def slips(self, name: str) -> None:
        clean = [line for line in self.lines[name] if line.wrong is None]
        few = max(3, len(clean) // 150)
        for line in self.random.sample(clean, few):
            copy = [f" {cell} " if isinstance(cell, str) and cell else cell for cell in line.cells]
            if name != "orders" or line.cells[0]:
                self.add(name, copy, "duplicate-row", line)
        for _ in range(few):
            self.add(name, [""] * len(HEADERS[name]), "blank-row")
        getattr(self, f"slips_{name}")(few)

    def slips_bom(self, few: int) -> None:
        links = list(self.truth.links)
        uses: dict[str, set[str]] = defaultdict(set)
        for item, _, used in links:
            uses[used].add(item)
        for k, (item, plant, _) in enumerate(self.random.sample(links, few)):
            title = f"slip {k}"
            self.add("bom", [item, "", title, "1", "pc", plant], "missing-value")
            self.add("bom", [item, item, title, "1", "pc", plant], "circle")
            self.add("bom", [item, "Z9", title, "zehn", "pc", plant], "not-a-number")
            self.add("bom", [item, "Z8", title, "1,5", "pc", plant], "not-a-number")
            self.add("bom", [item, "Z7", title, "-2", "pc", plant], "out-of-range")
            self.add("bom", [item, "Z;6", title, "2", "pc", plant], "bad-code")
            self.add("bom", [item, "Z5", title, "2", "pc", plant, "", "surplus"], "ragged-row")
            self.add("bom", [item, "Z4", f"{title} 坏\x00", "2", "pc", plant], "bad-encoding")
        for line in self.random.sample([entry for entry in self.lines["bom"] if entry.wrong is None], few):
            more = [*line.cells[:3], "777.5", *line.cells[4:]]
            self.add("bom", more, "conflicting-row", line)
        often = [used for used, items in uses.items() if used[0] == "P" and len(items) >= 3]
        for used in self.random.sample(often, few):
            strangers = [item for item in self.assemblies if item not in uses[used]]
            item = self.random.choice(strangers)
            self.add("bom", [item, used, "", "3", "m", self.plants_of[item][0]], "wrong-unit")
        # a circle two or three rows long: a part said to contain what contains it, or the product above
        inner = [link for link in links if link[0][0] == "A" and uses.get(link[0])]
        for item, plant, used in self.random.sample(inner, few):
            above = self.random.choice((item, *sorted(uses[item])))
            self.add("bom", [used, above, "", "1", self.unit.get(above, ""), plant], "circle")

    def slips_suppliers(self, few: int) -> None:
        keys = list(self.relation_lines)
        for k in range(few):
            part, site = self.random.choice(keys)
            vendor = site.split("-")[0]
            base = dict(zip(HEADERS["suppliers"], [""] * 16, strict=True)) | {
                "Material": part,
                "Lieferant": vendor,
                "Werk": "Q",
                "地址": f"slip {k}",
                "Jahresmenge": "10",
                "ME": self.unit[part],
            }
            for wrong, change in (
                ("unmatched-part", {"Material": "X-1"}),
                ("missing-value", {"Lieferant": ""}),
                ("missing-value", {"Jahresmenge": "", "Jahreswert": "5"}),
                ("out-of-range", {"Anteil": "120 %"}),
                ("out-of-range", {"Anteil": "101"}),
                ("unknown-status", {"Status": "gesperrt"}),
                ("unmatched-plant", {"Freigabe": "9999"}),
                ("not-a-number", {"Jahresmenge": "1.5"}),
                ("wrong-unit", {"ME": "Palette"}),
                ("no-rate", {"Jahresmenge": "", "Jahreswert": "5", "Preis": "1", "Währung": "XAU"}),
                (
                    "no-rate",
                    {
                        "Jahresmenge": "",
                        "Jahreswert": "5",
                        "Preis": "1",
                        "Währung": "EUR",
                        "Datum": "2024-12-31",
                    },
                ),
                ("no-date", {"Jahresmenge": "", "Jahreswert": "5", "Preis": "1", "Währung": "EUR"}),
                ("not-a-date", {"Jahreswert": "5", "Jahresmenge": "", "Preis": "1", "Datum": "Q1/2025"}),
            ):
                self.add("suppliers", list((base | change).values()), wrong)
        for key in self.random.sample(keys, few):
            line = self.relation_lines[key]
            cells = dict(zip(HEADERS["suppliers"], line.cells, strict=True))
            other = "in Prüfung" if self.truth.status[key] == "active" else "freigegeben"
            self.add("suppliers", list((cells | {"Status": other}).values()), "conflicting-row", line)

    def slips_orders(self, few: int) -> None:
        keys = list(self.truth.approved)
        for k in range(few):
            part, site = self.random.choice(keys)
            vendor, _, plant = site.partition("-")
            order = ["F" + str(k), "10", part, vendor, plant, "5", self.unit[part], "2025-03-01", "1", "CNY"]
            for at, cell, wrong in (
                (3, "V9999", "unmatched-order"),
                (2, "X-1", "unmatched-order"),
                (4, "Q", "unmatched-order"),
                (7, "2024-12-31", "outside-period"),
                (7, "31/31/2025", "not-a-date"),
                (7, "", "missing-value"),
                (5, "0", "out-of-range"),
                (5, "n/a", "not-a-number"),
                (6, "Palette", "wrong-unit"),
                (9, "GBP", "no-rate"),
            ):
                self.add("orders", [*order[:at], cell, *order[at + 1 :]], wrong)

    def slips_stock(self, few: int) -> None:
        for k in range(few):
            part = self.random.choice(list(self.truth.stock))[0]
            self.add("stock", ["X-1", "1000", f"S{k}", 5, "", None], "unmatched-part")
            self.add("stock", [part, "1000", f"S{k}", 5, "", 2], "either-or")
            self.add("stock", [part, "1000", f"S{k}", None, "", None], "either-or")
            self.add("stock", [part, "1000", f"S{k}", -5, "", None], "out-of-range")

    def slips_demand(self, few: int) -> None:
        for k in range(few):
            self.add("demand", ["M000", "0", str(k), "CNY", ""], "out-of-range")
            self.add("demand", ["M000", str(k + 1), "", "CNY", ""], "missing-value")

    # --- writing -----------------------------------------------------------------------------------------------

    def write(self, folder: Path) -> None:
        for name, lines in self.lines.items():
            lines.sort(key=lambda line: line.place)
            file = f"{name}.xlsx" if name == "stock" else f"{name}.csv"
            self.truth.rows[name] = len(lines)
            self.truth.rejected |= {
                (file, number, line.wrong) for number, line in enumerate(lines, start=2) if line.wrong
            }
        (folder / "map.toml").write_text(MAP, encoding="utf-8")
        rates = [f"{currency},{day},{rate}" for currency, rows in RATES.items() for day, rate in rows]
        (folder / "rates.csv").write_text("\n".join(["currency,date,rate", *rates, ""]), encoding="utf-8")
        self.write_bom(folder / "bom.csv")
        (folder / "suppliers.csv").write_bytes(self.text("suppliers", ";").encode("gb18030"))
        (folder / "orders.csv").write_bytes(self.text("orders", "\t").encode("utf-8-sig"))
        (folder / "demand.csv").write_bytes(self.text("demand", ",").encode("utf-16"))
        self.write_stock(folder / "stock.xlsx")

    def text(self, name: str, delimiter: str) -> str:
        stream = io.StringIO()
        writer = csv.writer(stream, delimiter=delimiter, lineterminator="\r\n")
        writer.writerow(HEADERS[name])
        writer.writerows(line.cells for line in self.lines[name])
        return stream.getvalue()

    def write_bom(self, path: Path) -> None:
        """Write UTF-8 with a tenth of its Chinese lines in GB 18030, and some bytes that are neither."""
        lines = []
        for line in self.text("bom", ",").splitlines():
            content = line.encode()
            if not line.isascii() and self.random.random() < 0.1 and "描述" not in line:
                other = line.encode("gb18030")
                try:
                    other.decode("utf-8")
                except UnicodeDecodeError:
                    content = other
            lines.append(content.replace(b"\x00", b"\xff"))
        path.write_bytes(b"\r\n".join(lines) + b"\r\n")

    def write_stock(self, path: Path) -> None:
        import openpyxl

        book = openpyxl.Workbook()
        sheet = book.active
        sheet.title = "库存"
        sheet.append(HEADERS["stock"])
        for line in self.lines["stock"]:
            sheet.append([cell if cell != "" else None for cell in line.cells])
        book.save(path)


def make_extracts(folder: Path, seed: int, *, scale: float = 1.0) -> Truth:
    """Write five extracts, a map and a table of rates into a folder; return what they say in truth."""
    maker = Maker(seed, scale=scale)
    maker.draw()
    maker.write(folder)
    return maker.truth
