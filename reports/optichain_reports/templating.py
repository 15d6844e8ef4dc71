"""The templates of the reports: everything that is filled in is escaped, and nothing may be missing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from jinja2 import BaseLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from optichain_reports.wording.printable import printable

__all__ = ["asset", "configured", "environment", "fixed_style", "name", "own_templates"]


@cache
def environment() -> Environment:
    """Return where our templates are found and how they are filled in."""
    return configured(Environment, own_templates())


def own_templates() -> BaseLoader:
    """Return where the templates of the package are."""
    return PackageLoader("optichain_reports")


def configured(kind: type[Environment], loader: BaseLoader) -> Environment:
    """Return an environment as every template of a report expects it."""
    made = kind(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    made.filters["name"] = name
    made.filters["names"] = _names
    return made


def asset(templates: Environment, file: str) -> Markup:
    """Return a file of our own that goes into a page as it is."""
    if templates.loader is None:
        raise LookupError("an environment without a loader has no files")
    return Markup(templates.loader.get_source(templates, file)[0].strip())


def fixed_style(templates: Environment, font: str) -> Markup:
    """Return the style of network pictures with the colours of paper in place of their names, in a font."""
    sheet = asset(templates, "report.css")
    light = sheet[: sheet.index("@media")]
    values = dict(re.findall(r"(--[\w-]+):\s*([^;]+);", light))
    style = re.sub(r"var\((--[\w-]+)\)", lambda found: values[found[1]], asset(templates, "network.css"))
    return Markup(style + f"\ntext {{ font-family: {font}; font-size: 11.5px; }}")


def name(named: Any) -> Markup:
    """Return the title of a thing, kept apart from the writing direction around it, with its name on hover."""
    if isinstance(named, str):
        return Markup("<bdi>{}</bdi>").format(named)
    if named.title == named.name:
        return Markup("<bdi>{}</bdi>").format(named.title)
    return Markup('<bdi title="{}">{}</bdi>').format(named.name, named.title)


def _names(things: Iterable[Any], comma: str) -> Markup:
    return Markup(comma).join(name(thing) for thing in things)


def _finalize(value: Any) -> Any:
    return printable(value) if isinstance(value, str) else value
