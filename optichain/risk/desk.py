"""What a worker needs to fail things in a network: the data, sent, and the models, made there once."""

from __future__ import annotations

import hashlib
import pickle
import threading
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from optichain.effects import State
from optichain.network import Network
from optichain.risk.flows.engine import ContinuityEngine
from optichain.risk.flows.survival import SurvivalClock

__all__ = ["Desk", "Parcel", "pack", "unpack"]


@dataclass(frozen=True, eq=False)
class Desk:
    """A network in one state, with the models made for it so far.

    Attributes
    ----------
    engine : ContinuityEngine
    state : State
    """

    engine: ContinuityEngine
    state: State

    @cached_property
    def clock(self) -> SurvivalClock:
        """Times to survive in this state."""
        return SurvivalClock(self.engine.network, self.state, self.engine)


@dataclass(frozen=True)
class Parcel:
    """A network, its chains' weights and a state, as they travel.

    Attributes
    ----------
    token : str
        Equal for equal contents.
    data : bytes
    """

    token: str
    data: bytes


def pack(network: Network, weight: npt.NDArray[np.float64], state: State) -> Parcel:
    """Pack a network, the weights of its chains, shape (chains,), and a state for the way."""
    data = pickle.dumps((network, weight, state), protocol=pickle.HIGHEST_PROTOCOL)
    return Parcel(hashlib.blake2b(data, digest_size=16).hexdigest(), data)


class _Kept(threading.local):
    """What a worker got last; each thread has models of its own, as no model bears two threads."""

    token = ""
    desk: Desk


_KEPT = _Kept()


def unpack(parcel: Parcel) -> Desk:
    """Return the desk of a parcel; that of the last parcel is kept."""
    if _KEPT.token != parcel.token:
        network, weight, state = pickle.loads(parcel.data)
        _KEPT.desk = Desk(ContinuityEngine(network, weight), state)
        _KEPT.token = parcel.token
    return _KEPT.desk
