"""Rules of the first stage in words (3.4)."""

from __future__ import annotations

from typing import Final

__all__ = ["RULES"]

RULES: Final[dict[str, str]] = {
    # what a decision is
    "one-start": "measure {measure} starts at most once",
    "units-at-most": "measure {measure} has at most {most:g} units",
    "units-when-it-starts": "measure {measure} has at least one unit when it starts",
    "fewer-units": "fewer than {units:g} units of {measure}, where that is said",
    "more-units": "more than {units:g} units of {measure}, where that is said",
    "kept-as-announced": "measure {measure} is kept as announced only with {units:g} units",
    "measure-held": "{measure} is in",
    "policy-held": "{policy} is in",
    # one chain, one policy
    "starts-with-its-chain": "measure {measure} starts in the year in which chain {chain} is taken into support",
    "one-policy": "chain {chain} is taken into support once: all its measures start in one year",
    "chain-buys": "chain {chain} buys at least one measure when it is taken into support",
    "catalogue": "chain {chain} takes exactly one policy of its catalogue ({policies}) or none",
    "only-in-its-policy": "measure {measure} is chosen only as part of the policy that chain {chain} takes",
    "units-of-its-policy": "measure {measure} has the units that the policy of chain {chain} gives it",
    "one-claimed-policy": "chain {chain} takes exactly one of its claimed policies or none",
    "taken-in-once": "chain {chain} is taken into support once",
    # money and quotas
    "money-at-hand": "money at hand in {year}",
    "spending": "spending in {year} stays within the money at hand",
    "spending-of-budget": "spending in {year} stays within the money at hand (budget {budget:g})",
    "spending-beside-commitments": (
        "spending in {year} stays within the money at hand (budget {budget:g}, commitments {committed:g})"
    ),
    "intake-between": "between {least} and {most:g} chains are taken into support in {year}",
    "intake-at-least": "at least {least} chains are taken into support in {year}",
    "support-at-least": "chain {chain} in support from {start}: its amount in {year} is at least {least:g}",
    "support-at-most": "chain {chain} in support from {start}: its amount in {year} is at most {most:g}",
    "limit-at-least": "limit {limit}: {on} of {scope} in {year} at least {least:g}",
    "limit-at-most": "limit {limit}: {on} of {scope} in {year} at most {most:g}",
    "limit-between": "limit {limit}: {on} of {scope} in {year} at least {least:g} and at most {most:g}",
    "limit-open": "limit {limit}: {on} of {scope} in {year}, without a number",
    "money-limit-at-least": "limit {limit}: spend of {scope} in {year} at least {least:g}",
    "money-limit-at-most": "limit {limit}: spend of {scope} in {year} at most {most:g}",
    "money-limit-between": "limit {limit}: spend of {scope} in {year} at least {least:g} and at most {most:g}",
    "money-limit-open": "limit {limit}: spend of {scope} in {year}, without a number",
    "of-all": "all",
    "of-kind": "{kind} {target}",
    # measures
    "requires": "measure {measure} requires {other}, chosen too and started no later",
    "excludes": "measures {measure} and {other} exclude each other",
    "required": "measure {measure} must start within the planning years",
    "asked-for": "measure {measure} was asked for",
    "asked-for-with-units": "measure {measure} was asked for with {units:g} units",
    "ruled-out": "measure {measure} was ruled out",
    "row-of-the-user": "row {number} of the user: {sense} {right:g}",
    # what the network with the plan has to reach
    "acc-at-least": "ACC, the mean over the years that count, is at least {least:g}",
    "autonomy-at-least": "autonomy of {chains} is at least {least:g} with the plan in full effect",
    "autonomy-not-with-these": "autonomy is at least {least:g}; these measures together leave {left}",
    "autonomy-of": "{chain} {autonomy:.6g}",
    "spof-cleared": "single point of failure {spof} is cleared: one of {measures} starts",
    "spof-cleared-if": (
        "single point of failure {spof} is cleared: one of {measures} starts, if {condition} start"
    ),
    "spof-not-cleared": (
        "single point of failure {spof} is cleared: no measure does it: name it as an exception, or propose one"
    ),
    "spof-not-cleared-if": (
        "single point of failure {spof} is cleared: no measure does it: name it as an exception, or propose one, "
        "if {condition} start"
    ),
    "spof": "{kind}:{element} of {demand}",
}
