"""From the tables of measures, rules, catalogues and limits to the first stage (3.4)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from optichain.design.firststage.asked import Rows, add_announced, add_user_rows, add_wishes
from optichain.design.firststage.stage import FirstStage, size_of
from optichain.design.firststage.underway import support_running
from optichain.design.plan import Choice
from optichain.errors import UsageError
from optichain.sentences import say
from optichain.sentences.limits import limit_in_words

if TYPE_CHECKING:
    from optichain.instance.model import Instance
    from optichain.instance.settings import Planning

__all__ = ["Rows", "build_first_stage", "money_of_years", "planning_of"]

COSTS = ("cost_1", "cost_2", "cost_3")


def planning_of(instance: Instance) -> Planning:
    """Return the settings under ``[planning]``.

    Raises
    ------
    UsageError
        The instance has none.
    """
    planning = instance.settings.planning
    if planning is None:
        raise UsageError(
            "instance.toml has no [planning] section; it gives the years and the budget to plan with"
        )
    return planning


def money_of_years(instance: Instance, budget: float | Sequence[float] | None) -> dict[int, float]:
    """Return the budget of each planning and tail year.

    Parameters
    ----------
    instance : Instance
    budget : float or sequence of float, optional
        Instead of the instance's: one number for each planning year, or one a year. The tail years follow
        the last year unless the instance gives them otherwise.
    """
    planning = planning_of(instance)
    years = list(planning.years)
    given = list(planning.budget)
    tail = list(planning.tail_budget)
    if budget is not None:
        new = [float(budget)] * len(years) if isinstance(budget, (int, float)) else [float(b) for b in budget]
        new = new * len(years) if len(new) == 1 else new
        if len(new) != len(years) or any(not math.isfinite(b) or b < 0.0 for b in new):
            raise UsageError(
                f"budget: expected one number, or {len(years)} numbers >= 0 for {years[0]}-{years[-1]}, got {new}"
            )
        if tail == [given[-1]] * 2:
            tail = [new[-1]] * 2
        given = new
    return dict(zip([*years, years[-1] + 1, years[-1] + 2], [*given, *tail], strict=True))


def build_first_stage(
    instance: Instance,
    *,
    budget: float | Sequence[float] | None = None,
    fix: Sequence[str] = (),
    forbid: Sequence[str] = (),
    rows: Rows = (),
    started: Sequence[Choice] = (),
    announced: Sequence[Choice] = (),
) -> FirstStage:
    """Build the columns and rules of the first stage.

    Parameters
    ----------
    instance : Instance
    budget : float or sequence of float, optional
        Instead of the instance's (`money_of_years`).
    fix : sequence of str
        Measures that must start within the planning years, ``name`` or ``name=units``.
    forbid : sequence of str
        Measures that must not start.
    rows : sequence of (coefficients, sense, number)
        Rules of the user: coefficients by (measure, year) of starting, sense ``<=``, ``>=`` or ``==``.
    started : sequence of Choice
        Support that runs besides that of the instance.
    announced : sequence of Choice
        Starts of which it is to be known whether they are kept (`FirstStage.kept`).
    """
    builder = _Builder(instance, money_of_years(instance, budget), started)
    return builder.stage(fix, forbid, rows, announced)


class _Builder:
    """Adds one family of rules a method."""

    def __init__(self, instance: Instance, money: dict[int, float], started: Sequence[Choice]) -> None:
        self.started = started
        planning = planning_of(instance)
        self.planning = planning
        self.instance = instance
        self.s = FirstStage(years=tuple(planning.years), money_years=tuple(money))
        self.s.budget = money
        self.s.carry_over = planning.carry_over
        self.measures = {str(m["measure"]): m for m in instance["measures"].to_dict("records")}
        self.chains = {str(c["chain"]): c for c in instance["chains"].to_dict("records")}
        self.owners: dict[str, set[str]] = {}
        for chain, enterprise in instance["chain_owners"][["chain", "enterprise"]].itertuples(index=False):
            self.owners.setdefault(str(chain), set()).add(str(enterprise))

    def stage(
        self, fix: Sequence[str], forbid: Sequence[str], rows: Rows, announced: Sequence[Choice]
    ) -> FirstStage:
        self._running()
        self._columns()
        self._support()
        self._catalogues()
        self._money()
        self._intake()
        self._support_limits()
        self._measure_rules()
        self._limits()
        add_wishes(self.s, list(self.measures), fix, forbid)
        add_user_rows(self.s, list(self.measures), rows)
        add_announced(self.s, announced)
        return self.s

    def _running(self) -> None:
        """Note support already given: its costs are commitments, its chain is not taken in again."""
        self.busy: set[str] = set()
        self.s.committed = dict.fromkeys(self.s.money_years, 0.0)
        for c in support_running(self.instance, self.started):
            self.s.running[c.measure] = (c.units, c.start_year)
            chain = self.measures[c.measure]["chain"]
            if isinstance(chain, str):
                self.busy.add(chain)
            for offset, cost in enumerate(COSTS):
                if c.start_year + offset in self.s.committed:
                    self.s.committed[c.start_year + offset] += float(self.measures[c.measure][cost]) * c.units

    def _columns(self) -> None:
        for name, m in self.measures.items():
            chain = m["chain"] if isinstance(m["chain"], str) else None
            if name in self.s.running or chain in self.busy:
                continue
            if chain is not None:
                self.s.owner[name] = chain
            most = float(m["max_units"])
            for year in self.s.years:
                start = self.s.add_column(f"start {name} in {year}", 1.0)
                self.s.start[name, year] = start
                self.s.units[name, year] = (
                    start if most <= 1.0 else self.s.add_column(f"units of {name} in {year}", most)
                )
        for chain in dict.fromkeys(self.s.owner.values()):
            for year in self.s.years:
                self.s.chain[chain, year] = self.s.add_column(f"take {chain} into support in {year}", 1.0)
        costs = [float(m[cost]) for m in self.measures.values() for cost in COSTS]
        self.s.money_size = size_of([*self.s.budget.values(), *self.s.committed.values(), *costs])
        for year in self.s.money_years:
            self.s.have[year] = self.s.add_column(
                f"money at hand in {year}",
                math.inf,
                integer=False,
                lower=-math.inf,
                size=self.s.money_size,
            )

    def _mine(self, chain: str) -> list[str]:
        return [m for m, c in self.s.owner.items() if c == chain]

    def _choosable(self) -> list[str]:
        return list(dict.fromkeys(m for m, _ in self.s.start))

    def _support(self) -> None:
        """One chain, one policy: all measures of a chain start in the year in which it is taken in."""
        s = self.s
        for name in self._choosable():
            s.add_row(
                "one start",
                say("one-start", measure=name),
                [(s.start[name, y], 1.0) for y in s.years],
                upper=1.0,
            )
            most = float(self.measures[name]["max_units"])
            for y in s.years:
                o, x = s.start[name, y], s.units[name, y]
                if x != o:
                    s.add_row(
                        "units",
                        say("units-at-most", measure=name, most=most),
                        [(x, 1.0), (o, -most)],
                        upper=0.0,
                    )
                    s.add_row(
                        "units",
                        say("units-when-it-starts", measure=name),
                        [(x, 1.0), (o, -1.0)],
                        lower=0.0,
                    )
        for name, chain in s.owner.items():
            for y in s.years:
                text = say("starts-with-its-chain", measure=name, chain=chain)
                s.add_row(
                    "part of the policy",
                    text,
                    [(s.start[name, y], 1.0), (s.chain[chain, y], -1.0)],
                    upper=0.0,
                )
        for chain in dict.fromkeys(s.owner.values()):
            text = say("one-policy", chain=chain)
            s.add_row("one chain, one policy", text, [(s.chain[chain, y], 1.0) for y in s.years], upper=1.0)
            for y in s.years:
                terms = [(s.start[m, y], -1.0) for m in self._mine(chain)]
                text = say("chain-buys", chain=chain)
                s.add_row("one chain, one policy", text, [(s.chain[chain, y], 1.0), *terms], upper=0.0)

    def _catalogues(self) -> None:
        s, policies, contents = self.s, self.instance["policies"], self.instance["policy_measures"]
        units = {
            (str(p), str(m)): float(u)
            for p, m, u in contents[["policy", "measure", "units"]].itertuples(index=False)
        }
        by_chain: dict[str, list[str]] = {}
        for policy, chain in policies[["policy", "chain"]].itertuples(index=False):
            by_chain.setdefault(str(chain), []).append(str(policy))
            s.policy_chain[str(policy)] = str(chain)
        for chain, names in by_chain.items():
            if (chain, s.years[0]) not in s.chain:
                continue
            for y in s.years:
                for p in names:
                    s.policy[p, y] = s.add_column(f"policy {p} for {chain} in {y}", 1.0)
                taken = [(s.policy[p, y], 1.0) for p in names]
                text = say("catalogue", chain=chain, policies=names)
                s.add_row("catalogue", text, [*taken, (s.chain[chain, y], -1.0)], lower=0.0, upper=0.0)
                for m in self._mine(chain):
                    inside = [(s.policy[p, y], -1.0) for p in names if (p, m) in units]
                    text = say("only-in-its-policy", measure=m, chain=chain)
                    s.add_row("catalogue", text, [(s.start[m, y], 1.0), *inside], lower=0.0, upper=0.0)
                    if s.units[m, y] != s.start[m, y]:
                        inside = [(s.policy[p, y], -units[p, m]) for p in names if (p, m) in units]
                        text = say("units-of-its-policy", measure=m, chain=chain)
                        s.add_row("catalogue", text, [(s.units[m, y], 1.0), *inside], lower=0.0, upper=0.0)

    def _cost_terms(self, year: int, names: Sequence[str]) -> dict[int, float]:
        """Return what starts of these measures cost in a year, by column of units."""
        terms: dict[int, float] = {}
        for name in names:
            for offset, cost in enumerate(COSTS):
                if (name, year - offset) in self.s.units and float(self.measures[name][cost]) != 0.0:
                    terms[self.s.units[name, year - offset]] = float(self.measures[name][cost])
        return terms

    def _money(self) -> None:
        s = self.s
        for place, year in enumerate(s.money_years):
            s.spend[year] = self._cost_terms(year, self._choosable())
            terms = [(s.have[year], 1.0)]
            right = s.budget[year]
            if place:
                before = s.money_years[place - 1]
                terms.append((s.have[before], -s.carry_over))
                terms += [(i, s.carry_over * c) for i, c in s.spend[before].items()]
                right -= s.carry_over * s.committed[before]
            said = say("money-at-hand", year=year)
            s.add_row("budget", said, terms, lower=right, upper=right, size=s.money_size)
            spend = [*s.spend[year].items(), (s.have[year], -1.0)]
            code = "spending-beside-commitments" if s.committed[year] else "spending-of-budget"
            owed = {"committed": s.committed[year]} if s.committed[year] else {}
            text = say(code, year=year, budget=s.budget[year], **owed)
            s.add_row("budget", text, spend, upper=-s.committed[year], size=s.money_size)

    def _intake(self) -> None:
        s, planning = self.s, self.planning
        chains = list(dict.fromkeys(s.owner.values()))
        most = math.inf if planning.max_new_chains is None else float(planning.max_new_chains)
        if planning.min_new_chains <= 0 and math.isinf(most):
            return
        for y in s.years:
            least = planning.min_new_chains
            if math.isinf(most):
                text = say("intake-at-least", least=least, year=y)
            else:
                text = say("intake-between", least=least, most=most, year=y)
            s.add_row(
                "intake",
                text,
                [(s.chain[c, y], 1.0) for c in chains],
                lower=float(least),
                upper=most,
            )

    def _support_limits(self) -> None:
        """Keep the amount of each of a chain's three support years within its limits."""
        s = self.s
        for chain in dict.fromkeys(s.owner.values()):
            least, most = float(self.chains[chain]["support_min"]), float(self.chains[chain]["support_max"])
            for y in s.years:
                for offset, cost in enumerate(COSTS):
                    terms = [(s.units[m, y], float(self.measures[m][cost])) for m in self._mine(chain)]
                    of = {"chain": chain, "start": y, "year": y + offset}
                    if least > 0.0:
                        s.add_row(
                            "support_min",
                            say("support-at-least", **of, least=least),
                            [*terms, (s.chain[chain, y], -least)],
                            lower=0.0,
                        )
                    if math.isfinite(most):
                        s.add_row(
                            "support_max",
                            say("support-at-most", **of, most=most),
                            [*terms, (s.chain[chain, y], -most)],
                            upper=0.0,
                        )

    def _measure_rules(self) -> None:
        s = self.s
        for rule, measure, other in self.instance["measure_rules"][["rule", "measure", "other"]].itertuples(
            index=False
        ):
            if rule == "requires" and measure not in s.running and other not in s.running:
                for y in s.years:
                    if (measure, y) not in s.start:
                        continue
                    earlier = [(s.start[other, e], -1.0) for e in s.years if e <= y and (other, e) in s.start]
                    text = say("requires", measure=measure, other=other)
                    s.add_row("requires", text, [(s.start[measure, y], 1.0), *earlier], upper=0.0)
            if rule == "excludes":
                both = [(s.start[m, y], 1.0) for m in (measure, other) for y in s.years if (m, y) in s.start]
                given = float(measure in s.running) + float(other in s.running)
                s.add_row(
                    "excludes",
                    say("excludes", measure=measure, other=other),
                    both,
                    upper=max(1.0 - given, 0.0),
                )
        for name, m in self.measures.items():
            if bool(m["required"]) and name not in s.running:
                terms = [(s.start[name, y], 1.0) for y in s.years if (name, y) in s.start]
                s.add_row("required", say("required", measure=name), terms, lower=1.0)

    def _limits(self) -> None:
        s = self.s
        frame = self.instance["limits"]
        for row in frame[["limit", "on", "kind", "target", "year", "min", "max"]].itertuples(index=False):
            name, on, kind, target, year, least, most = row
            low = -math.inf if pd.isna(least) else float(least)
            high = math.inf if pd.isna(most) else float(most)
            for y in s.years if pd.isna(year) else (int(year),):
                terms, given = self._limited(str(on), str(kind), None if pd.isna(target) else str(target), y)
                scope = say("of-all") if kind == "all" else say("of-kind", kind=kind, target=target)
                text = limit_in_words(str(on), low, high, limit=name, scope=scope, year=y)
                s.add_row("limit", text, terms, lower=low - given, upper=high - given)

    def _limited(
        self, on: str, kind: str, target: str | None, year: int
    ) -> tuple[list[tuple[int, float]], float]:
        """Return what a limit counts: terms of the decision, and what running support adds."""
        s = self.s
        if on == "new_chains":
            chains = [c for c in dict.fromkeys(s.owner.values()) if self._chain_in(c, kind, target)]
            return [(s.chain[c, year], 1.0) for c in chains], 0.0
        names = [m for m in self._choosable() if self._measure_in(m, kind, target)]
        if on == "measures":
            return [(s.start[m, year], 1.0) for m in names], 0.0
        given = 0.0
        for m, (units, start) in s.running.items():
            if self._measure_in(m, kind, target) and 0 <= year - start < len(COSTS):
                given += units * float(self.measures[m][COSTS[year - start]])
        return list(self._cost_terms(year, names).items()), given

    def _measure_in(self, measure: str, kind: str, target: str | None) -> bool:
        m = self.measures[measure]
        if kind == "measure_kind":
            return bool(m["kind"] == target)
        if kind == "all":
            return True
        return isinstance(m["chain"], str) and self._chain_in(m["chain"], kind, target)

    def _chain_in(self, chain: str, kind: str, target: str | None) -> bool:
        if kind in ("cluster", "region"):
            return bool(self.chains[chain][kind] == target)
        if kind == "enterprise":
            return target in self.owners.get(chain, ())
        return kind == "all" or chain == target
