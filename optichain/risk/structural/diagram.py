"""Binary decision diagrams of failure, for exact probabilities (Bryant 1986, doi 10.1109/TC.1986.1676819).

Only what failures need: conjunction and disjunction of functions that never turn false when more fails.
Nodes are numbered so that a node comes after what it points to, and every pass is a loop over numbers.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["FALSE", "TRUE", "Diagram", "DoesNotFit"]

Floats = npt.NDArray[np.float64]

FALSE, TRUE = 0, 1


class DoesNotFit(Exception):  # noqa: N818 - no error: the caller falls back on bounds
    """The diagram would take more nodes than it may."""


class Diagram:
    """A diagram over variables 0 .. n-1, tested in this order; a variable is true where its element has failed.

    Parameters
    ----------
    variables : int
    limit : int
        Nodes at most.
    """

    def __init__(self, variables: int, limit: int) -> None:
        self.variables = variables
        self._limit = limit
        self._variable = [variables, variables]
        self._low = [FALSE, TRUE]
        self._high = [FALSE, TRUE]
        self._node: dict[tuple[int, int, int], int] = {}
        self._conjunctions: dict[tuple[int, int], int] = {}
        self._disjunctions: dict[tuple[int, int], int] = {}

    def __len__(self) -> int:
        return len(self._variable)

    def variable(self, number: int) -> int:
        """Return the function that is true where a variable is."""
        return self._made(number, FALSE, TRUE)

    def all_of(self, functions: list[int]) -> int:
        """Return the conjunction, true where there is none."""
        return self._folded(functions, TRUE, FALSE, self._conjunctions)

    def any_of(self, functions: list[int]) -> int:
        """Return the disjunction, false where there is none."""
        return self._folded(functions, FALSE, TRUE, self._disjunctions)

    def _folded(
        self, functions: list[int], neutral: int, decisive: int, memo: dict[tuple[int, int], int]
    ) -> int:
        """Combine the functions that are tested last first: their parts stay as they are."""
        waiting = sorted(set(functions), key=lambda f: (-self._variable[f], f))
        result = neutral
        for function in waiting:
            result = self._combined(result, function, neutral, decisive, memo)
        return result

    def _made(self, variable: int, low: int, high: int) -> int:
        if low == high:
            return low
        key = (variable, low, high)
        node = self._node.get(key)
        if node is None:
            node = len(self._variable)
            if node >= self._limit:
                raise DoesNotFit
            self._variable.append(variable)
            self._low.append(low)
            self._high.append(high)
            self._node[key] = node
        return node

    def _combined(
        self, one: int, other: int, neutral: int, decisive: int, memo: dict[tuple[int, int], int]
    ) -> int:
        """Combine two functions, with a stack of its own: diagrams are deeper than Python's."""

        def known(f: int, g: int) -> int | None:
            if f == g or g == neutral:
                return f
            if f == neutral:
                return g
            if decisive in (f, g):
                return decisive
            return memo.get((f, g) if f < g else (g, f))

        variable, low, high = self._variable, self._low, self._high
        waiting = [(one, other)]
        while waiting:
            f, g = waiting[-1]
            if known(f, g) is not None:
                waiting.pop()
                continue
            v = min(variable[f], variable[g])
            f_low, f_high = (low[f], high[f]) if variable[f] == v else (f, f)
            g_low, g_high = (low[g], high[g]) if variable[g] == v else (g, g)
            below, above = known(f_low, g_low), known(f_high, g_high)
            if below is None:
                waiting.append((f_low, g_low))
            if above is None:
                waiting.append((f_high, g_high))
            if below is not None and above is not None:
                memo[(f, g) if f < g else (g, f)] = self._made(v, below, above)
                waiting.pop()
        result = known(one, other)
        assert result is not None
        return result

    def probability(self, function: int, chance: Floats) -> float:
        """Return the probability that a function is true.

        Parameters
        ----------
        function : int
        chance : ndarray, shape (variables,)
            Probability that each variable is true, all independent.
        """
        return self._probabilities(function, chance)[function]

    def _probabilities(self, function: int, chance: Floats) -> list[float]:
        true = chance.tolist()
        result = [0.0, 1.0]
        for node in range(2, function + 1):
            q = true[self._variable[node]]
            result.append((1.0 - q) * result[self._low[node]] + q * result[self._high[node]])
        return result

    def birnbaum(self, function: int, chance: Floats) -> Floats:
        """Return P(function | variable true) - P(function | variable false), shape (variables,).

        Notes
        -----
        Birnbaum (1969): the derivative of the probability. One pass up for the probability of each node, one
        down for the probability of passing it.
        """
        value = self._probabilities(function, chance)
        true = chance.tolist()
        passing = [0.0] * (function + 1)
        passing[function] = 1.0
        result = np.zeros(self.variables)
        for node in range(function, 1, -1):
            through = passing[node]
            if through == 0.0:
                continue
            v, low, high = self._variable[node], self._low[node], self._high[node]
            result[v] += through * (value[high] - value[low])
            passing[low] += through * (1.0 - true[v])
            passing[high] += through * true[v]
        return result
