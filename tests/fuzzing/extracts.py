"""A manufacturer's extracts of a few rows each, with every section of a map."""

from __future__ import annotations

import io

import openpyxl

MAP = """\
[settings]
name = "small"
title = "A pump maker"
currency = "CNY"
[codes]
ignore_case = true
strip_zeros = true
[own]
enterprise = "North"
country = "CN"
plant = "1000"
[own.plants.1000]
title = "Main works"
region = "Foshan"
recovery_time = 8
[money]
base = "CNY"
unit = 1000
rates = "rates.csv"
date = 2025-06-30
[units.kg]
t = 1000
[chain]
name = "pumps"
[[products]]
item = "pump"
annual_volume = 5200
price = 2
currency = "EUR"
[[recovery]]
commodity = "castings"
country = "JP"
time = 30
[bom]
decimal = "."
[bom.columns]
item = "item"
input = "input"
quantity = "quantity"
unit = "unit"
plant = "plant"
alternative = "alternative"
position = "position"
input_title = "title"
[suppliers]
percent = true
delimiter = ";"
head_office = ["HQ"]
status = { ok = "active", wait = "qualified", no = "potential" }
[suppliers.columns]
item = "item"
vendor = "vendor"
plant = "plant"
vendor_name = "name"
country = "country"
annual_volume = "volume"
share = "share"
status = "status"
approved_for = "for"
recovery_time = "ttr"
switch_time = "switch"
commodity = "commodity"
[orders]
start = 2025-01-01
end = 2025-12-31
decimal = ","
thousands = "."
[orders.columns]
item = "item"
vendor = "vendor"
quantity = "quantity"
date = "date"
unit = "unit"
[stock.columns]
item = "item"
plant = "plant"
quantity = "quantity"
[demand]
date_format = "%d/%m/%Y"
[demand.columns]
item = "item"
annual_volume = "volume"
price = "price"
currency = "currency"
date = "date"
"""

TEXTS = {
    "map.toml": MAP,
    "rates.csv": "currency,date,rate\nEUR,2025-01-01,7.5\nEUR,2025-07-01,8.0\n",
    "bom.csv": "item,input,quantity,unit,plant,alternative,position,title\n"
    "pump,casting,2,pc,1000,body,10,泵\npump,forging,1,pc,1000,body,10,\npump,seal,4,pc,,,20,\n"
    "casting,iron,12.5,kg,,,,\nvalve,seal,2,pc,,,,阀\n",
    "suppliers.csv": "item;vendor;plant;name;country;volume;share;status;for;ttr;switch;commodity\n"
    "casting;V1;A;River;JP;10400;60;ok;1000;;;castings\ncasting;V2;B;Hill;CN;;40 %;wait;;6;2;castings\n"
    "forging;V3;;Forge;CN;;;no;;;4;\nseal;V4;A;Seals;CN;;100;ok;;;;\niron;0005;HQ;Mine;;;;ok;;;;ore\n",
    "orders.csv": 'item,vendor,quantity,date,unit\ncasting,V1,"1.200,5",2025-03-31,pc\n'
    'casting,V2,800,31.07.2025,pc\niron,5,"12,5",20250930,t\n',
    "demand.csv": "item,volume,price,currency,date\nvalve,520,3.5,EUR,31/03/2025\npump,5200,2,CNY,01/08/2025\n",
}
STOCK = (("item", "plant", "quantity"), ("casting", "1000", 40), ("seal", None, 500.5), ("iron", "1000", "2"))


def make_small_extracts() -> dict[str, bytes]:
    """The files by name."""
    book, stream = openpyxl.Workbook(), io.BytesIO()
    for row in STOCK:
        book.active.append(row)
    book.save(stream)
    return {**{name: text.encode("utf-8") for name, text in TEXTS.items()}, "stock.xlsx": stream.getvalue()}
