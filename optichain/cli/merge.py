"""``optichain merge``: submissions into one instance."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from optichain.cli.options import FILE, print_options
from optichain.cli.output import Output, check_writable
from optichain.cli.tables import some, table

if TYPE_CHECKING:
    from rich.console import Console

    from optichain.merging.merge import Merged

SHOWN = 20


@click.command("merge")
@click.argument("paths", metavar="DIR...", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    "target",
    metavar="OUT",
    type=click.Path(path_type=Path),
    required=True,
    help="Where the instance goes: a folder, or a name that ends in .xlsx or .json.",
)
@click.option(
    "--decisions",
    type=FILE,
    help="The file of questions, read first where it exists and written anew; default: beside OUT, .decisions.csv.",
)
@print_options
def command(out: Output, paths: tuple[str, ...], target: Path, decisions: Path | None) -> None:
    """Merge submissions into one instance, and list what is for people to decide.

    A submission is an instance in any carrier, or the workbook that a chain owner has filled in.
    """
    decisions = decisions or target.with_name(f"{target.name}.decisions.csv")
    check_writable(decisions)
    with out.working("Merging"):
        import optichain
        from optichain.merging.decisions import write_decisions
        from optichain.storage.atomic import write_text

        known = decisions if decisions.is_file() else None
        found = optichain.merge(paths, decisions=known)
        optichain.write(found.instance, target)
        write_text(decisions, "\ufeff" + write_decisions(found.questions))
    document = {
        "written": str(target),
        "digest": found.instance.digest,
        "submissions": list(found.submissions),
        "joined": list(found.joined),
        "decisions": str(decisions),
        "undecided": [asdict(question) for question in found.undecided],
        "decided": sum(bool(question.decision) for question in found.questions),
        "remarks": list(found.remarks),
    }
    out.finish(document, lambda console: _show(console, found, target, decisions))


def _show(console: Console, found: Merged, target: Path, decisions: Path) -> None:
    rows = [[part["path"], part["submitted_by"], f"{part['rows']:,}"] for part in found.submissions]
    console.print(table("Submissions", ["from", "submitted by", ">rows"], rows))
    if found.joined:
        same = [[row["code"], ", ".join(row["names"])] for row in found.joined]
        console.print(table("One code, one enterprise", ["code", "names"], same))
    names = [q for q in found.undecided if q.ask == "name"]
    if names:
        close = [[q.what, q.first, q.first_by, q.second, q.second_by, q.likeness] for q in names]
        columns = ["", "name", "by", "name", "by", ">likeness"]
        console.print(table("May be the same", columns, close, limit=SHOWN))
    conflicts = [q for q in found.undecided if q.ask == "conflict"]
    if conflicts:
        said = [
            [
                f"{q.what} {q.key}",
                q.column,
                f"{q.first} ({q.first_by}, {some(q.first_grade)})",
                f"{q.second} ({q.second_by}, {some(q.second_grade)})",
                q.kept,
            ]
            for q in conflicts
        ]
        console.print(
            table("Contradictions", ["row", "column", "first", "second", "holds"], said, limit=SHOWN)
        )
    lines = [*found.remarks, f"wrote {target}"]
    if found.undecided:
        lines.append(
            f"{len(found.undecided)} questions are open: answer them in {decisions}, and merge again"
        )
    console.print("\n".join(lines), markup=False)
