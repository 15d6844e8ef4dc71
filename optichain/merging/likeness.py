"""Names that may mean the same: spelt a little differently, or with another legal form."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import scipy.sparse as sp

__all__ = ["essence", "likely_pairs"]

CLOSE: Final = 0.75
"""Dice coefficient of two names' pairs of signs from which they are shown to somebody."""
CHUNK: Final = 500
"""Names that are compared with all others at once."""
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

    Notes
    -----
    Of two names the Dice coefficient 2 |A and B| / (|A| + |B|), A and B being their sets of pairs of neighbouring signs.
    """
    listed = list(dict.fromkeys(names))
    grams = [_pairs_of_signs(essence(name)) for name in listed]
    place = {gram: k for k, gram in enumerate(dict.fromkeys(gram for mine in grams for gram in mine))}
    size = np.array([len(mine) for mine in grams], dtype=np.int64)
    which = np.array([place[gram] for mine in grams for gram in mine], dtype=np.int64)
    owner = np.repeat(np.arange(len(listed)), size)
    has: Any = sp.csr_matrix(
        (np.ones(len(which), dtype=np.int32), (owner, which)), shape=(len(listed), len(place))
    )
    found = []
    for start in range(0, len(listed), CHUNK):
        shared = (has[start : start + CHUNK] @ has.T).tocoo()
        first, second = shared.row + start, shared.col
        likeness = 2.0 * shared.data / (size[first] + size[second])
        for k in np.flatnonzero((likeness >= CLOSE) & (first < second)).tolist():
            one, other = listed[first[k]], listed[second[k]]
            if _numbers(one) == _numbers(other):
                found.append((one, other, round(float(likeness[k]), 3)))
    return sorted(found, key=lambda pair: (-pair[2], pair[0], pair[1]))


def _pairs_of_signs(text: str) -> list[str]:
    """Return the different pairs of neighbouring signs; of a single sign, the sign."""
    return list(dict.fromkeys(text[k : k + 2] for k in range(len(text) - 1))) or [text]


def _numbers(name: str) -> list[str]:
    return re.findall(r"\d+", unicodedata.normalize("NFKC", name))
