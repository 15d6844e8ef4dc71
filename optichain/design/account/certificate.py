"""The certificate of a plan against the worst case, and what it comes to when it is worked out again (3.5)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from optichain.design.account.account import Account
from optichain.design.account.claim import Claim, same
from optichain.design.aims import Threat
from optichain.design.firststage.underway import support_beside, units_of
from optichain.design.plan import Plan
from optichain.effects import apply_measures
from optichain.risk.events import failing_together
from optichain.risk.flows.engine import ContinuityEngine

if TYPE_CHECKING:
    from optichain.network import Network

__all__ = ["certificate_claims"]

Elements = list[tuple[str, str]]


def certificate_claims(network: Network, plan: Plan, threat: Threat | None, account: Account) -> list[Claim]:
    """Compare the worst case, and every attack that is listed with what the stress test says of it.

    Parameters
    ----------
    network : Network
    plan : Plan
    threat : Threat or None
        ``None``: the plan was made against none, and has no certificate.
    account : Account
        Of the plan, worked out again.

    Returns
    -------
    list of Claim
        How many sets were solved, and which, is how the search went; it is not compared.
    """
    if threat is None or account.certificate is None:
        return []
    stated, found = plan.certificate or {}, account.certificate
    inside = stated.get("certificate")
    inside = inside if isinstance(inside, dict) else {}
    claims = [
        same(f"certificate, {key}", stated.get(key), found[key]) for key in ("continuity", "bound", "attack")
    ]
    claims += [
        same(f"certificate, {key}", inside.get(key), found["certificate"][key])
        for key in ("k", "kinds", "duration", "sets", "complete")
    ]
    return claims + _attack_claims(network, plan, threat, inside.get("attacks"), found)


def _attack_claims(
    network: Network, plan: Plan, threat: Threat, listed: Any, found: dict[str, Any]
) -> list[Claim]:
    attacks = [_read(attack) for attack in listed] if isinstance(listed, list) else []
    stress = _Stress(network, plan, threat)
    claims = []
    for number, (elements, continuity) in enumerate(attacks, start=1):
        name = " + ".join(f"{kind}:{element}" for kind, element in elements) or "of nothing"
        right = stress.continuity(elements)
        claim = same(f"certificate, attack {number}, {name}", continuity, right)
        claims.append(replace(claim, ok=claim.ok and right is not None))
    # of several equally bad attacks any may be called the worst one
    least = min((c for _, c in attacks if c is not None), default=None)
    if found["attack"] or attacks:
        worst = found["continuity"] if found["attack"] else least
        claims.append(same("certificate, worst of the attacks", least, worst))
    return claims


def _read(attack: Any) -> tuple[Elements, float | None]:
    """Return the elements and the continuity that an attack of a file states; nothing where they cannot be read."""
    try:
        elements = [(str(e["kind"]), str(e["element"])) for e in attack["elements"]]
        return elements, float(attack["continuity"])
    except (TypeError, KeyError, ValueError):
        return [], None


class _Stress:
    """Continuity under attacks, the plan in full effect."""

    def __init__(self, network: Network, plan: Plan, threat: Threat) -> None:
        self.network, self.threat, instance = network, threat, network.instance
        units = units_of(instance, [*support_beside(instance, plan), *plan.choices])
        self.state = apply_measures(self.network, units)
        self.engine = ContinuityEngine(self.network)
        self.undisturbed = self.engine.undisturbed(self.state)

    def continuity(self, elements: Elements) -> float | None:
        """Return the weighted continuity, ``None`` where the threat knows no such attack."""
        members = self.threat.members(self.network, elements)
        if not members:
            return None
        event = failing_together(members, self.threat.duration)
        kept = self.engine.under(self.state, event, self.undisturbed)
        return float(self.engine.weight @ np.nan_to_num(kept))
