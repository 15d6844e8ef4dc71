"""What things are called in the language of the report."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from optichain_reports.model import Named

if TYPE_CHECKING:
    from optichain.instance.model import Instance
    from optichain.instance.settings import Settings

__all__ = ["Titles", "text_or_none"]

TITLED = ("chain", "item", "site", "measure", "policy", "event")
TURNING = frozenset({"R", "AL", "RLE", "RLO", "LRE", "LRO", "RLI", "LRI", "FSI"})
PLURALS = {"policy": "policies"}


def text_or_none(value: object) -> str | None:
    """Return a cell as text, ``None`` where it is blank."""
    return value if isinstance(value, str) and value != "" else None


def _apart(title: str) -> str:
    """Keep a title that is written from right to left, or forces a direction, from turning what stands beside it."""
    if any(unicodedata.bidirectional(letter) in TURNING for letter in title):
        return f"\N{FIRST STRONG ISOLATE}{title}\N{POP DIRECTIONAL ISOLATE}"
    return title


class Titles:
    """Titles of everything in an instance: the Chinese one where asked for and given, else the plain one.

    Parameters
    ----------
    instance : Instance
    language : {"en", "zh"}
    """

    def __init__(self, instance: Instance, language: str) -> None:
        self._known: dict[tuple[str, str], str] = {}
        wanted = ("title_zh", "title") if language == "zh" else ("title",)
        for kind in TITLED:
            frame = instance[PLURALS.get(kind, f"{kind}s")]
            self._add([kind] * len(frame), frame[kind], [frame[c] for c in wanted if c in frame])
        elements = instance["elements"]
        self._add(elements["kind"], elements["target"], [elements[c] for c in wanted])
        comma = "，" if language == "zh" else ", "
        for name, item, site in instance["sources"][["source", "item", "site"]].itertuples(index=False):
            self._known["source", name] = (
                f"{_apart(self.of('item', item))}{comma}{_apart(self.of('site', site))}"
            )
        columns = ["lane", "item", "from_site", "to_site"]
        for name, item, start, end in instance["lanes"][columns].itertuples(index=False):
            way = f"{_apart(self.of('site', start))} → {_apart(self.of('site', end))}"
            self._known["lane", name] = f"{_apart(self.of('item', item))}{comma}{way}"

    def _add(self, kinds: object, names: object, columns: list[object]) -> None:
        for kind, name, *titles in zip(kinds, names, *columns, strict=True):  # type: ignore[call-overload]
            title = next((t for t in titles if text_or_none(t)), None)
            if title is not None:
                self._known[kind, name] = title

    @staticmethod
    def whole(settings: Settings, language: str) -> str:
        """Return the title of the instance: the Chinese one where asked for and given, its name where it has none."""
        return (language == "zh" and settings.title_zh) or settings.title or settings.name

    def of(self, kind: str, name: str) -> str:
        """Return the title of something, its name where it has none."""
        if kind == "link" and ">" in name:
            made, used = name.split(">", 1)
            return f"{_apart(self.of('item', used))} → {_apart(self.of('item', made))}"
        return self._known.get((kind, name), name)

    def named(self, kind: str, name: str) -> Named:
        """Return kind, name and title together."""
        return Named(kind, name, self.of(kind, name))

    def event(self, name: str, *, tabled: bool) -> Named:
        """Return an event: one of the table by its title, a generated one by that of what fails."""
        if tabled:
            return self.named("event", name)
        kind, _, target = name.partition(":")
        return Named(kind, name, self.of(kind, target))
