"""Amounts along the bill of materials: what quantities multiply to stays a number that can be computed with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from optichain.graphs import Relation, grouped, strong_parts
from optichain.instance.draft import Draft
from optichain.instance.raw import quoted

__all__ = ["MOST_ALONG", "check"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

MOST_ALONG: Final = 1e100
"""Units of an item for one of another, or the inverse; numbers of a computer end at 1e308, and rates come on top."""
_HINT: Final = "correct the quantities on the way, or count items in other units"


def check(draft: Draft) -> None:
    """Refuse rows of the bill of materials with which amounts become too large, or nothing, along it."""
    items, frame = draft.names("items"), draft.frames["bom"]
    made = np.asarray(items.get_indexer(pd.Index(frame["item"].to_numpy(dtype=object))), dtype=np.int64)
    used = np.asarray(items.get_indexer(pd.Index(frame["input"].to_numpy(dtype=object))), dtype=np.int64)
    quantity = draft.numbers("bom", "quantity")
    good = (made >= 0) & (used >= 0) & (quantity > 0.0) & draft.sound("bom", "item", "input", "quantity")
    rows = np.flatnonzero(good)
    bill = _Bill.of(made[rows], used[rows], len(items))
    for amount, adding, words in (
        (quantity[rows], np.add, f"more than {MOST_ALONG:g}"),
        (1.0 / quantity[rows], np.maximum, f"less than {1.0 / MOST_ALONG:g}"),
    ):
        first = bill.beyond(amount, adding)
        names = {
            rows[link]: (quoted(items[bill.used[link]]), quoted(items[origin]))
            for link, origin in first.items()
        }
        draft.fault(
            "bom",
            sorted(names),
            "quantity",
            "out-of-range",
            lambda k, names=names, words=words: (  # type: ignore[misc]
                f"found {quantity[k]:g}, with which the quantities along the bill of materials multiply to {words} "
                f"of {names[k][0]}, from {names[k][1]} on"
            ),
            _HINT,
        )


@dataclass(frozen=True, eq=False)
class _Bill:
    """Links from what is made to what it uses, and the strongly connected parts (loops) by level."""

    made: Ints
    used: Ints
    part: Ints
    groups: list[Ints]
    outward: Relation
    inward: Relation

    @classmethod
    def of(cls, made: Ints, used: Ints, size: int) -> _Bill:
        part, level = strong_parts(made, used, size)
        links = np.arange(len(made))
        groups = grouped(np.arange(size), level[part])
        return cls(made, used, part, groups, Relation.of(made, links, size), Relation.of(used, links, size))

    def beyond(self, amount: Floats, adding: np.ufunc) -> dict[int, int]:
        """Return the links with which amounts pass the limit, and the item from which each has come so far.

        Parameters
        ----------
        amount : ndarray, shape (links,)
            Of what is used, for one unit of what is made.
        adding : numpy.ufunc
            How the amounts that come by several links are put together.
        """
        total, origin = np.ones(len(self.part)), np.arange(len(self.part))
        found: dict[int, int] = {}

        def settle(members: Ints) -> None:
            """Tell who of these is the first beyond the limit, blame its heaviest link, and begin anew from it."""
            over = members[total[members] > MOST_ALONG]
            if not len(over):
                return
            place, links = self.inward.gather(over)
            weight = amount[links] * total[self.made[links]]
            heaviest = links[np.lexsort((-weight, place))[np.searchsorted(place, np.arange(len(over)))]]
            for link in heaviest.tolist():
                found[link] = int(origin[self.made[link]])
            total[over], origin[over] = 1.0, over

        for members in self.groups:
            settle(members)
            _, links = self.outward.gather(members)
            within = self.part[self.made[links]] == self.part[self.used[links]]
            if within.any():
                self._around(links[within], amount, total, origin, settle)
            onward = links[~within]
            carried = amount[onward] * total[self.made[onward]]
            larger = carried > total[self.used[onward]]
            adding.at(total, self.used[onward], carried)
            origin[self.used[onward[larger]]] = origin[self.made[onward[larger]]]
        return found

    def _around(
        self,
        within: Ints,
        amount: Floats,
        total: Floats,
        origin: Ints,
        settle: Callable[[Ints], None],
    ) -> None:
        """Carry amounts once around loops, from the item of each that most is needed of, in place."""
        members = np.unique(self.made[within])
        order = members[np.lexsort((-total[members], self.part[members]))]
        front = order[np.unique(self.part[order], return_index=True)[1]]
        reached = np.zeros(len(total), dtype=bool)
        reached[front] = True
        while len(front):
            _, links = self.outward.gather(front)
            made, used = self.made[links], self.used[links]
            fresh = (self.part[made] == self.part[used]) & ~reached[used]
            made, used, carried = made[fresh], used[fresh], (amount[links] * total[made])[fresh]
            larger = carried > total[used]
            np.maximum.at(total, used, carried)
            origin[used[larger]] = origin[made[larger]]
            front = np.unique(used)
            reached[front] = True
            settle(front)
