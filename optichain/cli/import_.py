"""``optichain import``: raw extracts to an instance."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from optichain.cli.options import FILE, print_options
from optichain.cli.output import Output, check_writable
from optichain.cli.tables import show_faults, table

if TYPE_CHECKING:
    from rich.console import Console

    from optichain.importing.run import Imported

SHOWN = 10


@click.command("import")
@click.option("--bom", type=FILE, required=True, help="Bills of materials: CSV or workbook.")
@click.option("--suppliers", type=FILE, required=True, help="Who may deliver which part.")
@click.option("--orders", type=FILE, help="Purchase orders; their volumes replace stated ones.")
@click.option("--stock", type=FILE, help="What is held, or how long it lasts.")
@click.option("--demand", type=FILE, help="What is wanted; else the products that the map names.")
@click.option("--map", "map_file", type=FILE, required=True, help="TOML: which column is what, and defaults.")
@click.option(
    "-o",
    "--output",
    "target",
    metavar="DIR",
    type=click.Path(path_type=Path),
    required=True,
    help="Where the instance goes: a folder, or a name that ends in .xlsx or .json.",
)
@click.option(
    "--rejects", type=FILE, help="Where rejected rows go, with reasons; default: beside DIR, .rejected.csv."
)
@print_options
def command(
    out: Output,
    bom: Path,
    suppliers: Path,
    orders: Path | None,
    stock: Path | None,
    demand: Path | None,
    map_file: Path,
    target: Path,
    rejects: Path | None,
) -> None:
    """Make an instance of extracts from a manufacturer's systems."""
    rejects = rejects or target.with_name(f"{target.name}.rejected.csv")
    check_writable(rejects)
    with out.working("Importing"):
        import optichain
        from optichain.checking import assumptions_of
        from optichain.storage.atomic import write_text

        found = optichain.import_extracts(
            map=map_file, bom=bom, suppliers=suppliers, orders=orders, stock=stock, demand=demand
        )
        optichain.write(found.instance, target)
        write_text(rejects, "\ufeff" + found.rejected_csv())
        assumptions = Counter(fault.code for fault in assumptions_of(found.instance))
    document = {
        "written": str(target),
        "digest": found.instance.digest,
        "rejects": str(rejects),
        "rows": found.rows,
        "rejected": dict(sorted(Counter(found.rejected["code"]).items())),
        "remarks": [remark.to_json() for remark in found.remarks],
        "head_offices": sorted(found.head_offices),
        "assumptions": dict(sorted(assumptions.items())),
    }
    out.finish(document, lambda console: _show(console, found, document))


def _show(console: Console, found: Imported, document: dict[str, Any]) -> None:
    rows = [
        [kind, *(f"{count[name]:,}" for name in ("rows", "used", "rejected")), str(count["read_as"] or "-")]
        for kind, count in found.rows.items()
    ]
    console.print(table("Rows", ["extract", ">in", ">used", ">rejected", "read as"], rows))
    if len(found.rejected):
        counts = Counter(found.rejected["code"])
        first = found.rejected.drop_duplicates("code").set_index("code")
        reasons = [
            [
                code,
                f"{count:,}",
                f"{first.loc[code, 'file']}:{first.loc[code, 'row']}: {first.loc[code, 'reason']}",
            ]
            for code, count in counts.most_common()
        ]
        console.print(table("Rejected", ["why", ">rows", "such as"], reasons))
    show_faults(console, "remark", found.remarks[:SHOWN])
    lines = [
        f"{len(found.remarks)} remarks, {sum(document['assumptions'].values())} assumptions",
        f"{len(found.head_offices)} sites of which only a head office is known",
        f"wrote {document['written']}, and the rejected rows to {document['rejects']}",
        f"Next: optichain check {document['written']}",
    ]
    console.print("\n".join(lines), markup=False)
