"""Right-hand sides as polynomials in the measures in effect: one template for each block and event (3.4)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt

from optichain.design.recourse.profiles import Profile, Term, polynomial
from optichain.design.recourse.protection import Lever, Levers
from optichain.design.recourse.terms import combinations, moebius
from optichain.effects import base_state
from optichain.errors import UsageError
from optichain.network import ACTIVE, POTENTIAL, Network
from optichain.risk.events import Event
from optichain.risk.flows.flow import BlockFlow
from optichain.risk.flows.reach import LOCAL_KINDS, Reach, arrivals, reach_of

__all__ = ["ScenarioMaker", "Template"]

Floats = npt.NDArray[np.float64]
Hits = dict[int, list[tuple[float, float, int]]]
"""(loss, duration, element) of the hits on each activity or site."""


@dataclass(frozen=True, eq=False)
class Template:
    """The bounds of a block under an event, as constants plus products of measures in effect.

    Attributes
    ----------
    lengths : ndarray, shape (phases,)
        Lengths of the phases, fine enough for every subset of measures.
    upper : ndarray, shape (columns,)
        Upper bounds of columns without terms; ``inf`` where `column_terms` bound the column.
    row_lower, row_upper : ndarray, shape (rows,)
        Bounds of the rows, the constant part.
    column_terms : list of (column, Monomial, coefficient)
        Upper bounds of columns that depend on measures, constants included.
    row_terms : list of (row, Monomial, coefficient)
        What is added to the finite bounds of a row.
    """

    lengths: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats
    column_terms: list[Term]
    row_terms: list[Term]

    def at(self, units: Floats) -> tuple[Floats, Floats, Floats]:
        """Return (upper, row_lower, row_upper) with measures in effect.

        Parameters
        ----------
        units : ndarray, shape (measures,)
        """
        upper, row_lower, row_upper = self.upper.copy(), self.row_lower.copy(), self.row_upper.copy()
        upper[[column for column, _, _ in self.column_terms]] = 0.0
        for column, product, coefficient in self.column_terms:
            upper[column] += coefficient * product.at(units)
        np.maximum(upper, 0.0, out=upper)
        for row, product, coefficient in self.row_terms:
            row_lower[row] += coefficient * product.at(units)
            row_upper[row] += coefficient * product.at(units)
        return upper, row_lower, row_upper


class ScenarioMaker:
    """Makes the templates of one block.

    Parameters
    ----------
    network : Network
    flow : BlockFlow
    levers : Levers
    useful : ndarray, shape (items,)
        Proven bounds on what can be of use (`optichain.design.recourse.bounds.useful_quantity`).
    """

    def __init__(self, network: Network, flow: BlockFlow, levers: Levers, useful: Floats) -> None:
        self.network, self.flow, self.levers, self.useful = network, flow, levers, useful
        self.base = base_state(network)
        self._single_of: dict[int, list[int]] = {}
        for o in flow.single.tolist():
            owner = int(network.requirement_activity[network.alternative_requirement[o]])
            self._single_of.setdefault(owner, []).append(o)
        self._units = network.instance["measures"]["max_units"].to_numpy(float)
        # most things are hit by few events
        self._idle: dict[int, Profile | None] = {}
        self._idle_terms: dict[tuple[int, bytes], list[Term]] = {}
        self._mixed: dict[int, Profile] | None = None

    def template(self, event: Event | None) -> Template:
        """Return the bounds under an event, ``None`` meaning undisturbed."""
        hits = self._hits(event, sites=False), self._hits(event, sites=True)
        return self._template(hits, reach_of(self.network, self.base, event), {})

    def template_without(self, lost: Mapping[int, list[int]], reach: Reach) -> Template:
        """Return the bounds with activities lost for the whole horizon.

        Parameters
        ----------
        lost : mapping of activity to measures
            A measure in effect keeps the activity; nothing else does.
        reach : Reach
            The same loss before any measure.
        """
        return self._template(({}, {}), reach, lost)

    def _template(self, hits: tuple[Hits, Hits], reach: Reach, lost: Mapping[int, list[int]]) -> Template:
        on_activity, on_site = hits
        activities = {
            a: p for a in self.flow.activities.tolist() if (p := self._of_activity(a, on_activity, lost))
        }
        if self._mixed is None:
            self._mixed = {o: p for o in self.flow.mixed.tolist() if (p := self._alternative(o))}
        mixed = self._mixed
        sites = {int(s): p for s in self.flow.sites if (p := self._site(int(s), on_site.get(int(s), [])))}
        moments = [self.flow.breakpoints(self.base, reach)]
        moments += [p.moments() for p in (*activities.values(), *mixed.values(), *sites.values())]
        starts = np.unique(np.concatenate(moments))
        starts = starts[starts < self.network.horizon]
        sides = self.flow.sides(self.base, reach, starts=starts)
        upper, row_upper = sides.upper.copy(), sides.row_upper.copy()
        column_terms = [
            *self._activity_terms(activities, starts, sides.lengths, {*on_activity, *lost}),
            *self._mixed_terms(mixed, starts, sides.lengths),
        ]
        upper[[column for column, _, _ in column_terms]] = np.inf
        row_terms = [*self._site_terms(sites, starts, sides.lengths, row_upper), *self._stock_terms(on_site)]
        row_lower = sides.row_lower.copy()
        self._reset_stock(row_lower, row_upper, len(starts), {row for row, _, _ in row_terms})
        return Template(sides.lengths, upper, row_lower, row_upper, column_terms, row_terms)

    def _hits(self, event: Event | None, *, sites: bool) -> Hits:
        """Return (loss, duration, element) of the hits on each activity or site, before any measure."""
        size = len(self.network.sites) if sites else self.network.n_activities
        neutral = (np.ones(size), np.zeros(size))
        found: Hits = {}
        for hit in () if event is None else event.hits:
            if hit.element < 0:
                continue
            where, loss, lasting = arrivals(self.network, self.base, hit, math.inf, sites=sites, own=neutral)
            for thing, share, time in zip(where.tolist(), loss.tolist(), lasting.tolist(), strict=True):
                found.setdefault(thing, []).append((share, time, hit.element))
        return found

    def _profile(
        self,
        hits: Sequence[tuple[float, float, int]],
        local: Iterable[int],
        gates: Sequence[tuple[int, float, list[int], Lever]],
        what: str,
        extra: Iterable[int] = (),
    ) -> Profile | None:
        """Evaluate all combinations; ``None`` where no measure acts on the thing.

        Parameters
        ----------
        hits : sequence of (loss, duration, element)
        local : elements whose protection covers the thing against every hit
        gates : sequence of (status, switch time, measures that qualify, measures that switch)
        what : name for messages
        extra : measures that act through their units alone
        """
        levers, kinds = self.levers, self.network.element_kind
        guards = [[*local, *([] if LOCAL_KINDS[kinds[e]] else [e])] for _, _, e in hits]
        acting = {
            m for es in guards for e in es for m, _ in (*levers.harden.get(e, ()), *levers.recover.get(e, ()))
        }
        for status, time, qualify, switch in gates:
            if status == POTENTIAL:
                acting |= set(qualify)
            if status != ACTIVE and time > 0.0 and (status != POTENTIAL or qualify):
                acting |= {m for m, _ in switch}
        measures = sorted(acting)
        if not measures and not list(extra):
            return None
        bits = combinations(measures, what=what)
        chosen = {m: bits[:, i].astype(float) for i, m in enumerate(measures)}
        opens = np.zeros(len(bits))
        for status, time, qualify, switch in gates:
            opens = np.maximum(opens, self._opening(status, time, qualify, switch, chosen, len(bits)))
        loss, duration = np.empty((len(hits), len(bits))), np.empty((len(hits), len(bits)))
        for row, ((share, time, _), es) in enumerate(zip(hits, guards, strict=True)):
            kept, gain = np.ones(len(bits)), np.zeros(len(bits))
            for e in es:
                for m, amount in levers.harden.get(e, ()):
                    kept = kept * (1.0 - amount * chosen[m])
                for m, amount in levers.recover.get(e, ()):
                    gain = gain + amount * chosen[m]
            loss[row] = share * kept
            duration[row] = np.minimum(np.maximum(time - gain, 0.0), self.network.horizon)
        return Profile(measures, opens, loss, duration)

    @staticmethod
    def _opening(
        status: int, time: float, qualify: list[int], switch: Lever, chosen: dict[int, Floats], size: int
    ) -> Floats:
        """Return when a gate opens on each combination."""
        if status == ACTIVE:
            return np.zeros(size)
        opens = np.full(size, time)
        for m, amount in switch:
            if m in chosen:
                opens = opens - amount * chosen[m]
        opens = np.maximum(opens, 0.0)
        if status == POTENTIAL:
            usable = np.zeros(size, dtype=bool)
            for m in qualify:
                usable |= chosen[m] > 0.0
            opens = np.where(usable, opens, np.inf)
        return opens

    def _activity(
        self, a: int, hits: Sequence[tuple[float, float, int]], kept_by: list[int] | None
    ) -> Profile | None:
        net, levers = self.network, self.levers
        gates = [] if kept_by is None else [(POTENTIAL, 0.0, kept_by, cast("Lever", []))]
        gates += [
            (
                int(net.status[a]),
                float(net.switch_time[a]),
                levers.qualify_activity.get(a, []),
                levers.switch_activity.get(a, []),
            )
        ]
        gates += [self._gate_of(o) for o in self._single_of.get(a, ())]
        local = levers.local_of_activity.get(a, ()) if hits else ()
        grows = [m for m, _ in levers.expand_activity.get(a, ())]
        return self._profile(hits, local, gates, f"activity {net.activity_name[a]}", grows)

    def _gate_of(self, o: int) -> tuple[int, float, list[int], Lever]:
        net, levers = self.network, self.levers
        # a network keeps the switch time of a potential alternative as given; the state turns it into "never"
        time = float(net.alternative_switch[o])
        return (
            int(net.alternative_status[o]),
            time,
            levers.qualify_alternative.get(o, []),
            levers.switch_alternative.get(o, []),
        )

    def _alternative(self, o: int) -> Profile | None:
        return self._profile(
            [],
            (),
            [self._gate_of(o)],
            f"alternative {self.network.links[self.network.alternative_link[o]]}"
            if self.network.alternative_link[o] >= 0
            else "a lane",
        )

    def _site(self, s: int, hits: Sequence[tuple[float, float, int]]) -> Profile | None:
        local = self.levers.local_of_site.get(s, ()) if hits else ()
        grows = [m for m, _ in self.levers.expand_site.get(s, ())]
        return self._profile(hits, local, [], f"site {self.network.sites[s]}", grows)

    def _of_activity(self, a: int, hits: Hits, lost: Mapping[int, list[int]]) -> Profile | None:
        """Return what measures do to an activity under its hits; what nothing hits is worked out once."""
        if a in hits or a in lost:
            return self._activity(a, hits.get(a, []), lost.get(a))
        if a not in self._idle:
            self._idle[a] = self._activity(a, [], None)
        return self._idle[a]

    def _activity_terms(
        self, profiles: dict[int, Profile], starts: Floats, lengths: Floats, touched: set[int]
    ) -> list[Term]:
        terms: list[Term] = []
        grid = starts.tobytes()
        for a, profile in profiles.items():
            if a in touched:
                terms += self._terms_of_activity(a, profile, starts, lengths)
                continue
            if (a, grid) not in self._idle_terms:
                self._idle_terms[a, grid] = self._terms_of_activity(a, profile, starts, lengths)
            terms += self._idle_terms[a, grid]
        return terms

    def _terms_of_activity(self, a: int, profile: Profile, starts: Floats, lengths: Floats) -> list[Term]:
        place = int(np.searchsorted(self.flow.activities, a))
        scale = float(self.flow.out_scale[place])
        capacity = float(self.network.capacity[a])
        unlimited = math.isinf(capacity)
        share = moebius(profile.left(starts, unlimited=unlimited))
        if unlimited:
            capacity = self._enough(int(self.network.output[a]), f"activity {self.network.activity_name[a]}")
            limit = np.full(len(starts), capacity / scale)
        else:
            limit = lengths * capacity / scale
        grows = [(m, lengths * amount / scale) for m, amount in self.levers.expand_activity.get(a, ())]
        columns = place + np.arange(len(starts)) * self.flow.n_phase_columns
        return polynomial(columns, share, profile.measures, limit, grows)

    def _mixed_terms(self, profiles: dict[int, Profile], starts: Floats, lengths: Floats) -> list[Term]:
        terms: list[Term] = []
        net = self.network
        for o, profile in profiles.items():
            place = int(np.searchsorted(self.flow.mixed, o))
            owner = int(net.requirement_activity[net.alternative_requirement[o]])
            most = float(net.capacity[owner]) + sum(
                amount * float(self._units[m]) for m, amount in self.levers.expand_activity.get(owner, ())
            )
            by_owner = lengths * most * float(net.alternative_quantity[o]) / float(self.flow.use_scale[place])
            limit = by_owner
            if math.isinf(most) or math.isfinite(
                self.useful[net.commodity_item[net.alternative_commodity[o]]]
            ):
                enough = self._enough(
                    int(net.alternative_commodity[o]), f"what {net.activity_name[owner]} uses"
                )
                limit = np.minimum(by_owner, enough / float(self.flow.use_scale[place]))
            columns = len(self.flow.activities) + place + np.arange(len(starts)) * self.flow.n_phase_columns
            terms += polynomial(
                columns, moebius(profile.left(starts, unlimited=True)), profile.measures, limit, []
            )
        return terms

    def _enough(self, commodity: int, what: str) -> float:
        """Return a proven bound on the useful flow of something unlimited that a measure can open or close."""
        item = int(self.network.commodity_item[commodity])
        bound = float(self.useful[item])
        if math.isinf(bound):
            raise UsageError(
                f"{what} is unlimited, measures open or close it, and item {self.network.items[item]} consumes itself "
                "through a loop that can multiply it, so no bound can be proven: give it a capacity"
            )
        return bound

    def _site_terms(
        self, profiles: dict[int, Profile], starts: Floats, lengths: Floats, row_upper: Floats
    ) -> list[Term]:
        terms: list[Term] = []
        first = len(self.flow.commodities) + len(self.flow.mixed_requirement)
        for s, profile in profiles.items():
            place = int(np.searchsorted(self.flow.sites, s))
            scale = float(self.flow.site_scale[place])
            rows = first + place + np.arange(len(starts)) * self.flow.n_phase_rows
            row_upper[rows] = 0.0
            grows = [(m, lengths * amount / scale) for m, amount in self.levers.expand_site.get(s, ())]
            share = moebius(profile.left(starts, unlimited=False))
            terms += polynomial(
                rows, share, profile.measures, lengths * float(self.network.site_capacity[s]) / scale, grows
            )
        return terms

    def _stock_terms(self, on_site: Hits) -> list[Term]:
        """Return all stock of commodities that a measure can add to or save, as terms of the first phase's rows."""
        net = self.network
        place = {int(c): i for i, c in enumerate(self.flow.commodities)}
        lost = net.instance.settings.stock_at_failed_site == "lost"
        rows = zip(
            net.stock_commodity.tolist(), net.stock_site.tolist(), net.stock_quantity.tolist(), strict=True
        )
        held = [(c, s, q, -1) for c, s, q in rows if c in place]
        held += [(c, s, amount, m) for m, c, s, amount in self.levers.stockpile if c in place]
        profiles = {}
        for site in {s for _, s, _, _ in held if s >= 0 and lost}:
            hits = [h for h in on_site.get(site, []) if h[0] >= 1.0]
            profiles[site] = (
                hits,
                self._profile(
                    hits, self.levers.local_of_site.get(site, ()), [], f"stock at {net.sites[site]}"
                ),
            )
        depends = {c for c, s, _, m in held if m >= 0 or profiles.get(s, ([], None))[1] is not None}
        terms: list[Term] = []
        for c, s, quantity, m in held:
            if c not in depends:
                continue
            hits, profile = profiles.get(s, ([], None))
            measures = [] if profile is None else profile.measures
            if profile is not None:
                survives = (~((profile.loss >= 1.0) & (profile.duration > 0.0)).any(axis=0)).astype(float)
            else:
                survives = np.array([0.0 if hits else 1.0])
            amount = quantity / float(self.flow.scale[place[c]])
            share = moebius(survives)[:, None]
            constant, grows = (np.zeros(1), [(m, np.array([amount]))]) if m >= 0 else (np.array([amount]), [])
            row = np.array([place[c]])
            terms += [
                (r, mono, -value) for r, mono, value in polynomial(row, share, measures, constant, grows)
            ]
        return terms

    def _reset_stock(self, row_lower: Floats, row_upper: Floats, phases: int, rows: set[int]) -> None:
        """Clear the constant of stock rows whose whole stock stands in the terms."""
        for row in rows:
            if row < len(self.flow.commodities):
                row_lower[row] = 0.0
                row_upper[row] = math.inf if phases == 1 else 0.0
