"""The colours of pictures: by name, so that a page decides what they are, or as fixed values for a file of its own."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FIXED", "PAGE", "Palette"]


@dataclass(frozen=True)
class Palette:
    """Colours by their role: text, what is less important, lines, before, the plan, what is lost; and what is behind."""

    ink: str
    quiet: str
    line: str
    before: str
    accent: str
    alert: str
    paper: str


FIXED = Palette(
    ink="#1d2429",
    quiet="#5d676e",
    line="#c9cfd3",
    before="#b9c2c8",
    accent="#0b6474",
    alert="#a8371a",
    paper="#ffffff",
)
PAGE = Palette(
    ink="var(--ink)",
    quiet="var(--quiet)",
    line="var(--line)",
    before="var(--before)",
    accent="var(--accent)",
    alert="var(--alert)",
    paper="var(--paper)",
)
