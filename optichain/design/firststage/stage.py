"""The first stage of reinforcement (3.4): what may be decided, as columns and named rows.

The same rows serve the integer programme, which obeys them, and the evaluation of a given list, which
names those that it breaks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from optichain.sentences import Sentence

__all__ = ["Column", "FirstStage", "Row", "size_of"]

Floats = npt.NDArray[np.float64]
Key = tuple[str, ...]

NEAR = 1e-6
"""How far decisions from elsewhere may be from whole numbers and from their limits."""
SMALL = 1e-3
"""Numbers all below this are counted in a smaller unit."""


@dataclass(frozen=True, slots=True)
class Column:
    """A decision: its name for people, its bounds, whether it is whole, and in what a solver counts it (`size_of`)."""

    name: str
    lower: float
    upper: float
    integer: bool
    size: float = 1.0


def size_of(numbers: Iterable[float]) -> float:
    """Return what counts as one among some numbers: 1, or a power of two near the largest where all are small.

    Tolerances of a solver are absolute, so that amounts of money, in whatever unit, must not come near them.

    Examples
    --------
    >>> size_of([0.0, 2.0, 120.0]), size_of([0.000001, 0.00002])
    (1.0, 1.52587890625e-05)
    """
    largest = max((abs(number) for number in numbers), default=0.0)
    return 1.0 if largest == 0.0 or largest >= SMALL else 2.0 ** round(math.log2(largest))


@dataclass(frozen=True, slots=True)
class Row:
    """A rule ``lower <= sum coefficient * column <= upper`` with a name for people.

    Attributes
    ----------
    rule : str
        Short name of the kind of rule, such as ``budget`` or ``requires``.
    message : str
        The rule in words, with the names and numbers that it is about.
    coefficients : dict of int to float
        By column.
    size : float
        What counts as one in it, of `size_of`: tolerances are relative to it, and solvers get the row divided by it.
    """

    rule: str
    message: Sentence
    coefficients: Mapping[int, float]
    lower: float
    upper: float
    size: float = 1.0

    def value(self, values: Floats | list[float]) -> float:
        """Return the left-hand side at a point."""
        return math.fsum(
            coefficient * float(values[column]) for column, coefficient in self.coefficients.items()
        )

    def broken(self, values: Floats | list[float], *, tolerance: float = 1e-6) -> bool:
        """Tell whether a point breaks the rule, by more than a tolerance relative to its size."""
        value = self.value(values)
        sizes = [abs(c * float(values[i])) for i, c in self.coefficients.items()]
        bounds = [abs(b) for b in (self.lower, self.upper) if math.isfinite(b)]
        slack = tolerance * max([self.size, *sizes, *bounds])
        return value < self.lower - slack or value > self.upper + slack


@dataclass(eq=False)
class FirstStage:
    """Columns and rows of the first stage, and where each decision is found.

    Attributes
    ----------
    years : tuple of int
        Planning years, in which support may start.
    money_years : tuple of int
        Planning years and the two tail years, in which costs fall.
    columns, rows : list
    start : dict of (measure, year) to column
        1 when the measure starts in the year.
    units : dict of (measure, year) to column
        Units bought; the column of `start` for a measure of at most one unit.
    chain : dict of (chain, year) to column
        1 when the chain is taken into support in the year.
    policy : dict of (policy, year) to column
        1 when a chain takes that policy of its catalogue.
    have : dict of year to column
        Money at hand in the year.
    committed : dict of year to float
        Costs of running support.
    spend : dict of year to dict of column to float
        What the year's spending is made of, commitments not included.
    running : dict of measure to (units, start year)
    owner : dict of measure to chain
        Without shared measures.
    policy_chain : dict of policy to chain
    budget : dict of year to float
    carry_over : float
        Share of unspent money usable next year.
    money_size : float
        What counts as one in money, of `size_of`.
    kept : dict of measure to (column, units column, units)
        Measures that were announced: the column is 1 when as many units start as announced.
    """

    years: tuple[int, ...]
    money_years: tuple[int, ...]
    columns: list[Column] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    start: dict[tuple[str, int], int] = field(default_factory=dict)
    units: dict[tuple[str, int], int] = field(default_factory=dict)
    chain: dict[tuple[str, int], int] = field(default_factory=dict)
    policy: dict[tuple[str, int], int] = field(default_factory=dict)
    have: dict[int, int] = field(default_factory=dict)
    committed: dict[int, float] = field(default_factory=dict)
    spend: dict[int, dict[int, float]] = field(default_factory=dict)
    running: dict[str, tuple[float, int]] = field(default_factory=dict)
    owner: dict[str, str] = field(default_factory=dict)
    policy_chain: dict[str, str] = field(default_factory=dict)
    budget: dict[int, float] = field(default_factory=dict)
    carry_over: float = 0.0
    money_size: float = 1.0
    kept: dict[str, tuple[int, int, float]] = field(default_factory=dict)

    def add_column(
        self, name: str, upper: float, *, integer: bool = True, lower: float = 0.0, size: float = 1.0
    ) -> int:
        """Add a column and return its number."""
        self.columns.append(Column(name, lower, upper, integer, size))
        return len(self.columns) - 1

    def add_row(
        self,
        rule: str,
        message: Sentence,
        coefficients: Mapping[int, float] | Iterable[tuple[int, float]],
        *,
        lower: float = -math.inf,
        upper: float = math.inf,
        size: float | None = None,
    ) -> None:
        """Add a rule; coefficients of a column that occurs twice add up, and tell its size unless it is given."""
        total: dict[int, float] = {}
        pairs = coefficients.items() if isinstance(coefficients, Mapping) else coefficients
        for column, value in pairs:
            total[column] = total.get(column, 0.0) + value
        self.rows.append(
            Row(rule, message, total, lower, upper, size_of(total.values()) if size is None else size)
        )

    def obeys(self, values: Floats) -> bool:
        """Tell whether values are decisions that keep to their limits and to all rules, but for rounding.

        Parameters
        ----------
        values : ndarray
            From anywhere: of another shape, or not finite, they are none.
        """
        if values.shape != (len(self.columns),) or not np.all(np.isfinite(values)):
            return False
        inside = all(
            column.lower - NEAR <= value <= column.upper + NEAR
            and not (column.integer and abs(value - round(value)) > NEAR)
            for value, column in zip(values.tolist(), self.columns, strict=True)
        )
        return inside and not any(row.broken(values) for row in self.rows)

    def completed(self, values: Floats, policies: Mapping[str, str]) -> Floats:
        """Fill in what follows from the measures that start.

        Parameters
        ----------
        values : ndarray, shape (columns,)
            With the columns of `start` and `units` set.
        policies : mapping of chain to policy
            For chains with a catalogue.

        Returns
        -------
        ndarray, shape (columns,)
            Chains count as taken in in every year in which a measure of theirs starts; the money at hand
            follows from the spending.
        """
        result = values.copy()
        given = values.tolist()
        for (measure, year), column in self.start.items():
            if given[column] > 0.0 and measure in self.owner:
                result[self.chain[self.owner[measure], year]] = 1.0
        for (policy, year), column in self.policy.items():
            chain = self.policy_chain[policy]
            result[column] = float(policies.get(chain) == policy and result[self.chain[chain, year]] > 0.0)
        for column, counted, units in self.kept.values():
            result[column] = float(result[counted] == units)
        return self.with_money(result)

    def with_money(self, values: Floats) -> Floats:
        """Return a point with the money at hand that follows from its spending, shape (columns,)."""
        result, at_hand = values.copy(), 0.0
        for place, year in enumerate(self.money_years):
            spent = self.spent(result, self.money_years[place - 1]) if place else 0.0
            at_hand = self.budget[year] + self.carry_over * (at_hand - spent)
            result[self.have[year]] = at_hand
        return result

    def spent(self, values: Floats, year: int) -> float:
        """Return what is spent in a year at a point, commitments included."""
        costs = self.spend[year]
        some = np.flatnonzero(values)
        terms = zip(some.tolist(), values[some].tolist(), strict=True)
        return self.committed[year] + math.fsum(costs[i] * v for i, v in terms if i in costs)

    def charges(self, cost: Sequence[float]) -> dict[int, float]:
        """Return what money spent besides the columns adds to each rule on money, by number of the row.

        Parameters
        ----------
        cost : sequence of float, shape (money years,)
        """
        # the rules of a year stand in pairs: what is at hand, and that no more is spent
        numbers = [i for i, row in enumerate(self.rows) if row.rule == "budget"]
        terms: dict[int, float] = {}
        for place, money in enumerate(cost):
            if money:
                terms[numbers[2 * place + 1]] = money
                if place + 1 < len(cost) and self.carry_over:
                    terms[numbers[2 * place + 2]] = self.carry_over * money
        return terms

    def charged(self, cost: Sequence[float]) -> FirstStage:
        """Return the same decisions with more of the money spent besides them, shape (money years,)."""
        rows = list(self.rows)
        for number, value in self.charges(cost).items():
            row = rows[number]
            rows[number] = replace(row, lower=row.lower - value, upper=row.upper - value)
        committed = {y: self.committed[y] + money for y, money in zip(self.money_years, cost, strict=True)}
        return replace(self, rows=rows, columns=list(self.columns), committed=committed)

    def cost_of_columns(self) -> Floats:
        """Return what a unit of each column costs over all years, shape (columns,)."""
        cost = np.zeros(len(self.columns))
        for terms in self.spend.values():
            for column, money in terms.items():
                cost[column] += money
        return cost
