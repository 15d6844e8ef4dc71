"""Warnings and assumptions about the tables of an instance in words."""

from __future__ import annotations

from typing import Final

__all__ = ["REMARKS"]

REMARKS: Final[dict[str, str]] = {
    # warnings that the tables alone show
    "unused-item": "the item {item!r} is neither demanded nor an input of anything",
    "unused-site": "the site {site!r} has no sources and no lanes",
    "idle-lane": "the lane {lane!r} ends at the site where it begins",
    "chain-without-demand": "the chain {chain!r} has no demand, so its weight is 0",
    "chain-without-measures": "the chain {chain!r} has no measures",
    "owner-without-sites": "the chain owner {enterprise!r} has no sites",
    "measure-without-effects": "the measure {measure!r} has no effects",
    "policy-without-measures": "the policy {policy!r} has no measures",
    "event-without-hits": "the event {event!r} has no hits, so nothing happens in it",
    "needless-amount": "found {amount:g}, but {effect} has no use for an amount: it changes nothing",
    "nothing-to-switch": "found switch of {target!r}, where nothing is qualified or potential",
    "partial-loss-of-unlimited": (
        "found a loss of {loss:g}, but {name!r} is unlimited, and stays so at any loss below 1"
    ),
    "partial-hardening-of-unlimited": (
        "found harden by {amount:g}, but {name!r} is unlimited: any hardening saves it all"
    ),
    "more-of-this-kind": "{count} more faults of this kind are not listed",
    # warnings that the compiled network shows
    "unserved-demand": "only {served:.6g} of {wanted:.6g} per {unit} can be served even undisturbed",
    "demand-not-tested": (
        "whether {count} of the demands can be served was not tested: their network is too large"
    ),
    "idle-hit": "a hit of the {kind} {target!r} reaches no activity: it changes nothing",
    "idle-protection": "{effect} of {target!r} reaches no activity: it changes nothing",
    "mostly-without-annual-probability": (
        "{count} of the {sites} sites that chain {chain!r} depends on have no annual_probability of their own"
    ),
    "mostly-without-recovery-time": (
        "{count} of the {sites} sites that chain {chain!r} depends on have no recovery_time of their own"
    ),
    # assumptions
    "estimated-capacity": (
        "the capacity of {source!r} is not known: {capacity:.6g} per {unit} is assumed ({basis} x {factor:g})"
    ),
    "defaulted-recovery-time": (
        "the recovery_time of {kind} {name!r} is not known: {value:g} ({unit}) is assumed"
    ),
    "defaulted-annual-probability": (
        "the annual_probability of {kind} {name!r} is not known: {value:g} a year is assumed"
    ),
    "group-without-event": (
        "group {group!r} has neither a probability nor a recovery time: its common failure is not tested"
    ),
    "unknown-own-ip": (
        "whether {source!r} is own intellectual property is not known: the low end of autonomy counts it as not"
    ),
    "not-mapped": "the suppliers of {item!r} are not known: nothing upstream of it is tested",
    "guessed": "{key!r} is guessed (grade C)",
    "guessed-by": "{key!r} is guessed by {who} (grade C)",
    "guessed-because": "{key!r} is guessed: {note}",
    "guessed-by-because": "{key!r} is guessed by {who}: {note}",
    "contradicted": "{key!r} is contradicted: {conflict}",
}
