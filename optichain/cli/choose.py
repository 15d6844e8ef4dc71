"""``optichain choose``: which chains to take up, and how far the choice moves with the weights of the scores."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from optichain.cli.options import Numbers, out_option, print_options
from optichain.cli.output import Output, check_writable
from optichain.cli.tables import percent, some, table

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console


@click.command("choose")
@click.argument("candidates_file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--number", type=click.IntRange(1), required=True, help="How many chains are chosen.")
@click.option(
    "--minimum",
    multiple=True,
    metavar="[CLUSTER=]N",
    help="Least number of every cluster, or of the one named; repeatable.",
)
@click.option(
    "--weights",
    type=Numbers(),
    default="1,1,1",
    show_default=True,
    help="Of strength, driving and technology; only their ratios matter.",
)
@click.option(
    "--samples",
    type=click.IntRange(1),
    default=2000,
    show_default=True,
    help="Weights drawn at random to see how far the choice moves.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the draw.")
@out_option("the result as JSON")
@print_options
def command(
    out: Output,
    candidates_file: Path,
    number: int,
    minimum: tuple[str, ...],
    weights: tuple[float, ...],
    samples: int,
    seed: int,
    file: Path | None,
) -> None:
    """Choose the chains of best score.

    FILE is a CSV table of candidates: chain, cluster, and the scores strength, driving, technology (0-100).
    """
    check_writable(file)
    import optichain

    candidates = _read(candidates_file)
    least = _minimum(minimum, candidates)
    with out.working("Choosing"):
        chosen = optichain.choose_chains(
            candidates, number, weights=weights, minimum=least, file=candidates_file.name
        )
        moved = optichain.selection_stability(candidates, number, minimum=least, samples=samples, seed=seed)
    together = chosen.merge(moved[["chain", "share", "standing"]], on="chain")
    document = {"chains": together.to_dict("records"), "number": number, "samples": samples, "seed": seed}
    out.finish(document, lambda console: _show(console, together), file)


def _read(file: Path) -> pd.DataFrame:
    from optichain.selection import CandidateError
    from optichain.storage.listfiles import read_list

    frame, faults = read_list(file)
    if faults:
        raise CandidateError(faults, what="The list of candidates")
    return frame


def _minimum(given: tuple[str, ...], candidates: pd.DataFrame) -> dict[str, int]:
    from optichain.errors import UsageError

    least: dict[str, int] = {}
    clusters = sorted(set(candidates["cluster"])) if "cluster" in candidates.columns else []
    for text in given:
        cluster, _, number = text.rpartition("=")
        if not number.isdecimal():
            raise UsageError(f"--minimum {text}: expected N or CLUSTER=N with a whole number")
        least |= {cluster: int(number)} if cluster else dict.fromkeys(clusters, int(number))
    return least


def _show(console: Console, together: pd.DataFrame) -> None:
    core = int((together["chosen"] & (together["standing"] == "core")).sum())
    console.print(
        f"{int(together['chosen'].sum())} of {len(together)} chains chosen, "
        f"{core} of them under every weighting that was drawn"
    )
    rows = [
        [
            "yes" if row["chosen"] else "",
            row["chain"],
            some(row["cluster"]),
            f"{row['score']:.1f}",
            f"{row['margin']:+.1f}" if abs(row["margin"]) < float("inf") else "-",
            percent(row["share"]),
            row["standing"] + (", for its cluster's minimum" if row["by_minimum"] else ""),
        ]
        for row in together.to_dict("records")
    ]
    columns = ["chosen", "chain", "cluster", ">score", ">margin", ">of weightings", "standing"]
    console.print(table(None, columns, rows))
