"""Ready-made events: an export control, a closed port, a flooded region, a withdrawn licence (3.3).

Each names what it needs and turns into hits on elements of the network; nothing of it is written into the
instance. An event that should count every year belongs in the tables ``events`` and ``hits``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from optichain.errors import UsageError
from optichain.nearest import nearest_clause
from optichain.network import ELEMENT_KINDS, Network
from optichain.risk.events import Event, Hit

__all__ = ["TEMPLATES", "Template", "event_from_template", "parse_template"]


@dataclass(frozen=True)
class Template:
    """A kind of event with parameters.

    Attributes
    ----------
    needs : tuple of str
        Parameters that must be given; ``duration``, ``loss`` and ``probability`` always may be.
    help : str
        What it does, in one sentence.
    make : callable of (network, parameters)
        Returns (title, elements, whether it lasts for the whole horizon unless said otherwise).
    """

    needs: tuple[str, ...]
    help: str
    make: Callable[[Network, Mapping[str, str]], tuple[str, list[int], bool]]


def _named(network: Network, kind: str, name: str) -> int:
    number = network.element(kind, name)
    if number < 0:
        known = [str(n) for n in network.element_name[network.element_kind == ELEMENT_KINDS.index(kind)]]
        raise UsageError(f"no {kind} {name!r} stops anything in this instance{nearest_clause(name, known)}")
    return number


def _export_control(network: Network, given: Mapping[str, str]) -> tuple[str, list[int], bool]:
    """Stop all sources of an item in a country."""
    country, item = given["country"], given["item"]
    _named(network, "country", country)
    _named(network, "item", item)
    sources = network.instance["sources"]
    sites = network.instance["sites"].set_index("site")["country"]
    mine = (sources["item"] == item).to_numpy(bool) & (sources["site"].map(sites) == country).to_numpy(bool)
    elements = [network.element("source", str(s)) for s in sources.loc[mine, "source"]]
    elements = [e for e in elements if e >= 0]
    if not elements:
        raise UsageError(
            f"no source of {item!r} stands in {country!r}: an export control there stops nothing"
        )
    return f"Export control of {country} on {item}", elements, True


def _port_closed(network: Network, given: Mapping[str, str]) -> tuple[str, list[int], bool]:
    """Stop a port: a site that handles, or a group of things that share a port."""
    name = given["port"]
    kinds = [kind for kind in ("site", "group") if network.element(kind, name) >= 0]
    return f"Port {name} closed", [_named(network, kinds[0] if kinds else "site", name)], False


def _region_flooded(network: Network, given: Mapping[str, str]) -> tuple[str, list[int], bool]:
    """Stop everything in a region."""
    return f"Region {given['region']} flooded", [_named(network, "region", given["region"])], False


def _licence_withdrawn(network: Network, given: Mapping[str, str]) -> tuple[str, list[int], bool]:
    """Stop everything that carries the label of a licence."""
    return f"Licence {given['licence']} withdrawn", [_named(network, "group", given["licence"])], True


TEMPLATES: Final[dict[str, Template]] = {
    "export-control": Template(
        ("country", "item"), "all sources of an item in a country stop for the whole horizon", _export_control
    ),
    "port-closed": Template(
        ("port",), "a site that handles, or a group, stops for its recovery time", _port_closed
    ),
    "region-flooded": Template(
        ("region",), "everything in a region stops for its recovery time", _region_flooded
    ),
    "licence-withdrawn": Template(
        ("licence",), "everything with the label of a licence stops for the whole horizon", _licence_withdrawn
    ),
}
NUMBERS: Final = ("duration", "loss", "probability")


def parse_template(text: str) -> tuple[str, dict[str, str]]:
    """Read ``NAME:KEY=VALUE,KEY=VALUE``.

    Raises
    ------
    UsageError
        It is not of that form.

    Examples
    --------
    >>> parse_template("export-control:country=JP,item=resist,duration=26")
    ('export-control', {'country': 'JP', 'item': 'resist', 'duration': '26'})
    """
    name, _, rest = text.partition(":")
    given: dict[str, str] = {}
    for part in rest.split(",") if rest else ():
        key, equals, value = part.partition("=")
        if not equals or not key.strip() or not value.strip():
            raise UsageError(f"{text!r}: expected NAME:KEY=VALUE,KEY=VALUE, found {part!r}")
        if key.strip() in given:
            raise UsageError(f"{text!r}: {key.strip()} is given twice")
        given[key.strip()] = value.strip()
    return name.strip(), given


def event_from_template(network: Network, name: str, given: Mapping[str, str | float]) -> Event:
    """Return the event of a template.

    Parameters
    ----------
    network : Network
    name : str
        One of `TEMPLATES`.
    given : mapping
        What the template needs; ``duration`` (time units), ``loss`` (1) and ``probability`` (a year, 0) optional.

    Raises
    ------
    UsageError
        An unknown template, a parameter that is missing, unknown or out of range, or a target that is not there.
    """
    if name not in TEMPLATES:
        raise UsageError(f"unknown template {name!r}: expected one of {', '.join(TEMPLATES)}")
    template = TEMPLATES[name]
    texts = {key: str(value) for key, value in given.items()}
    missing = [key for key in template.needs if key not in texts]
    unknown = [key for key in texts if key not in (*template.needs, *NUMBERS)]
    if missing or unknown:
        wanted = ", ".join([*template.needs, *(f"{key}?" for key in NUMBERS)])
        wrong = f"{missing[0]} is missing" if missing else f"{unknown[0]!r} is unknown"
        raise UsageError(f"template {name}: {wrong}; it takes {wanted}")
    title, elements, lasting = template.make(network, texts)
    number = {key: _number(name, key, texts[key]) for key in NUMBERS if key in texts}
    duration = number.get("duration", network.horizon if lasting else math.nan)
    hits = tuple(Hit(e, number.get("loss", 1.0), duration) for e in elements)
    label = ",".join(texts[key] for key in template.needs)
    return Event(f"{name}:{label}", title, number.get("probability", 0.0), hits)


def _number(template: str, key: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    most = math.inf if key == "duration" else 1.0
    if not (np.isfinite(value) and 0.0 <= value <= most):
        span = "a number that is not negative" if key == "duration" else "a number from 0 to 1"
        raise UsageError(f"template {template}: {key} must be {span}, got {text!r}")
    return value
