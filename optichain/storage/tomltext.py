"""TOML that people write, with the reason why it cannot be read."""

from __future__ import annotations

import re
import tomllib
from typing import Any, Final

__all__ = ["BadToml", "parse_toml"]

_PARTS: Final = 100
_LONG_KEY: Final = re.compile(
    # from the start of a word only: from each of its signs, the time would grow with the square of its length
    rf"""(?<![A-Za-z0-9_-])(?:(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){{{_PARTS}}}"""
)


class BadToml(Exception):  # noqa: N818
    """A text is no TOML that can be used; the text says why."""


def parse_toml(text: str) -> dict[str, Any]:
    """Return what a text says.

    Raises
    ------
    BadToml
        It is no TOML, is nested too deeply, or has a key of a hundred parts: the time to read one grows with their
        square.
    """
    if _LONG_KEY.search(text):
        raise BadToml(f"a key has more than {_PARTS} parts")
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except RecursionError:
        raise BadToml("it is nested too deeply") from None
    except (ValueError, OverflowError) as error:
        many = "digits" in str(error) and "limit" in str(error)
        raise BadToml("a whole number has thousands of digits" if many else str(error)) from None
