"""Write the instance: ``python -m instances.generators.guangdong FOLDER --seed 2026``."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

import optichain as oc
from instances.generators.guangdong.network import make_network
from instances.generators.guangdong.programme import PLANNING, make_programme
from instances.generators.guangdong.scores import candidates, chosen

SETTINGS = {
    "name": "guangdong-100",
    "title": "A hundred key industrial chains of Guangdong (invented network)",
    "title_zh": "广东百条重点产业链（网络为虚构）",
    "time_unit": "week",
    "currency": "CNY million",
    "horizon": 52.0,
    "planning": PLANNING,
    "defaults": {"surge": 0.15},
    "events": {"single_site": True, "single_group": True},
}


def tables(seed: int) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Return the tables of the instance, and all candidate chains; the same seed gives the same."""
    rng = np.random.default_rng(seed)
    everyone = candidates(rng)
    net = make_network(chosen(everyone), rng)
    make_programme(net)
    return {name: pd.DataFrame(rows) for name, rows in net.rows.items()}, everyone


def main() -> None:
    """Write the instance, and the candidates beside this file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=2026)
    asked = parser.parse_args()
    made, everyone = tables(asked.seed)
    oc.write(oc.Instance.from_frames(made, SETTINGS), asked.folder)
    everyone.to_csv(
        asked.folder.parent / f"{asked.folder.name}-candidates.csv", index=False, lineterminator="\n"
    )


if __name__ == "__main__":
    main()
