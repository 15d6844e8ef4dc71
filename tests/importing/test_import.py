"""What becomes of single rows of extracts, each on a network small enough to see through."""

import datetime as dt
import json
import os
import subprocess
import sys

import pytest

import optichain as oc
from importing.dirty import make_extracts
from optichain.errors import Fault, UsageError
from optichain.importing.extracts import decode
from optichain.importing.fields import CodeBook, Fields
from optichain.importing.ledger import Ledger, Refusal, Row
from optichain.importing.mapping import Codes, ExtractMap, MapError, Money
from optichain.importing.money import read_rates
from optichain.importing.read_map import read_map
from optichain.importing.units import Units

MAP = """\
[own]
enterprise = "North"
plant = "1000"
[units.kg]
t = 1000
[[products]]
item = "pump"
annual_volume = 5200
price = 2
[bom.columns]
item = "item"
input = "input"
quantity = "quantity"
unit = "unit"
plant = "plant"
alternative = "alternative"
position = "position"
[suppliers.columns]
item = "item"
vendor = "vendor"
plant = "plant"
vendor_name = "name"
annual_volume = "volume"
share = "share"
status = "status"
approved_for = "for"
recovery_time = "ttr"
[orders]
start = 2025-01-01
end = 2025-12-31
[orders.columns]
item = "item"
vendor = "vendor"
quantity = "quantity"
date = "date"
[stock.columns]
item = "item"
plant = "plant"
quantity = "quantity"
"""
BOM = "item,input,quantity,unit,plant,alternative,position\n"
SUPPLIERS = "item,vendor,plant,name,volume,share,status,for,ttr\n"
LINKS = "pump,casting,2,pc,,,\n"
STOCK_IN_IDNA = '[stock]\nencoding = "idna"\n[stock.columns]'


@pytest.fixture
def imported(tmp_path):
    """Import rows of a bill of materials, of suppliers, orders and stock."""

    def run(bom=LINKS, suppliers="casting,V1,A,,,,,,\n", orders=None, stock=None, rules=MAP):
        (tmp_path / "map.toml").write_text(rules, encoding="utf-8")
        texts = {"bom": BOM + bom, "suppliers": SUPPLIERS + suppliers}
        if orders is not None:
            texts["orders"] = "item,vendor,quantity,date\n" + orders
        if stock is not None:
            texts["stock"] = "item,plant,quantity\n" + stock
        paths = {}
        for name, text in texts.items():
            paths[name] = tmp_path / f"{name}.csv"
            paths[name].write_text(text, encoding="utf-8")
        return oc.import_extracts(map=tmp_path / "map.toml", **paths)

    return run


def rejected(found):
    return [(row.extract, row.row, row.code) for row in found.rejected.itertuples()]


def test_rates_come_from_annual_volumes_and_money_from_the_map(imported):
    found = imported(suppliers="casting,V1,A,River,10400,,,,\n").instance
    assert found["demands"][["rate", "value"]].to_numpy().tolist() == [[100.0, 2.0]]
    sources = found["sources"].set_index("source")
    assert sources.loc["V1-A:casting", "volume"] == 200.0
    assert found["bom"]["quantity"].tolist() == [2.0]
    assert found["sites"].set_index("site").loc["V1-A", "enterprise"] == "River"


def test_positions_of_one_input_add_up(imported):
    found = imported(bom="pump,casting,2,pc,,,10\npump,casting,3,pc,,,20\npump,casting,3,pc,,,20\n")
    assert found.instance["bom"]["quantity"].tolist() == [5.0]
    assert rejected(found) == [("bom", 4, "duplicate-row")]


def test_without_positions_a_second_quantity_is_a_contradiction(imported):
    found = imported(bom="pump,casting,2,pc,,,\npump,casting,3,pc,,,\npump,casting,0.002,t,,,\n")
    assert found.instance["bom"]["quantity"].tolist() == [2.0]
    assert rejected(found) == [("bom", 3, "conflicting-row"), ("bom", 4, "wrong-unit")]
    assert "row 2 says 2 units" in found.rejected["reason"][0]


def test_alternatives_become_one_requirement(imported):
    found = imported(
        bom="pump,casting,2,pc,,body,\npump,forging,1,pc,,body,\n",
        suppliers="casting,V1,A,,,,,,\nforging,V2,A,,,,,,\n",
    )
    assert found.instance["bom"]["requirement"].tolist() == ["body", "body"]


def test_plants_with_different_recipes_keep_their_own(imported):
    found = imported(
        bom="pump,casting,2,pc,1000,,\npump,casting,3,pc,1100,,\n", suppliers="casting,V1,A,,,,,,\n"
    )
    bom = found.instance["bom"]
    assert dict(zip(bom["source"], bom["quantity"], strict=True)) == {"1000:pump": 2.0, "1100:pump": 3.0}


def test_of_a_circle_the_row_that_leads_back_up_goes(imported):
    found = imported(bom="steel,pump,1,pc,,,\npump,casting,2,pc,,,\ncasting,steel,1,pc,,,\n")
    assert rejected(found) == [("bom", 2, "circle")]
    assert "pump contains casting contains steel contains pump" in found.rejected["reason"][0]
    assert not found.instance["items"].set_index("item").loc["steel", "mapped"]


def test_a_used_part_without_supplier_stands_on_one_unknown_site(imported):
    found = imported(suppliers="casting,,A,,,,,,\n")
    assert rejected(found) == [("suppliers", 2, "missing-value")]
    spofs = oc.find_spofs(found.instance)
    assert "unknown supplier of casting" in spofs["element"].tolist()
    guessed = [a for a in oc.check(_written(found)).assumptions if a.code == "guessed"]
    assert any("no usable row of the suppliers has this part" in a.message for a in guessed)


def _written(found):
    import tempfile
    from pathlib import Path

    place = Path(tempfile.mkdtemp()) / "i"
    oc.write(found.instance, place)
    return place


def test_a_part_approved_for_one_plant_moves_on_lanes(imported):
    found = imported(
        bom="pump,casting,2,pc,1000,,\npump,casting,2,pc,1100,,\n",
        suppliers="casting,V1,A,,,,,1000,\ncasting,V2,A,,,,,,\ncasting,V3,A,,,,,9999,\n",
        stock="casting,1000,40\ncasting,1200,10\ncasting,,10\n",
    )
    lanes = found.instance["lanes"]["lane"].tolist()
    assert lanes == ["casting:V1-A>1000", "casting:V2-A>1000", "casting:V2-A>1100"]
    assert rejected(found) == [
        ("stock", 3, "unmatched-plant"),
        ("stock", 4, "unmatched-plant"),
        ("suppliers", 4, "unmatched-plant"),
    ]
    assert found.instance["stocks"][["site", "quantity"]].to_numpy().tolist() == [["1000", 40.0]]


def test_rows_for_different_plants_add_their_volumes_up(imported):
    found = imported(
        bom="pump,casting,2,pc,1000,,\npump,casting,2,pc,1100,,\n",
        suppliers="casting,V1,A,,5200,,,1000,\ncasting,V1,A,,2600,,,1100,\ncasting,V1,A,,99,,,1100,\n",
    )
    sources = found.instance["sources"].set_index("source")
    assert sources.loc["V1-A:casting", "volume"] == 150.0
    assert len(found.instance["lanes"]) == 2
    assert rejected(found) == [("suppliers", 4, "conflicting-row")]


def test_orders_replace_stated_volumes_and_say_so(imported):
    found = imported(
        suppliers="casting,V1,A,,5200,,,,\n",
        orders="casting,V1,2600,2025-02-01\ncasting,V1,5200,2025-12-31\n",
    )
    source = found.instance["sources"].set_index("source").loc["V1-A:casting"]
    assert (source["volume"], source["grade"]) == (150.0, "A")
    (remark,) = found.remarks
    assert "5200 a year stated, 7800 ordered" in remark.message


def test_orders_that_name_no_plant_are_split_and_that_is_an_assumption(imported):
    found = imported(
        suppliers="casting,V1,A,,,,,,\ncasting,V1,B,,,,,,\n", orders="casting,V1,5200,2025-02-01\n"
    )
    sources = found.instance["sources"].set_index("source")
    assert sources.loc[["V1-A:casting", "V1-B:casting"], "volume"].tolist() == [50.0, 50.0]
    assert sources.loc["V1-A:casting", "grade"] == "C"
    assert "split evenly" in sources.loc["V1-A:casting", "note"]


def test_a_blank_plant_is_a_head_office(imported):
    found = imported(suppliers="casting,V1,,River,,,,,7\n")
    assert found.head_offices == ("V1",)
    site = found.instance["sites"].set_index("site").loc["V1"]
    assert (site["recovery_time"], site["grade"], site["x_head_office"]) == (7.0, "C", "yes")


def test_what_is_rejected_opens_as_text(imported):
    found = imported(suppliers='"=cmd|x",,A,,,,,,\n')
    assert found.rejected["cells"][0].startswith("=cmd")
    assert ",\"'=cmd|x,,A" in found.rejected_csv()


def test_errors_of_spreadsheets_are_no_values(imported, tmp_path):
    import openpyxl

    found = imported(suppliers="casting,V1,A,,,,,,\ncasting,#N/A,A,,,,,,\n")
    assert rejected(found) == [("suppliers", 3, "no-value")]
    book = openpyxl.Workbook()
    for row in (SUPPLIERS.strip().split(","), ["casting", "V1", "A"], ["casting", "V2", "B", "=1/0"]):
        book.active.append(row)
    book.save(tmp_path / "s.xlsx")
    found = oc.import_extracts(
        map=tmp_path / "map.toml", bom=tmp_path / "bom.csv", suppliers=tmp_path / "s.xlsx"
    )
    assert rejected(found) == [("suppliers", 3, "no-value")]
    assert "'name' holds a formula that was never calculated" in found.rejected["reason"][0]


def test_contradicting_facts_about_a_site_are_said_and_the_first_holds(imported):
    found = imported(
        bom=f"{LINKS}pump,seal,1,pc,,,\n",
        suppliers="casting,V1,A,River,,,,,5\nseal,V1,A,Stream,,,,,9\n",
    )
    site = found.instance["sites"].set_index("site").loc["V1-A"]
    assert (site["enterprise"], site["recovery_time"]) == ("River", 9.0)
    assert {(r.row, r.column, r.code) for r in found.remarks} == {
        (3, "enterprise", "conflicting-value"),
        (3, "recovery_time", "conflicting-value"),
    }


def test_what_cannot_be_read_at_all_is_said_at_once(imported, tmp_path):
    with pytest.raises(MapError) as caught:
        imported(rules=MAP.replace('"volume"', '"volumen"').replace('"quantity"', '"qty"'))
    assert {(f.file, f.row, f.column, f.code) for f in caught.value.faults()} == {
        ("bom.csv", 1, "qty", "missing-column"),
        ("suppliers.csv", 1, "volumen", "missing-column"),
    }
    assert "did you mean 'volume'?" in str(caught.value)
    with pytest.raises(UsageError, match="the map says nothing of orders"):
        imported(rules=MAP[: MAP.index("[orders]")], orders="")
    (tmp_path / "x.csv").write_bytes(b'item,input,quantity\n"pump,casting,2\n')
    with pytest.raises(MapError, match=r"x\.csv, row 2: this is not CSV"):
        oc.import_extracts(map=tmp_path / "map.toml", bom=tmp_path / "x.csv", suppliers=tmp_path / "gone.csv")


def test_an_encoding_that_no_file_has_is_refused(imported):
    with pytest.raises(MapError, match=r"stock\.csv: the encoding 'idna' is none"):
        imported(stock="casting,1000,1\n", rules=MAP.replace("[stock.columns]", STOCK_IN_IDNA))


def test_a_tabulator_may_be_the_delimiter(imported, tmp_path):
    (tmp_path / "bom.tsv").write_text("item\tinput\tquantity\npump\tcasting, grey\t2\n")
    imported()
    rules = MAP.replace("[bom.columns]", '[bom]\ndelimiter = "\\t"\n[bom.columns]')
    for column in ("unit", "plant", "alternative", "position"):
        rules = rules.replace(f'{column} = "{column}"\n', "", 1)
    (tmp_path / "map.toml").write_text(rules)
    found = oc.import_extracts(
        map=tmp_path / "map.toml", bom=tmp_path / "bom.tsv", suppliers=tmp_path / "suppliers.csv"
    )
    assert found.instance["bom"]["input"].tolist() == ["casting, grey"]


def test_where_nothing_is_wanted_the_reason_is_said(imported, tmp_path):
    """The only product is priced in a currency without a rate; a demand without rows says nothing."""
    with pytest.raises(MapError) as caught:
        imported(rules=MAP.replace("price = 2", 'price = 2\ncurrency = "EUR"'))
    (fault,) = caught.value.faults()
    assert (fault.file, fault.row, fault.column, fault.code) == ("map.toml", 1, "currency", "no-rate")
    products = MAP[MAP.index("[[products]]") : MAP.index("[bom.columns]")]
    columns = '[demand.columns]\nitem = "item"\nannual_volume = "volume"\nprice = "price"\n'
    (tmp_path / "map.toml").write_text(MAP.replace(products, "") + columns)
    (tmp_path / "demand.csv").write_text("item,volume,price\n")
    with pytest.raises(MapError, match=r"demand\.csv: there is no row"):
        oc.import_extracts(
            map=tmp_path / "map.toml",
            **{name: tmp_path / f"{name}.csv" for name in ("bom", "suppliers", "demand")},
        )


@pytest.mark.parametrize(
    ("change", "key", "code"),
    [
        (("price = 2", "prize = 2"), "products.0.prize", "unknown-key"),
        (("annual_volume = 5200", "annual_volume = 0"), "products.0.annual_volume", "bad-value"),
        (('enterprise = "North"\n', ""), "own.enterprise", "missing-key"),
        (('item = "item"\ninput', 'itm = "item"\ninput'), "bom.columns.itm", "unknown-key"),
        (('item = "item"\ninput', "input"), "bom.columns.item", "missing-key"),
        (("end = 2025-12-31\n", ""), "orders.start", "missing-key"),
        (
            ("[orders]\n", '[suppliers.status]\nfrei = "aktiv"\n[orders]\n'),
            "suppliers.status.frei",
            "bad-value",
        ),
        (("t = 1000", "t = -1"), "units.kg.t", "bad-value"),
        (("annual_volume = 5200", "annual_volume = inf"), "products.0.annual_volume", "bad-value"),
        (("[orders]\n", "[orders]\ndecimal = ','\nthousands = ','\n"), "orders.thousands", "bad-value"),
        (("[orders]\n", "[orders]\ndelimiter = '\"'\n"), "orders.delimiter", "bad-value"),
        (("[own]", "[settings]\nhorizn = 3\n[own]"), "settings.horizn", "unknown-setting"),
        (("[own]", '[settings]\ntime_unit = "fortnight"\n[own]'), "periods_per_year", "missing-key"),
    ],
)
def test_faults_of_the_map_name_the_key(tmp_path, change, key, code):
    place = tmp_path / "map.toml"
    place.write_text(MAP, encoding="utf-8")
    read_map(place)
    assert change[0] in MAP
    place.write_text(MAP.replace(*change, 1), encoding="utf-8")
    with pytest.raises(MapError) as caught:
        read_map(place)
    assert (key, code) in {(fault.column, fault.code) for fault in caught.value.faults()}


def number(text, **how):
    fields = Fields(ExtractMap(columns={"quantity": "q"}, **how), CodeBook(Codes()))
    return fields.number(Row("bom", "f", 2, {"quantity": text}, ""), "quantity")


def test_numbers_are_read_in_the_notation_of_the_map_and_never_guessed():
    assert number("1,234.5") == 1234.5
    assert number("1.234,5", decimal=",") == 1234.5
    assert number("1 234,5", decimal=",", thousands=" ") == 1234.5
    assert number("1'234.5", thousands="'") == 1234.5
    assert number("2.5e3") == 2500.0
    assert number(7) == 7.0
    for text, how in (
        ("1,5", {}),
        ("1.5", {"decimal": ","}),
        ("12,34,5", {}),
        ("five", {}),
        ("nan", {}),
        ("١٢", {}),
    ):
        with pytest.raises(Refusal) as caught:
            number(text, **how)
        assert caught.value.code == "not-a-number"
    with pytest.raises(Refusal, match="expected a number 0 or more"):
        number("-1")


def test_a_file_that_mixes_encodings_is_read_line_by_line():
    content = b"\n".join(["铸件".encode(), "电机".encode("gb18030"), b"plain"])
    assert decode(content) == ("铸件\n电机\nplain", "utf-8, 1 lines gb18030")
    assert decode("铸件".encode("utf-8-sig")) == ("铸件", "utf-8")
    assert decode("Prüfung".encode("cp1252"), "cp1252") == ("Prüfung", "cp1252")


def test_the_unit_of_a_part_is_that_of_most_rows():
    units = Units({"kg": {"t": 1000.0}})
    for unit in ("m", "t", "KG"):
        units.see("steel", unit)
    units.settle()
    assert units.unit_of("steel") == "kg"
    assert units.factor("steel", "T") == 1000.0
    with pytest.raises(Refusal, match="does not convert to 'kg'"):
        units.factor("steel", "m")


def test_the_ledger_notices_a_lost_row():
    ledger = Ledger()
    rows = [Row("bom", "f", k, {}, "") for k in (2, 3, 4)]
    ledger.take_in("bom", rows)
    with ledger.judging(rows[0]):
        pass
    ledger.reject(rows[1], Refusal("why", "because"))
    with pytest.raises(oc.OptichainError, match="1 rows of the extract bom were lost"):
        ledger.counts()
    with ledger.judging(rows[2]):
        raise Refusal("why", "because")
    assert ledger.counts() == {"bom": {"rows": 3, "used": 1, "rejected": 2}}
    ledger.remark(rows[0], "quantity", "odd", "looks odd")
    assert ledger.remarks == [Fault("f", 2, "quantity", "odd", "looks odd")]


def test_the_command_writes_instance_and_rejections(tmp_path):
    make_extracts(tmp_path, 7, scale=0.12)
    words = [f"--{name}={tmp_path / name}.csv" for name in ("bom", "suppliers", "orders", "demand")]
    words += [f"--stock={tmp_path / 'stock.xlsx'}", f"--map={tmp_path / 'map.toml'}", "--json"]
    printed = []
    for seed in ("1", "2"):
        out = tmp_path / f"out{seed}"
        done = subprocess.run(
            [sys.executable, "-m", "optichain", "import", *words, "-o", str(out)],
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        )
        found = json.loads(done.stdout)
        assert oc.load(out).digest == found["digest"]
        lines = (tmp_path / f"out{seed}.rejected.csv").read_text(encoding="utf-8-sig").splitlines()
        assert lines[0] == "extract,file,row,code,column,reason,hint,cells"
        assert len(lines) - 1 >= sum(found["rejected"].values())
        assert sum(count["rejected"] for count in found["rows"].values()) == sum(found["rejected"].values())
        assert found["assumptions"]["guessed"] > 0
        printed.append({key: found[key] for key in ("digest", "rows", "rejected", "remarks", "head_offices")})
    assert printed[0] == printed[1]


def test_money_is_worth_what_its_rate_was_on_the_day(tmp_path):
    (tmp_path / "r.csv").write_text(
        "currency,date,rate\nEUR,2025-07-01,8\nEUR,2025-01-01,7.5\n", encoding="utf-8-sig"
    )
    rates = read_rates(Money(rates="r.csv", unit=1e6), tmp_path)
    assert rates.convert(2e6, None, None) == 2.0
    assert rates.convert(2e6, "cny", None) == 2.0
    assert rates.convert(1e6, "eur", dt.date(2025, 6, 30)) == 7.5
    assert rates.convert(1e6, "EUR", dt.date(2025, 7, 1)) == 8.0
    assert rates.convert(1e6, "EUR", dt.date(2030, 1, 1)) == 8.0
    for currency, day, code in (
        ("EUR", dt.date(2024, 12, 31), "no-rate"),
        ("GBP", dt.date(2025, 6, 30), "no-rate"),
        ("EUR", None, "no-date"),
    ):
        with pytest.raises(Refusal) as caught:
            rates.convert(1.0, currency, day)
        assert caught.value.code == code
    dated = read_rates(Money(rates="r.csv", date=dt.date(2025, 3, 1)), tmp_path)
    assert dated.convert(2.0, "EUR", None) == 15.0


def test_faults_of_the_table_of_rates_are_told_together(tmp_path):
    (tmp_path / "r.csv").write_text(
        "currency,date,rate\nEUR,01.07.2025,8\nEUR,2025-01-01,-1\nUSD,2025-01-01,7\nUSD,2025-01-01,8\n"
    )
    with pytest.raises(MapError) as caught:
        read_rates(Money(rates="r.csv"), tmp_path)
    assert [(f.row, f.code) for f in caught.value.faults()] == [
        (2, "bad-rate"),
        (3, "bad-rate"),
        (5, "duplicate-key"),
    ]
    (tmp_path / "r.csv").write_text("currency,rate\n")
    with pytest.raises(MapError, match="the column 'date' is missing"):
        read_rates(Money(rates="r.csv"), tmp_path)
    with pytest.raises(MapError, match="cannot be read"):
        read_rates(Money(rates="gone.csv"), tmp_path)
    (tmp_path / "r.csv").write_text('currency,date,rate\nEUR,2025-01-01,"8\n')
    with pytest.raises(MapError, match=r"r\.csv, row 2: this is not CSV"):
        read_rates(Money(rates="r.csv"), tmp_path)


def test_codes_are_compared_as_the_map_says(imported):
    rules = MAP.replace("[own]", "[codes]\nstrip_zeros = true\nignore_case = true\n[own]")
    found = imported(bom="PUMP,0012,2,pc,01000,,\n", suppliers="12,0V1,A,,,,,1000,\n", rules=rules)
    assert rejected(found) == []
    assert found.instance["sources"]["source"].tolist() == ["1000:PUMP", "V1-A:12"]
    assert found.instance["lanes"]["lane"].tolist() == ["12:V1-A>1000"]
