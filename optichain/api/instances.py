"""Questions about an instance itself: is it sound, and what does it hold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp

from optichain.compilation import compile_network

if TYPE_CHECKING:
    from optichain.checking import CheckResult
    from optichain.instance.model import Instance

__all__ = ["check", "describe"]


def check(path: str | Path) -> CheckResult:
    """Read an instance and list every fault, everything suspicious and every assumption; never raises for a fault.

    Parameters
    ----------
    path : path
        Folder, workbook (one that a chain owner fills in too) or JSON file.
    """
    from optichain.checking import check_instance, faulty
    from optichain.errors import InstanceError
    from optichain.submission.read import read_any

    try:
        return check_instance(read_any(path))
    except InstanceError as error:
        return faulty(error.faults())


def describe(instance: Instance) -> dict[str, Any]:
    """Return counts of every table, blocks, tiers, cycles and the demanded value, for the command ``info``."""
    network = compile_network(instance)
    users = network.requirement_activity[network.alternative_requirement]
    made = network.commodity_item[network.output[users]]
    used = network.commodity_item[network.alternative_commodity]
    size = network.n_commodities
    flows = sp.csr_matrix(
        (np.ones(len(users)), (network.alternative_commodity, network.output[users])), shape=(size, size)
    )
    _, part = sp.csgraph.connected_components(flows, directed=True, connection="strong")
    loops = int(np.sum(np.bincount(part) > 1)) + int(
        np.sum((np.bincount(part)[part] == 1) & (flows.diagonal() > 0))
    )
    from optichain.risk.structure import unmapped_shares

    return {
        "name": instance.settings.name,
        "title": instance.settings.title,
        "digest": instance.digest,
        "tables": {name: len(frame) for name, frame in instance.tables.items()},
        "blocks": len(network.blocks),
        "tiers": len(unmapped_shares(network)),
        "cycles": loops,
        "commodities": network.n_commodities,
        "activities": network.n_activities,
        "links": int(np.sum(made != used)),
        "demand_value": float(np.sum(network.demand_rate * network.demand_value) * network.horizon),
        "currency": instance.settings.currency,
    }
