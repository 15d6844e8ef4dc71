"""Names that may mean the same: spelt a little differently, or with another legal form."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import Final

__all__ = ["essence", "likely_pairs"]

CLOSE: Final = 0.75
"""Dice coefficient of two names' pairs of signs from which they are shown to somebody."""
_FORMS: Final = re.compile(
    r"\b(co|company|corp|corporation|inc|ltd|limited|llc|plc|gmbh|ag|sa|kk|group|holdings?)\b"
    r"|股份有限公司|有限责任公司|有限公司|股份公司|集团|公司|工厂"
)


def essence(name: str) -> str:
    """Return a name without its legal form, punctuation, spaces, capitals and full-width forms.

    Examples
    --------
    >>> essence("Nanhai Pump Co., Ltd."), essence("南海泵业（集团）有限公司")
    ('nanhaipump', '南海泵业')
    """
    text = unicodedata.normalize("NFKC", name).casefold()
    return "".join(sign for sign in _FORMS.sub(" ", text) if sign.isalnum()) or text


def likely_pairs(names: Iterable[str]) -> list[tuple[str, str, float]]:
    """Return pairs of different names that are close, the closest first.

    Names whose numbers differ (``Plant 1``, ``Plant 2``) are meant to be different.

    Examples
    --------
    >>> likely_pairs(["River Castings Ltd", "River Casting", "Hill Castings", "Mill 1", "Mill 2"])
    [('River Castings Ltd', 'River Casting', 0.957)]
    """
    listed = list(dict.fromkeys(names))
    grams = [_pairs_of_signs(essence(name)) for name in listed]
    numbers = [re.findall(r"\d+", unicodedata.normalize("NFKC", name)) for name in listed]
    holders: dict[str, list[int]] = {}
    found = []
    for k, mine in enumerate(grams):
        shared: Counter[int] = Counter()
        for gram, count in mine.items():
            for other in holders.get(gram, ()):
                shared[other] += min(count, grams[other][gram])
            holders.setdefault(gram, []).append(k)
        for other, common in shared.items():
            likeness = 2.0 * common / (mine.total() + grams[other].total())
            if likeness >= CLOSE and numbers[other] == numbers[k]:
                found.append((listed[other], listed[k], round(likeness, 3)))
    return sorted(found, key=lambda pair: (-pair[2], pair[0], pair[1]))


def _pairs_of_signs(text: str) -> Counter[str]:
    """Return how often each pair of neighbouring signs occurs; of a single sign, the sign."""
    return Counter(text[k : k + 2] for k in range(len(text) - 1)) or Counter([text])
