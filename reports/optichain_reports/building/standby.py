"""What can stand in for what: alternatives that exist, that the plan makes, that are known, and that are missing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from optichain_reports.building.tables import NetworkTables
from optichain_reports.building.titles import Titles, text_or_none
from optichain_reports.building.upstream import ChainNetwork, qualified_targets
from optichain_reports.model import Named, PictureItem, Standby

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["Standbys"]

ORDER = ("missing", "known", "funded", "exists")
BEST_FIRST = ("active", "qualified", "potential")


class Standbys:
    """Alternatives of every item of an instance.

    Parameters
    ----------
    instance : Instance
    supported : set of str
        Measures that the plan funds, or that run.
    tables : NetworkTables
    titles : Titles
    """

    def __init__(
        self, instance: Instance, supported: set[str], tables: NetworkTables, titles: Titles
    ) -> None:
        self._tables, self._titles = tables, titles
        self._funded = qualified_targets(instance, supported)
        self._substitutes = _substitutes(instance)
        self._offers: dict[str, list[str]] = {}
        effects = instance["effects"]
        for measure, effect, target in effects[["measure", "effect", "target"]].itertuples(index=False):
            if effect == "qualify" and measure not in supported:
                self._offers.setdefault(target.removeprefix("source:"), []).append(measure)

    def of(self, network: ChainNetwork) -> tuple[Standby, ...]:
        """Return the alternatives of all items upstream of a chain, what lacks one first."""
        rows = [self._of_item(item, network) for item in network.items]
        return tuple(sorted(rows, key=lambda r: (not r.critical, ORDER.index(r.state), r.tier, r.item.name)))

    def _of_item(self, item: PictureItem, network: ChainNetwork) -> Standby:
        name, titles = item.item, self._titles
        sources = self._tables.sources.get(name, [])
        best: dict[str, str] = {}
        for _, site, status in sources:
            best[site] = min(best.get(site, status), status, key=BEST_FIRST.index)
        made = {site for source, site, _ in sources if source in self._funded and best[site] == "potential"}
        usable, replacing, unready = self._substitutes.get(name, (frozenset(), False, frozenset()))
        links = {link for link, _ in unready}
        count = {status: sum(s == status for s in best.values()) for status in BEST_FIRST}
        if count["active"] + count["qualified"] > 1 or replacing:
            state = "exists"
        elif made or links & self._funded:
            state = "funded"
        elif count["potential"] or unready:
            state = "known"
        else:
            state = "missing"
        offers = sorted(
            {m for of in (*(source for source, _, _ in sources), *links) for m in self._offers.get(of, ())}
        )
        return Standby(
            item=titles.named("item", name),
            tier=item.tier,
            critical=item.state != "plain" or item.irreplaceable or ("item", name) in network.before,
            active=count["active"],
            qualified=count["qualified"],
            potential=count["potential"],
            funded=len(made),
            substitutes=_named(usable | {used for _, used in unready}, titles),
            offered=tuple(titles.named("measure", measure) for measure in offers),
            state=state,
        )


def _named(items: Iterable[str], titles: Titles) -> tuple[Named, ...]:
    return tuple(titles.named("item", item) for item in sorted(items))


_Found = tuple[frozenset[str], bool, frozenset[tuple[str, str]]]


def _substitutes(instance: Instance) -> dict[str, _Found]:
    """Return, by item that has any, its substitutes.

    Those that are usable, whether each requirement that it meets has one, and those that are not usable yet, each as
    (``item>input``, input).
    """
    groups: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
    columns = ["item", "input", "requirement", "source", "status"]
    for item, used, label, source, status in instance["bom"][columns].itertuples(index=False):
        requirement = text_or_none(label)
        key = (item, text_or_none(source) or "", f">{used}" if requirement is None else requirement)
        groups.setdefault(key, []).append((used, status))
    ready: dict[str, set[str]] = {}
    unready: dict[str, set[tuple[str, str]]] = {}
    bare: set[str] = set()
    for (item, _, _), members in groups.items():
        for used, _ in members:
            others = {(other, status) for other, status in members if other != used}
            usable = {other for other, status in others if status != "potential"}
            ready.setdefault(used, set()).update(usable)
            unready.setdefault(used, set()).update((f"{item}>{o}", o) for o, s in others if s == "potential")
            if not usable:
                bare.add(used)
    return {
        used: (frozenset(found), bool(found) and used not in bare, frozenset(unready[used]))
        for used, found in ready.items()
        if found or unready[used]
    }
