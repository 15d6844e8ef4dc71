"""Rules of the network's own tables: chains, sources, bills of materials, stocks, demands."""

from __future__ import annotations

import numpy as np
import pandas as pd

from optichain.instance.draft import Bools, Draft
from optichain.instance.raw import quoted

__all__ = ["check", "laned_items"]


def check(draft: Draft) -> None:
    """Check what one table of the network demands of another, or of itself."""
    _check_chains(draft)
    _check_bom_sources(draft)
    _check_stocks(draft)
    _check_laned(draft)
    _check_demands(draft)


def laned_items(draft: Draft) -> pd.Index:
    """Return the items that lanes carry; they exist separately at each site."""
    items: pd.Index = pd.Index(draft.frames["lanes"]["item"].dropna().unique(), dtype=object)
    return items


def _check_chains(draft: Draft) -> None:
    """Weights and scores are for all chains or none, and tell chains apart; support bounds agree."""
    frame = draft.frames["chains"]
    wanted = _chains_with_demand(draft)
    totals: dict[str, float] = {}
    for column in ("weight", "strength", "driving", "technology"):
        values = frame[column].to_numpy(float)
        sound = draft.sound("chains", column)
        totals[column] = float(np.nansum(values[wanted]))
        if (~np.isnan(values)).any():
            message = f"the {column} is blank, expected a {column} for all chains or for none"
            draft.fault("chains", np.isnan(values) & sound, column, "partly-given", message)
    given = frame["weight"].notna().any()
    if given and totals["weight"] == 0.0 and draft.sound("chains", "weight").all():
        message = "the weights of all chains with demand are 0, expected at least one above 0"
        draft.fault("chains", [0], "weight", "out-of-range", message)
    scored = [name for name in ("strength", "driving", "technology") if frame[name].notna().any()]
    if scored and not given and draft.settings is not None and draft.sound("chains", *scored).all():
        factors = draft.settings.chain_scores.model_dump()
        if sum(totals[name] * factors[name] for name in scored) == 0.0:
            message = (
                "all scores of chains with demand weigh 0, "
                "expected a score above 0 that weighs something in chain_scores"
            )
            draft.fault("chains", [0], scored[0], "out-of-range", message)
    low, high = frame["support_min"].to_numpy(float), frame["support_max"].to_numpy(float)
    draft.fault(
        "chains",
        (low > high) & draft.sound("chains", "support_min", "support_max"),
        "support_min",
        "bounds-cross",
        lambda k: f"found support_min {low[k]:g} above support_max {high[k]:g}, expected it at or below",
    )


def _chains_with_demand(draft: Draft) -> Bools:
    """Return which chains have demand; all of them, where that cannot be told."""
    demands, chains = draft.frames["demands"], draft.values("chains", "chain")
    wanted = demands.loc[_wanted(demands["rate"].to_numpy(float), demands["value"].to_numpy(float)), "chain"]
    has = np.asarray(pd.Index(chains, dtype=object).isin(wanted.dropna()), dtype=bool)
    known = draft.sound("demands", "chain", "rate", "value").all() and "demands" not in draft.unusable
    return has if known and has.any() else np.ones(len(chains), dtype=bool)


def _check_bom_sources(draft: Draft) -> None:
    """Check that the source that a row of the bill of materials is for provides the item."""
    if draft.frames["bom"]["source"].isna().all():
        return
    sources = draft.frames["sources"]
    item_of = dict(zip(sources["source"].tolist(), sources["item"].tolist(), strict=True))
    named, made = draft.values("bom", "source"), draft.values("bom", "item")
    provided = np.array([*(item_of.get(name) for name in named.tolist()), None], dtype=object)[:-1]
    wrong = ~pd.isna(provided) & ~pd.isna(made) & np.asarray(provided != made, dtype=bool)
    draft.fault(
        "bom",
        wrong & draft.sound("bom", "source", "item"),
        "source",
        "wrong-source",
        lambda k: (
            f"found the source {quoted(named[k])}, which provides {quoted(provided[k])}, "
            f"expected a source of {quoted(made[k])}"
        ),
    )


def _check_stocks(draft: Draft) -> None:
    """Check that a row of stocks gives a quantity or a cover."""
    quantity, cover = draft.numbers("stocks", "quantity"), draft.numbers("stocks", "cover")
    sound = draft.sound("stocks", "quantity", "cover")
    both = ~np.isnan(quantity) & ~np.isnan(cover) & sound
    draft.fault("stocks", both, "cover", "either-or", "found a quantity and a cover, expected one of the two")
    neither = np.isnan(quantity) & np.isnan(cover) & sound
    draft.fault(
        "stocks",
        neither,
        "quantity",
        "either-or",
        "found neither a quantity nor a cover, expected one of the two",
    )


def _check_laned(draft: Draft) -> None:
    """Stock and demand of a laned item stand at a site."""
    laned = laned_items(draft)
    for table in ("stocks", "demands"):
        items = draft.values(table, "item")
        where = (
            pd.Index(items, dtype=object).isin(laned)
            & pd.isna(draft.values(table, "site"))
            & draft.sound(table, "site")
        )
        draft.fault(
            table,
            where,
            "site",
            "missing-site",
            lambda k, items=items: f"the site is blank, expected one, because lanes carry {quoted(items[k])}",  # type: ignore[misc]
        )


def _check_demands(draft: Draft) -> None:
    """Every demand has a chain and a source, and something is demanded at all."""
    items = draft.values("demands", "item")
    rate, value = draft.numbers("demands", "rate"), draft.numbers("demands", "value")
    known = pd.Index(items, dtype=object).isin(draft.names("items")) & ~pd.isna(items)
    if not draft.unusable.intersection(("items", "demands")):
        homeless = pd.isna(draft.values("demands", "chain")) & known & draft.sound("demands", "chain")
        item_sound = dict(zip(draft.values("items", "item"), draft.sound("items", "chain"), strict=True))
        homeless &= np.array([bool(item_sound.get(item, True)) for item in items], dtype=bool)
        draft.fault(
            "demands",
            homeless,
            "chain",
            "missing-chain",
            lambda k: (
                f"the chain is blank, and so is that of the item {quoted(items[k])}, expected one of the two"
            ),
        )
    sources_known = "sources" not in draft.unusable and draft.sound("sources", "item").all()
    if sources_known and "items" not in draft.unusable:
        provided = pd.Index(draft.frames["sources"]["item"].dropna().unique(), dtype=object)
        unserved = known & ~pd.Index(items, dtype=object).isin(provided) & (rate > 0.0)
        draft.fault(
            "demands",
            unserved,
            "item",
            "no-source",
            lambda k: (
                f"found the item {quoted(items[k])}, which no source provides, expected one in the table sources"
            ),
        )
    if (
        "demands" not in draft.unusable
        and draft.sound("demands", "rate", "value").all()
        and not _wanted(rate, value).any()
    ):
        message = "nothing is demanded at all, expected at least one demand with a rate and a value above 0"
        draft.faults.add(draft.files["demands"], None, None, "nothing-demanded", message)


def _wanted(
    rate: np.ndarray[tuple[int], np.dtype[np.float64]], value: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> Bools:
    return np.asarray((rate > 0.0) & (value > 0.0), dtype=bool)
