"""Text that any document may hold."""

from __future__ import annotations

import re

__all__ = ["printable"]

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def printable(text: str) -> str:
    """Replace characters that no document may hold; a subclass of str stays what it is."""
    if _CONTROL.search(text) is None:
        return text
    return type(text)(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", text))
