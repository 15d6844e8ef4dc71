"""The activities of a block in an order in which inputs come before what is made of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optichain.risk.flows.flow import BlockFlow

__all__ = ["Tier", "Tiers"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Tier:
    """Activities that need nothing of each other, with their requirements and alternatives.

    Attributes
    ----------
    activities : ndarray
        Places in the block.
    alternatives : ndarray
        Places in `Tiers.alternative`: those that are alone in their requirement, then the others by requirement.
    alone : int
        Number of the first.
    user : ndarray, shape (alternatives of the tier,)
        Position in `activities`.
    requirement : ndarray, shape (others,)
        Position among the requirements with several alternatives.
    total : csr_matrix, shape (requirements with several, others)
        Adds up the alternatives of each requirement.
    slots : ndarray, shape (activities with requirements, most requirements of one)
        Requirements of each: those met by one alternative, then those with several; where there are fewer, one more
        than there are.
    needy : ndarray
        Positions in `activities` of those with requirements.
    outputs : ndarray
        Commodities that the activities provide, each once.
    output : ndarray, shape (activities,)
        Position in `outputs`.
    provide : csr_matrix, shape (outputs, activities)
    inputs : ndarray
        Commodities that the alternatives take, each once.
    input : ndarray, shape (alternatives of the tier,)
        Position in `inputs`.
    take : csr_matrix, shape (inputs, alternatives)
    """

    activities: Ints
    alternatives: Ints
    alone: int
    user: Ints
    requirement: Ints
    total: sp.csr_matrix
    slots: Ints
    needy: Ints
    outputs: Ints
    output: Ints
    provide: sp.csr_matrix
    inputs: Ints
    input: Ints
    take: sp.csr_matrix

    def least(self, met: Floats) -> Floats:
        """Return the scarcest requirement of each needy activity.

        Parameters
        ----------
        met : ndarray, shape (requirements + 1, events)
            Its last row is unlimited.
        """
        result = met[self.slots[:, 0]]
        for column in range(1, self.slots.shape[1]):
            np.minimum(result, met[self.slots[:, column]], out=result)
        return result


class Tiers:
    """Tiers of a block, from raw material to products.

    Attributes
    ----------
    alternative : ndarray
        Numbers of the block's alternatives in the network: those of `BlockFlow.single`, then of `BlockFlow.mixed`.
    user, commodity : ndarray, shape (alternatives,)
        Place of the activity that uses it, and of the commodity that it takes.
    per_output : ndarray, shape (alternatives,)
        Scaled units of the commodity in one scaled unit of output.
    within_cycle : ndarray of bool, shape (alternatives,)
        The commodity depends on the user's own output.
    tiers : list of Tier
    """

    def __init__(self, flow: BlockFlow) -> None:
        network = flow.network
        self.alternative = np.concatenate([flow.single, flow.mixed])
        requirement = network.alternative_requirement[self.alternative]
        self.user = flow.place_of_activity(network.requirement_activity[requirement])
        self.commodity = flow.place_of_commodity(network.alternative_commodity[self.alternative])
        self.per_output = (
            network.alternative_quantity[self.alternative]
            * flow.out_scale[self.user]
            / flow.scale[self.commodity]
        )
        output = flow.place_of_commodity(network.output[flow.activities])
        level, self.within_cycle = _levels(len(flow.commodities), output, self.user, self.commodity)
        self.tiers = [
            _tier(np.flatnonzero(level == number), output, self.user, self.commodity, requirement)
            for number in np.unique(level).tolist()
        ]

    @property
    def cyclic(self) -> bool:
        """Tell whether anything depends on itself."""
        return bool(self.within_cycle.any())


def _levels(n_commodities: int, output: Ints, user: Ints, commodity: Ints) -> tuple[Ints, Bools]:
    """Return the level of each activity, inputs first, and which alternatives lie within a cycle."""
    shape = (n_commodities, n_commodities)
    made = output[user]
    leads: sp.csr_matrix = sp.csr_matrix((np.ones(len(user)), (commodity, made)), shape=shape)
    _, part = sp.csgraph.connected_components(leads, directed=True, connection="strong")
    inside = part[commodity] == part[made]
    first, then = part[commodity][~inside], part[made][~inside]
    depth = np.zeros(int(part.max(initial=-1)) + 1, dtype=np.int64)
    for _ in range(len(depth) + 1):
        deeper = depth.copy()
        np.maximum.at(deeper, then, depth[first] + 1)
        if np.array_equal(deeper, depth):
            break
        depth = deeper
    return depth[part[output]], inside


def _tier(places: Ints, output: Ints, user: Ints, commodity: Ints, requirement: Ints) -> Tier:
    position = np.full(len(output), -1, dtype=np.int64)
    position[places] = np.arange(len(places))
    mine = np.flatnonzero(position[user] >= 0)
    _, number, count = np.unique(requirement[mine], return_inverse=True, return_counts=True)
    several = count[number] > 1
    first, others = mine[~several], mine[several]
    others = others[np.argsort(requirement[others], kind="stable")]
    _, row = np.unique(requirement[others], return_inverse=True)
    ordered = np.concatenate([first, others])
    kinds = int(row.max(initial=-1)) + 1
    owner = np.concatenate([position[user[first]], np.zeros(kinds, dtype=np.int64)])
    owner[len(first) + row] = position[user[others]]
    needy, slots = _slots(owner)
    outputs, place = np.unique(output[places], return_inverse=True)
    inputs, taken = np.unique(commodity[ordered], return_inverse=True)
    return Tier(
        activities=places,
        alternatives=ordered,
        alone=len(first),
        user=position[user[ordered]],
        requirement=row,
        total=_adding(row, kinds),
        slots=slots,
        needy=needy,
        outputs=outputs,
        output=place,
        provide=_adding(place, len(outputs)),
        inputs=inputs,
        input=taken,
        take=_adding(taken, len(inputs)),
    )


def _adding(row: Ints, rows: int) -> sp.csr_matrix:
    """Return the matrix that adds things up by row."""
    return sp.csr_matrix((np.ones(len(row)), (row, np.arange(len(row)))), shape=(rows, len(row)))


def _slots(owner: Ints) -> tuple[Ints, Ints]:
    """Return those that own something, and the numbers of what each owns, filled up with the number of all."""
    order = np.argsort(owner, kind="stable")
    needy, first, count = np.unique(owner[order], return_index=True, return_counts=True)
    slots = np.full((len(needy), int(count.max(initial=1))), len(owner), dtype=np.int64)
    slots[np.repeat(np.arange(len(needy)), count), np.arange(len(owner)) - np.repeat(first, count)] = order
    return needy, slots
