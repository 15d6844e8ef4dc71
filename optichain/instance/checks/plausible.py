"""Warnings: what is legal in the tables, and still looks like a slip."""

from __future__ import annotations

import numpy as np
import pandas as pd

from optichain.instance.draft import Bools, Draft
from optichain.instance.schema import split_labels
from optichain.instance.targets import Names, resolve_target
from optichain.sentences import say

__all__ = ["check"]


def check(draft: Draft) -> None:
    """Look for rows that nothing uses, and for actions that do nothing."""
    _unused(draft)
    _chains(draft)
    _measures(draft)
    _switches(draft)
    _partial(draft)


def _among(cells: np.ndarray[tuple[int], np.dtype[np.object_]], *columns: pd.Series) -> Bools:
    """Tell which cells occur in any of some columns."""
    known = pd.concat([column.dropna() for column in columns]).unique()
    return np.asarray(pd.Index(cells, dtype=object).isin(known), dtype=bool)


def _unused(draft: Draft) -> None:
    """Items nobody uses, sites with nothing at them, lanes that lead nowhere."""
    frames = draft.frames
    items, sites = draft.values("items", "item"), draft.values("sites", "site")
    idle = ~_among(items, frames["bom"]["input"], frames["demands"]["item"])
    draft.warn(
        "items",
        idle,
        "item",
        "unused-item",
        lambda k: say("unused-item", item=items[k]),
    )
    lanes = frames["lanes"]
    empty = ~_among(sites, frames["sources"]["site"], lanes["from_site"], lanes["to_site"])
    draft.warn(
        "sites",
        empty,
        "site",
        "unused-site",
        lambda k: say("unused-site", site=sites[k]),
    )
    names = draft.values("lanes", "lane")
    still = np.asarray(draft.values("lanes", "from_site") == draft.values("lanes", "to_site"), dtype=bool)
    draft.warn(
        "lanes",
        still,
        "to_site",
        "idle-lane",
        lambda k: say("idle-lane", lane=names[k]),
    )


def _chains(draft: Draft) -> None:
    """Chains without demand or without measures, owners without sites."""
    frames = draft.frames
    chains, demands = draft.values("chains", "chain"), frames["demands"]
    wanted = demands[(demands["rate"] > 0.0) & (demands["value"] > 0.0)]
    silent = ~_among(chains, wanted["chain"])
    draft.warn(
        "chains",
        silent,
        "chain",
        "chain-without-demand",
        lambda k: say("chain-without-demand", chain=chains[k]),
    )
    planned = draft.settings is not None and draft.settings.planning is not None
    if planned or len(frames["measures"]):
        bare = ~_among(chains, frames["measures"]["chain"])
        draft.warn(
            "chains",
            bare,
            "chain",
            "chain-without-measures",
            lambda k: say("chain-without-measures", chain=chains[k]),
        )
    owners = draft.values("chain_owners", "enterprise")
    landless = ~_among(owners, frames["sites"]["enterprise"])
    draft.warn(
        "chain_owners",
        landless,
        "enterprise",
        "owner-without-sites",
        lambda k: say("owner-without-sites", enterprise=owners[k]),
    )


def _measures(draft: Draft) -> None:
    """Measures that do nothing, policies and events that hold nothing."""
    for table, column, other, code in (
        ("measures", "measure", "effects", "measure-without-effects"),
        ("policies", "policy", "policy_measures", "policy-without-measures"),
        ("events", "event", "hits", "event-without-hits"),
    ):
        names = draft.values(table, column)
        idle = ~_among(names, draft.frames[other][column])
        for k in np.flatnonzero(idle).tolist():
            draft.warn(table, [k], column, code, say(code, **{column: names[k]}))


def _switches(draft: Draft) -> None:
    """`switch` where nothing waits to be switched to."""
    effects = draft.frames["effects"]
    if not (effects["effect"] == "switch").any():
        return
    names = Names.of(draft.frames)
    waiting = _waiting(draft)
    for k in np.flatnonzero((effects["effect"] == "switch").to_numpy(bool)).tolist():
        text = str(effects["target"].iloc[k])
        target = resolve_target("switch", text, names)
        if target is not None and (target.kind, target.name) not in waiting:
            draft.warn(
                "effects",
                [k],
                "target",
                "nothing-to-switch",
                say("nothing-to-switch", target=text),
            )


def _waiting(draft: Draft) -> set[tuple[str, str]]:
    """Return what is, or holds something, qualified or potential, as (kind, name)."""
    frames = draft.frames
    chain_of = dict(zip(frames["items"]["item"].tolist(), frames["items"]["chain"].tolist(), strict=True))
    waiting: set[tuple[str, str]] = set()
    for kind, table in (("source", "sources"), ("lane", "lanes"), ("link", "bom")):
        frame = frames[table][frames[table]["status"] != "active"]
        items = frame["item"].tolist()
        if kind == "link":
            waiting |= {
                (kind, f"{made}>{used}") for made, used in zip(items, frame["input"].tolist(), strict=True)
            }
        else:
            waiting |= {(kind, name) for name in frame[kind].tolist()}
        waiting |= {("chain", chain_of[item]) for item in items if chain_of.get(item) is not None}
    return waiting


def _partial(draft: Draft) -> None:
    """Look for partial losses, or partial hardening, of something unlimited, which stays unlimited."""
    hits, effects = draft.frames["hits"], draft.frames["effects"]
    loss, amount = hits["loss"].to_numpy(float), effects["amount"].to_numpy(float)
    partial_hits = np.flatnonzero((loss > 0.0) & (loss < 1.0)).tolist()
    partial_hardening = np.flatnonzero(
        (effects["effect"] == "harden").to_numpy(bool) & (amount > 0.0) & (amount < 1.0)
    ).tolist()
    if not partial_hits and not partial_hardening:
        return
    unlimited = _unlimited(draft)
    for k in partial_hits:
        example = unlimited.get((hits["kind"].iloc[k], hits["target"].iloc[k]))
        if example is not None:
            message = say("partial-loss-of-unlimited", loss=loss[k], name=example)
            draft.warn("hits", [k], "loss", "partial-loss-of-unlimited", message)
    names = Names.of(draft.frames)
    for k in partial_hardening:
        text = str(effects["target"].iloc[k])
        target = resolve_target("harden", text, names)
        example = None if target is None else unlimited.get((target.kind, target.name))
        if example is not None:
            message = say("partial-hardening-of-unlimited", amount=amount[k], name=example)
            draft.warn("effects", [k], "amount", "partial-hardening-of-unlimited", message)


def _unlimited(draft: Draft) -> dict[tuple[str, str], str]:
    """Return, by kind and name of element, one source or lane that it stops and that nothing limits."""
    frames = draft.frames
    sites = frames["sites"].set_index("site", drop=False)
    found: dict[tuple[str, str], str] = {}
    sources = frames["sources"]
    endless = sources[np.isinf(sources["capacity"].to_numpy(float))]
    room = sites["capacity"].reindex(endless["site"]).to_numpy(float)
    free = np.isinf(room) | (endless["load"].to_numpy(float) == 0.0)
    for name, item, site, groups, at_free_site in zip(
        *(endless[column].tolist() for column in ("source", "item", "site", "groups")),
        free.tolist(),
        strict=True,
    ):
        for element in (
            ("source", name),
            ("item", item),
            *(("group", label) for label in split_labels(groups)),
        ):
            found.setdefault(element, name)
        if at_free_site:
            _add_site(found, sites, site, name)
    lanes = frames["lanes"]
    made_at = set(zip(sources["item"].tolist(), sources["site"].tolist(), strict=True))
    endless = lanes[np.isinf(lanes["capacity"].to_numpy(float))]
    for name, item, site, groups in zip(
        *(endless[column].tolist() for column in ("lane", "item", "from_site", "groups")), strict=True
    ):
        for element in (("lane", name), *(("group", label) for label in split_labels(groups))):
            found.setdefault(element, name)
        if (item, site) not in made_at:
            _add_site(found, sites, site, name)
    return found


def _add_site(found: dict[tuple[str, str], str], sites: pd.DataFrame, site: str, name: str) -> None:
    found.setdefault(("site", site), name)
    for kind in ("enterprise", "region", "country"):
        owner = sites.loc[site, kind]
        if isinstance(owner, str):
            found.setdefault((kind, owner), name)
    for label in split_labels(sites.loc[site, "groups"]):
        found.setdefault(("group", label), name)
