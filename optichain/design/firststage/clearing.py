"""Which measures clear single points of failure, as rules of the first stage (3.2, 3.4).

Whether a demand can be provided with an element failed is a monotone question about the set of measures in full
effect, and the structural analysis answers it exactly, loops included. Where a set of measures fails, it is enlarged
while it still fails; one of the measures left out must start. All such rules together say exactly that no SPOF is
left; those that matter are found one plan at a time (logic-based Benders decomposition, Hooker and Ottosson 2003,
doi 10.1007/s10107-003-0375-9).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from optichain.design.firststage.stage import FirstStage, Row
from optichain.effects import apply_measures, resolve_effects
from optichain.errors import UsageError
from optichain.network import ELEMENT_KINDS, Network
from optichain.risk.structural.providable import usable_graph
from optichain.risk.structure import analyse_structure
from optichain.sentences import Sentence, say

__all__ = ["Clearing", "read_exceptions"]

Floats = npt.NDArray[np.float64]
Spof = tuple[int, int]
"""(commodity, element)."""


def read_exceptions(network: Network, kinds: Sequence[str], exceptions: Iterable[str]) -> frozenset[int]:
    """Return the elements that may stay single points of failure, from ``kind:name`` texts.

    Raises
    ------
    UsageError
        Unknown kind of element, or an exception that names no element.
    """
    for kind in kinds:
        if kind not in ELEMENT_KINDS:
            raise UsageError(f"unknown kind of element {kind!r}: expected one of {', '.join(ELEMENT_KINDS)}")
    found = set()
    for text in exceptions:
        kind, _, name = text.partition(":")
        number = network.element(kind, name) if kind in ELEMENT_KINDS else -1
        if number < 0:
            raise UsageError(f"no element is called {text!r}: expected kind:name, such as site:F1")
        found.add(number)
    return frozenset(found)


class Clearing:
    """Finds the rules that a plan breaks which leaves single points of failure of chosen kinds.

    Parameters
    ----------
    network : Network
    stage : FirstStage
        For the measures that may start, and the support that runs.
    kinds : sequence of str
        Kinds of elements that may not be single points of failure.
    exceptions : iterable of str
        ``kind:name`` of elements that may.
    """

    def __init__(
        self, network: Network, stage: FirstStage, kinds: Sequence[str], exceptions: Iterable[str]
    ) -> None:
        self.network, self.stage, self.kinds = network, stage, tuple(kinds)
        self.spared = read_exceptions(network, kinds, exceptions)
        self.names = [str(m) for m in network.instance["measures"]["measure"]]
        self.most = network.instance["measures"]["max_units"].to_numpy(float)
        self.running = np.array([stage.running.get(name, (0.0, 0))[0] for name in self.names])
        free = {m for m, _ in stage.start}
        self._blocks = self._opening(free)
        self._price = dict.fromkeys(range(len(self.names)), 0.0)
        for terms in stage.spend.values():
            for (name, _), column in stage.units.items():
                self._price[self.names.index(name)] += terms.get(column, 0.0) / len(stage.years)
        self._known: dict[tuple[frozenset[int], int, int], bool] = {}

    def _opening(self, free: set[str]) -> dict[int, list[int]]:
        """Return the measures that can open something, by block: they qualify, or add capacity where there is none."""
        network = self.network
        opening: dict[int, set[int]] = {}
        for effect in resolve_effects(network):
            if effect.kind not in ("qualify", "expand") or self.names[effect.measure] not in free:
                continue
            users = network.requirement_activity[network.alternative_requirement[effect.alternatives]]
            touched = [*effect.activities.tolist(), *users.tolist()]
            if effect.site >= 0:
                touched += np.flatnonzero(network.activity_site == effect.site).tolist()
            for a in touched:
                opening.setdefault(int(network.activity_block[a]), set()).add(effect.measure)
        return {block: sorted(measures) for block, measures in opening.items()}

    def left(self, units: Floats) -> list[Spof]:
        """Return the single points of failure that measures in full effect leave, as (commodity, element)."""
        network = self.network
        found = analyse_structure(
            network, state=apply_measures(network, units), kinds=self.kinds, measure_losses=False
        )
        place = {network.commodity_title(c): c for c in sorted(set(network.demand_commodity.tolist()))}
        result = []
        columns = found.spofs[["demand", "site", "kind", "element"]]
        for demand, site, kind, element in columns.itertuples(index=False):
            number = network.element(str(kind), str(element))
            if number not in self.spared:
                title = str(demand) if not isinstance(site, str) else f"{demand}@{site}"
                result.append((place[title], number))
        return sorted(result)

    def title(self, spof: Spof) -> Sentence:
        """Return a single point of failure in words."""
        commodity, element = spof
        kind = ELEMENT_KINDS[self.network.element_kind[element]]
        name = self.network.element_name[element]
        return say("spof", kind=kind, element=name, demand=self.network.commodity_title(commodity))

    def rows(self, units: Floats) -> list[Row]:
        """Return rules that measures in full effect break, and that every plan keeps which leaves no SPOF."""
        rows: list[Row] = []
        chosen = frozenset(np.flatnonzero(units > 0.0).tolist())
        for commodity, element in self.left(units):
            measures = self._blocks.get(int(self.network.commodity_block[commodity]), [])
            condition = self._condition(chosen, commodity, measures)
            base = chosen | condition
            while not self._provided(base, commodity, element):
                missing = self._missing(base, commodity, element, measures)
                rows.append(self._row((commodity, element), missing, condition))
                if not missing:
                    break
                base |= missing
        return rows

    def _condition(self, chosen: frozenset[int], commodity: int, measures: list[int]) -> frozenset[int]:
        """Return a smallest part of what is chosen that makes a demand providable at all, or nothing where it was."""
        needed = chosen & set(measures)
        for m in sorted(needed):
            if self._provided(needed - {m}, commodity, -1):
                needed -= {m}
        return needed

    def _missing(
        self, base: frozenset[int], commodity: int, element: int, measures: list[int]
    ) -> frozenset[int]:
        """Return measures of which one must start: all that an enlarged set, dear ones first, still leaves out."""
        still = set(base)
        for m in sorted(set(measures) - base, key=lambda m: (-self._price[m], m)):
            if not self._provided(frozenset(still | {m}), commodity, element):
                still.add(m)
        return frozenset(measures) - still

    def _provided(self, chosen: frozenset[int], commodity: int, failed: int) -> bool:
        """Tell whether a commodity can be provided with an element failed (-1: nothing), measures in full effect."""
        key = (
            chosen & set(self._blocks.get(int(self.network.commodity_block[commodity]), [])),
            commodity,
            failed,
        )
        if key not in self._known:
            units = self.running.copy()
            units[list(key[0])] = 1.0
            graph = usable_graph(self.network, apply_measures(self.network, units))
            up = graph.usable.copy()
            if failed >= 0:
                stops = self.network.elements_of_activities
                up[stops.indices[stops.indptr[failed] : stops.indptr[failed + 1]]] = False
            self._known[key] = bool(graph.providable(up)[0][commodity])
        return self._known[key]

    def _row(self, spof: Spof, missing: frozenset[int], condition: frozenset[int]) -> Row:
        def starts(measures: Iterable[int]) -> list[int]:
            return [self.stage.start[self.names[m], y] for m in measures for y in self.stage.years]

        terms: dict[int, Any] = dict.fromkeys(starts(sorted(missing)), 1.0)
        terms |= dict.fromkeys(starts(sorted(condition)), -1.0)
        code = f"spof-{'' if missing else 'not-'}cleared{'-if' if condition else ''}"
        known = {"measures": missing, "condition": condition}
        named = {key: [self.names[m] for m in sorted(group)] for key, group in known.items() if group}
        message = say(code, spof=self.title(spof), **named)
        return Row("clear_spofs", message, terms, 1.0 - len(condition), float("inf"))
