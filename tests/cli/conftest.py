"""A pump maker with one foundry, small enough to work out by hand.

Pumps worth 2 each are wanted at 10 a week for 10 weeks: 200. A site that fails stays down for 5 weeks.
Without the foundry 5 weeks of 10 are lost: continuity 0.5. A second foundry, once qualified, delivers 2 weeks
after the failure: 0.8. A stock of 20 castings lasts 2 weeks: 0.7.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

SETTINGS = """\
name = "pump"
title = "A pump maker with one foundry"
horizon = 10.0

[planning]
years = [2026, 2027]
budget = [10.0, 10.0]

[defaults]
recovery_time = 5.0
annual_probability = 0.1
"""

TABLES = {
    "chains": "chain,title\npumps,Pumps\n",
    "items": "item,title,chain\npump,Pump,pumps\ncasting,Casting,pumps\n",
    "sites": "site,title\nA,Assembly\nF1,Foundry one\nF2,Foundry two\n",
    "sources": (
        "site,item,capacity,status,switch_time\n"
        "A,pump,10,active,\n"
        "F1,casting,10,active,\n"
        "F2,casting,10,potential,2\n"
    ),
    "bom": "item,input,quantity\npump,casting,1\n",
    "demands": "item,rate,value\npump,10,2\n",
    "measures": "measure,chain,title,cost_1\nsecond,pumps,Qualify foundry two,8\nstock,pumps,Castings,3\n",
    "effects": "measure,effect,target,amount\nsecond,qualify,F2:casting,\nstock,stockpile,casting,20\n",
}


@pytest.fixture
def pump(tmp_path: Path) -> Path:
    """The instance as a folder."""
    folder = tmp_path / "pump"
    folder.mkdir()
    (folder / "instance.toml").write_text(SETTINGS, encoding="utf-8")
    for name, text in TABLES.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def call() -> Callable[..., Result]:
    """Call the command line in this process."""
    from optichain.cli.root import root

    def run(*words: object) -> Result:
        return CliRunner().invoke(root, [str(word) for word in words], prog_name="optichain")

    return run
