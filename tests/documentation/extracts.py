"""What the reader of the page about extracts has already: the files that its map describes."""

from __future__ import annotations

from pathlib import Path

import xlsxwriter

from documentation.pages import blocks_of

BOM = "Parent,Component,Qty,UoM,Plant\nPUMP-1,CAST-1,1,,1000\nPUMP-1,SEAL-1,2,,1000\n"
SUPPLIERS = """\
Material;Lieferant;Name;Werk;Adressart;Land;Warengruppe;Jahresmenge;ME;Anteil;Status;Freigabe
CAST-1;V1;River Castings;A;;CN;castings;5200,0;;60;freigegeben;
CAST-1;V2;Hill Castings;A;;JP;castings;3400,5;;40;in Prüfung;
SEAL-1;V3;Rhein Dichtung;B;;DE;seals;10400,0;;100;freigegeben;1000
"""
ORDERS = "Material,Vendor,Quantity,Unit,Date\nCAST-1,V1,5300,,2025-06-01\n"
RATES = "currency,date,rate\nEUR,2025-01-01,7.8\n"
STOCK = [["物料", "工厂", "数量", "单位"], ["SEAL-1", "1000", 400, None]]


def lay_out(page: Path, folder: Path) -> None:
    """Write the extracts, and the map that the page shows, into the reader's folder."""
    (folder / "bom.csv").write_text(BOM, encoding="gb18030")
    for name, text in {"suppliers": SUPPLIERS, "orders": ORDERS, "rates": RATES}.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    with xlsxwriter.Workbook(folder / "stock.xlsx") as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(STOCK):
            sheet.write_row(number, 0, row)
    shown = next(block for block in blocks_of(page) if block.mark == "map")
    (folder / "map.toml").write_text(shown.text, encoding="utf-8")
