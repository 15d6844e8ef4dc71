"""A model of what an event can make scarce is worth what the model of the whole block is worth, whatever is in effect."""

import numpy as np
import pytest

import joined
import rooms
import small
import strategies
from optichain.compilation import compile_network
from optichain.design.aims import Aim
from optichain.design.recourse.blockmodels import BlockModels
from optichain.design.recourse.bounds import useful_quantity
from optichain.design.recourse.protection import find_levers
from optichain.design.recourse.weighing import engine_for
from optichain.effects import apply_measures
from optichain.errors import UsageError
from optichain.risk.events import Event, Hit, make_events
from optichain.risk.flows.reach import reach_of

RUN = 40


def models_of(instance, number=None):
    network = compile_network(instance)
    engine = engine_for(network, Aim())
    args = find_levers(network), useful_quantity(network)
    numbers = network.blocks.tolist() if number is None else [number]
    return network, [BlockModels(network, engine, n, *args) for n in numbers]


def differences(instance, seed):
    """Return (events, of these with something left out, what differs), for some measures in effect."""
    network, blocks = models_of(instance)
    rng = np.random.default_rng(seed)
    most = instance["measures"]["max_units"].to_numpy(float)
    events = [None, *make_events(network)]
    smaller, wrong = 0, []
    for models in blocks:
        for event in events:
            model = models.model(event)
            smaller += len(model.flow.activities) < len(models.block.flow.activities)
            for _ in range(3):
                units = np.where(rng.random(len(most)) < 0.5, rng.integers(1, most + 1), 0.0)
                state = apply_measures(network, units)
                whole = models.block.continuity(state, reach_of(network, state, event)) @ models.block.mix
                try:
                    mine = (
                        model.value(model.template(event), units)
                        if len(model.flow.demands)
                        else model.certain
                    )
                except UsageError as error:
                    if "no bound can be proven" not in str(error):
                        raise
                    continue
                if abs(mine - whole) > 1e-7:
                    wrong.append(f"seed {seed}, {event and event.name}: {mine}, whole block {whole}")
    return len(events) * len(blocks), smaller, wrong


@pytest.mark.parametrize(
    "first", [pytest.param(f, marks=[pytest.mark.slow] if f >= RUN else []) for f in range(0, 800, RUN)]
)
def test_models_of_what_is_scarce_are_worth_the_whole(first):
    instances = list(strategies.accepted(RUN, first=40000 + first))
    instances += [(seed, joined.joined(seed)) for seed in range(first, first + 5)]
    results = [differences(i, seed) for seed, i in instances if i is not None]
    assert [w for _, _, wrong in results for w in wrong] == []
    assert sum(smaller for _, smaller, _ in results) > 0.1 * sum(events for events, _, _ in results)


@pytest.mark.parametrize(
    ("room", "loss", "served"),
    [
        # 5 x 10 doors, then 5 x 15 of both
        (15, 0.0, 5 * 10 + 5 * 15),
        # 5 x 10 doors, then 3 x 15 of both, then 2 x 20
        (20, 0.25, 5 * 10 + 3 * 15 + 2 * 20),
    ],
)
def test_what_is_made_before_its_time_where_room_is_short_is_counted(room, loss, served):
    # Doors and frames share a works whose room is short of the 20 wanted, always or while an event takes a share of it.
    # While frames wait for steel, room lies idle: it could make doors for later if there were more wood than the 10
    # that doors need. So wood is not plentiful.
    instance = small.instance(
        sites=[{"site": "works", "capacity": room}],
        items=[{"item": i, "chain": "C"} for i in ("wood", "steel", "door", "frame")],
        bom=[
            {"item": made, "input": used, "quantity": 1}
            for made, used in (("door", "wood"), ("frame", "steel"))
        ],
        sources=[
            {"site": "forest", "item": "wood", "capacity": 10},
            {"site": "mill", "item": "steel", "capacity": 10},
            *({"site": "works", "item": i, "capacity": "unlimited", "load": 1} for i in ("door", "frame")),
        ],
        demands=[{"item": i, "rate": 10, "chain": "C"} for i in ("door", "frame")],
        chains=[{"chain": "C"}],
        planning={"years": [2026], "budget": [1.0]},
    )
    network, [models] = models_of(instance)
    hits = [Hit(network.element("site", "mill"), 1.0, 5.0), Hit(network.element("site", "works"), loss, 8.0)]
    event = Event("both", "", 0.1, tuple(hits))
    value = models.model(event).value(models.template(event), np.zeros(0))
    assert value == pytest.approx(served / (10 * 20))


@pytest.mark.parametrize("first", [0, *(pytest.param(f, marks=pytest.mark.slow) for f in range(20, 200, 20))])
def test_models_are_worth_the_whole_where_room_is_short(first):
    results = [differences(rooms.rooms(seed), seed) for seed in range(first, first + 20)]
    assert [w for _, _, wrong in results for w in wrong] == []
    # where room is short little can be left out, but it must be tried at all
    assert sum(smaller for _, smaller, _ in results) >= 5


def test_only_the_way_from_the_failure_to_the_product_is_left():
    # steel and chips come from sites with a tenth to spare; only chips fail
    instance = small.instance(
        sites=[{"site": s, "recovery_time": 5, "annual_probability": 0.1} for s in ("mill", "fab", "plant")],
        items=[{"item": i, "chain": "C"} for i in ("steel", "chip", "car")],
        bom=[{"item": "car", "input": i, "quantity": 2} for i in ("steel", "chip")],
        sources=[
            {"site": "mill", "item": "steel", "capacity": 22},
            {"site": "fab", "item": "chip", "capacity": 22},
            {"site": "plant", "item": "car", "capacity": 11},
        ],
        demands=[{"item": "car", "rate": 10, "chain": "C"}],
        chains=[{"chain": "C"}],
        planning={"years": [2026], "budget": [1.0]},
    )
    network, [models] = models_of(instance)
    left = {
        event.name: [str(network.activity_name[a]) for a in models.model(event).flow.activities]
        for event in make_events(network)
    }
    assert left["site:fab"] == ["fab:chip", "plant:car"]
    assert left["site:plant"] == ["plant:car"]
    assert len(models.model(None).flow.activities) == 0
    assert models.model(None).certain == pytest.approx(1.0)
