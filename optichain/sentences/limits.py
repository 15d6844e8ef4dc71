"""A limit in words: at least, at most, between, or open."""

from __future__ import annotations

import math

from optichain.sentences.sentence import Sentence, say

__all__ = ["limit_in_words"]


def limit_in_words(on: str, low: float, high: float, **of: object) -> Sentence:
    """Return a limit in words, with the ends that it has.

    Parameters
    ----------
    on : str
        What is limited: ``spend``, ``new_chains`` or ``measures``.
    low, high : float
        Money, or how many; infinite where there is no such end.
    **of : object
        The other fields of the sentence.
    """
    ends = {"least": low} if math.isfinite(low) else {}
    ends |= {"most": high} if math.isfinite(high) else {}
    codes = {(): "open", ("least",): "at-least", ("most",): "at-most", ("least", "most"): "between"}
    code = f"limit-{codes[tuple(ends)]}"
    return say(f"money-{code}", **of, **ends) if on == "spend" else say(code, on=on, **of, **ends)
