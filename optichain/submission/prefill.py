"""What is known of a chain of an instance, as rows of the chain owner's workbook."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pandas as pd

from optichain.errors import UsageError
from optichain.estimates import item_requirements, stock_quantities
from optichain.instance.model import Instance
from optichain.instance.targets import Names, resolve_target
from optichain.nearest import nearest_hint
from optichain.submission.form import WEEKS_A_MONTH, WEEKS_A_YEAR

__all__ = ["prefill"]

Row = dict[str, Any]
_OWNER = ("enterprise", "x_enterprise_code")
_WEEKS = {"day": 1.0 / 7.0, "week": 1.0, "month": WEEKS_A_MONTH, "year": WEEKS_A_YEAR}


def prefill(instance: Instance, chain: str) -> tuple[Row, dict[str, list[Row]], list[str]]:
    """Return the sheet of a chain, the rows of the others, and what the workbook has no place for.

    Parameters
    ----------
    instance : Instance
    chain : str

    Raises
    ------
    UsageError
        There is no such chain, it has no demand, or the time unit is none that weeks can be made of.
    """
    chains = instance["chains"].set_index("chain", drop=False)
    if chain not in chains.index:
        hint = nearest_hint(chain, chains.index) or f"the chains are {', '.join(chains.index[:20])}"
        raise UsageError(f"there is no chain '{chain}': {hint}")
    weeks = _WEEKS.get(instance.settings.time_unit)
    if weeks is None:
        raise UsageError(f"the workbook counts in weeks, the instance in '{instance.settings.time_unit}'")
    left: list[str] = []
    demands = instance["demands"]
    own = demands[(demands["chain"] == chain) & (demands["rate"] > 0)]
    if own.empty:
        raise UsageError(f"the chain '{chain}' has no demand: the workbook asks for a product")
    worth = (own["rate"] * own["value"]).groupby(own["item"], sort=False).sum()
    product = str(worth.idxmax())
    if len(worth) > 1:
        left.append(f"products besides '{product}': {', '.join(map(str, worth.index.drop(product)))}")
    of_product = own[own["item"] == product]
    rate = float(of_product["rate"].sum())
    items = instance["items"].set_index("item", drop=False)
    owners = instance["chain_owners"]
    owner, owner_code = next(_each(owners[owners["chain"] == chain].reindex(columns=_OWNER)), (None, None))
    head = {
        **{name: chains.loc[chain, name] for name in ("chain", "title", "title_zh", "cluster", "region")},
        "owner": owner,
        "owner_code": owner_code,
        "product": product,
        "product_zh": items.loc[product, "title_zh"],
        "unit": items.loc[product, "unit"],
        "annual_demand": rate * WEEKS_A_YEAR / weeks,
        "unit_value": float(worth[product] / rate),
        "currency": instance.settings.currency,
    }
    item_rows = _items(instance, product, weeks, left)
    inside = [product, *dict.fromkeys(row["item"] for row in item_rows)]
    rows = {
        "items": item_rows,
        "suppliers": _suppliers(instance, inside, weeks, left),
        "measures": _measures(instance, chain, inside, weeks, left),
    }
    carried = {"lanes": "lanes", "hits": "events of your own", "policies": "catalogues of policies"}
    left += [
        f"{words} ({len(instance[name])} rows)" for name, words in carried.items() if len(instance[name])
    ]
    return _plain(head), {name: [_plain(row) for row in found] for name, found in rows.items()}, left


def _plain(row: Row) -> Row:
    """Return a row without blanks, infinity as the word."""
    found = {}
    for name, cell in row.items():
        if cell is None or (isinstance(cell, float) and math.isnan(cell)):
            continue
        found[name] = "unlimited" if cell == math.inf else cell
    return found


def _items(instance: Instance, product: str, weeks: float, left: list[str]) -> list[Row]:
    """Return what goes into the product, from the top down; of a requirement the first is what others replace."""
    bom, items = instance["bom"], instance["items"].set_index("item", drop=False)
    if bom["source"].notna().any():
        left.append(f"bills of materials of single sources ({int(bom['source'].notna().sum())} rows)")
    bom = bom[bom["source"].isna()]
    by_item = dict(list(bom.groupby("item", sort=False)))
    need = item_requirements(instance)
    covers = _covers(instance, need)
    rows: list[Row] = []
    waiting, seen = [product], {product}
    while waiting:
        user = waiting.pop(0)
        main: dict[str, str] = {}
        for link in _each(by_item.get(user, bom.iloc[:0])):
            first = main.setdefault(link.requirement, link.input) if link.requirement else link.input
            cover = covers.get(link.input, 0.0)
            if math.isnan(cover):
                left.append(f"what is held of '{link.input}', of which nothing is needed yet")
            rows.append(
                {
                    "item": link.input,
                    "title_zh": items.loc[link.input, "title_zh"],
                    "unit": items.loc[link.input, "unit"],
                    "used_in": None if user == product else user,
                    "quantity": link.quantity,
                    "instead_of": None if first == link.input else first,
                    "status": link.status,
                    "months_to_switch": link.switch_time * weeks / WEEKS_A_MONTH,
                    "weeks_of_cover": cover * weeks if cover > 0.0 else None,
                    "mapped": bool(items.loc[link.input, "mapped"]),
                    "grade": link.grade,
                    "note": link.note,
                }
            )
            if link.input not in seen:
                seen.add(link.input)
                waiting.append(link.input)
    return rows


def _covers(instance: Instance, need: pd.Series) -> dict[str, float]:
    """Return how long what is held of each item lasts, in time units; NaN where nothing is needed and only a quantity said.

    Of an item that nothing consumes yet, such as a substitute that is merely possible, the cover is what was said.
    """
    stocks = instance["stocks"].assign(held=stock_quantities(instance, need))
    found = {}
    for item, rows in stocks.groupby("item", sort=False):
        if need[item] > 0.0:
            found[str(item)] = float(rows["held"].sum() / need[item])
        elif rows["cover"].notna().all():
            found[str(item)] = float(rows["cover"].mean())
        else:
            found[str(item)] = math.nan if (rows["quantity"] > 0.0).any() else 0.0
    return found


def _suppliers(instance: Instance, inside: list[str], weeks: float, left: list[str]) -> list[Row]:
    """Return who supplies what, in the order of the items."""
    sites = instance["sites"].set_index("site", drop=False)
    sources = instance["sources"]
    order = {item: k for k, item in enumerate(inside)}
    chosen = sources[sources["item"].isin(inside)]
    chosen = chosen.assign(_order=chosen["item"].map(order)).sort_values("_order", kind="stable")
    if (sites.loc[chosen["site"], "capacity"] < math.inf).any():
        left.append("capacities that a site shares among its sources")
    need = item_requirements(instance)
    code = "x_enterprise_code" in sites
    rows = []
    for source in _each(chosen):
        site = sites.loc[source.site]
        share = source.share
        if math.isnan(share) and not math.isnan(source.volume) and need[source.item] > 0:
            share = min(source.volume / need[source.item], 1.0)
        rows.append(
            {
                "item": source.item,
                "enterprise": site["enterprise"] or source.site,
                "enterprise_code": site["x_enterprise_code"] if code else None,
                "site": source.site,
                "region": site["region"],
                "country": site["country"],
                "share": 100.0 * share,
                "annual_capacity": source.capacity * WEEKS_A_YEAR / weeks,
                "status": source.status,
                "months_to_switch": source.switch_time * weeks / WEEKS_A_MONTH,
                "recovery_weeks": site["recovery_time"] * weeks,
                "annual_probability": site["annual_probability"],
                "own_ip": source.own_ip,
                "groups": site["groups"],
                "grade": source.grade,
                "note": source.note,
            }
        )
    return rows


def _measures(instance: Instance, chain: str, inside: list[str], weeks: float, left: list[str]) -> list[Row]:
    """Return the measures of the chain, a row for each effect that the workbook can say."""
    names = Names.of(instance.frames)
    effects = dict(list(instance["effects"].groupby("measure", sort=False)))
    sources = instance["sources"].set_index("source")
    need = item_requirements(instance)
    measures = instance["measures"]
    rows: list[Row] = []
    for measure in _each(measures[measures["chain"] == chain]):
        first = True
        for effect in _each(effects.get(measure.measure)):
            place = _place(effect, names, sources, chain, inside)
            if place is None:
                left.append(f"{effect.effect} of '{effect.target}' by '{measure.measure}'")
                continue
            amount = effect.amount
            if effect.effect == "stockpile":
                if need[place["item"]] == 0.0:
                    left.append(
                        f"the amount that '{measure.measure}' stockpiles, of which nothing is needed yet"
                    )
                amount = amount * weeks / need[place["item"]] if need[place["item"]] > 0 else math.nan
            elif effect.effect == "expand":
                amount *= WEEKS_A_YEAR / weeks
            elif effect.effect == "harden":
                amount *= 100.0
            elif effect.effect in ("recover", "switch"):
                amount *= weeks
            row = {"measure": measure.measure, "effect": effect.effect, **place, "amount": amount}
            if first:
                columns = ("title", "title_zh", "kind", "cost_1", "cost_2", "cost_3", "co_funding")
                more = ("lead_time", "max_units", "owner", "indicator", "grade", "note")
                row |= {name: getattr(measure, name) for name in (*columns, *more)}
                first = False
            rows.append(row)
    return rows


def _each(frame: pd.DataFrame | None) -> Iterator[Any]:
    return iter(()) if frame is None else frame.itertuples(index=False, name="Row")


def _place(effect: Any, names: Names, sources: pd.DataFrame, chain: str, inside: list[str]) -> Row | None:
    """Return item and site of an effect, or ``None`` where the workbook cannot say it."""
    target = resolve_target(effect.effect, effect.target, names)
    if target is None:
        return None
    if target.kind == "stock" and target.name in inside:
        return {"item": target.name}
    if target.kind == "source" and sources.loc[target.name, "item"] in inside:
        return {"item": sources.loc[target.name, "item"], "site": sources.loc[target.name, "site"]}
    if target.kind == "link" and target.name.split(">")[1] in inside:
        return {"item": target.name.split(">")[1]}
    if target.kind == "site" and effect.effect in ("harden", "recover", "expand"):
        at_site = sources["site"] == target.name
        return {"site": target.name} if sources.loc[at_site, "item"].isin(inside).any() else None
    if target.kind == "item" and target.name in inside:
        return {"item": target.name}
    return {} if target.kind == "chain" and target.name == chain else None
