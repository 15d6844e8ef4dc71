"""The starter: a small commented instance to begin one's own from."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from pydantic.fields import FieldInfo

from optichain.errors import UsageError
from optichain.instance.carriers.dressing import comment_on
from optichain.instance.carriers.folder import SETTINGS_FILE
from optichain.instance.carriers.write_folder import swap_in
from optichain.instance.schema import TABLES
from optichain.instance.settings import SECTIONS, Settings

__all__ = ["STARTER_TABLES", "starter_guide", "starter_values", "write_starter"]

_VALUES: Final[dict[str, str | int | list[int] | list[float]]] = {
    "name": "starter",
    "title": "A pump, its casting and its motor",
    "title_zh": "水泵、铸件和电机",
    "planning.years": [2026, 2027, 2028],
    "planning.budget": [12.0, 12.0, 12.0],
    "planning.tail_budget": [12.0, 12.0],
    "planning.max_new_chains": 2,
}

STARTER_TABLES: Final[dict[str, tuple[str, ...]]] = {
    "chains": ("chain,title,title_zh", "pumps,Industrial pumps,工业泵", "fans,Industrial fans,工业风机"),
    "chain_owners": ("chain,enterprise", "pumps,North Pumps", "fans,Fan Works"),
    "items": (
        "item,title,chain,unit,mapped",
        "pump,Pump,pumps,piece,true",
        "casting,Pump casting,pumps,piece,true",
        "fan,Fan,fans,piece,true",
        "motor,Electric motor,,piece,false",
    ),
    "sites": (
        "site,title,enterprise,region,country,recovery_time,annual_probability,capacity,groups",
        "plant,Pump assembly,North Pumps,North,CN,8,0.02,,",
        "foundry-1,Old foundry,River Castings,River,CN,20,0.05,120,flood-plain",
        "foundry-2,New foundry,Hill Castings,Hill,CN,16,0.03,unlimited,",
        "works,Fan assembly,Fan Works,North,CN,8,0.02,,",
        "motor-shop,Motor maker,Motor Works,River,CN,12,0.04,,flood-plain",
    ),
    "elements": (
        "kind,target,title,recovery_time,annual_probability",
        "group,flood-plain,Flood plain of the river,10,0.01",
    ),
    "sources": (
        "site,item,capacity,volume,status,switch_time,own_ip",
        "plant,pump,60,,active,,yes",
        "foundry-1,casting,120,,active,,yes",
        "foundry-2,casting,50,,potential,6,yes",
        "works,fan,40,,active,,yes",
        "motor-shop,motor,,90,active,,no",
    ),
    "bom": ("item,input,quantity", "pump,casting,2", "pump,motor,1", "fan,motor,1"),
    "stocks": ("item,site,quantity,cover", "casting,plant,150,", "motor,,,2"),
    "demands": ("item,rate,value", "pump,50,0.4", "fan,30,0.3"),
    "events": ("event,title,annual_probability", "river-flood,The river floods both works,0.01"),
    "hits": (
        "event,kind,target,duration,loss",
        "river-flood,site,foundry-1,12,1",
        "river-flood,site,motor-shop,6,0.5",
    ),
    "measures": (
        "measure,chain,title,kind,owner,cost_1,cost_2,cost_3,lead_time,max_units,note",
        "second-foundry,pumps,Qualify the new foundry,second_source,North Pumps,6,2,,1,1,first year: tools",
        "casting-stock,pumps,Stock of castings,stock,North Pumps,1,0.2,0.2,0,3,one unit is 100 castings",
        "motor-stock,,Shared stock of motors,stock,Fan Works,4,,,0,1,a blank chain: a shared measure",
        "fan-hardening,fans,Flood wall of the motor maker,hardening,Fan Works,5,1,,1,1,",
    ),
    "effects": (
        "measure,effect,target,amount",
        "second-foundry,qualify,foundry-2:casting,",
        "casting-stock,stockpile,casting@plant,100",
        "motor-stock,stockpile,motor,200",
        "fan-hardening,harden,site:motor-shop,0.5",
    ),
    "limits": ("limit,on,kind,target,year,min,max", "half-for-pumps,spend,chain,pumps,,,10"),
}


def write_starter(place: str | os.PathLike[str]) -> None:
    """Write a small instance with every setting explained, which passes all checks and can be solved.

    Parameters
    ----------
    place : str or path-like
        A folder that does not exist yet, or is empty.

    Raises
    ------
    UsageError
        There is something at the place, or it cannot be written to.
    """
    folder = Path(place)
    if folder.is_dir() and any(folder.iterdir()):
        raise UsageError(f"cannot write the starter to {folder}: the folder is not empty")
    files = {SETTINGS_FILE: starter_settings(), "README.md": starter_guide()}
    files |= {f"{name}.csv": "\n".join(lines) + "\n" for name, lines in STARTER_TABLES.items()}
    swap_in(files, folder)


def starter_guide() -> str:
    """Return what every table and column means, for the file that stands beside them."""
    lines = [
        "# This instance",
        "",
        "A folder with `instance.toml` (settings, each explained beside it) and one CSV file a table. Change the rows into",
        "your own; delete tables and columns that you do not need. After each change, `optichain check` on this folder names",
        "every file, row and column to mend, and lists what will be assumed.",
        "",
        "A column in bold must be filled. Columns of your own begin with `x_`. A missing table is an empty one.",
    ]
    for name, table in TABLES.items():
        lines += [
            "",
            f"## {name}.csv",
            "",
            table.description,
            "",
            "| column | what it holds |",
            "| --- | --- |",
        ]
        for column in table.columns:
            shown = f"**{column.name}**" if column.required else column.name
            text = comment_on(column).replace("\n", "; ").replace("|", "/")
            lines.append(f"| {shown} | {text} |")
    return "\n".join(lines) + "\n"


def starter_values() -> dict[str, Any]:
    """Return the settings in which the starter differs from the defaults, by dotted name."""
    return dict(_VALUES)


def starter_settings() -> str:
    """Return ``instance.toml`` with what every setting means beside it."""
    lines = ["# What every setting means stands beside it. What is left out takes its default.", ""]
    lines += [
        _line(name, name, field) for name, field in Settings.model_fields.items() if name not in SECTIONS
    ]
    for section, model in SECTIONS.items():
        lines += ["", f"# {(model.__doc__ or '').strip()}", f"[{section}]"]
        lines += [_line(name, f"{section}.{name}", field) for name, field in model.model_fields.items()]
    return "\n".join(lines) + "\n"


def _line(name: str, dotted: str, field: FieldInfo) -> str:
    value = _toml(_VALUES.get(dotted, field.default))
    return f"{name} = {value}  # {field.description}"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else repr(value)
