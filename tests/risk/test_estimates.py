"""Requirements of items in loops: each loop is settled by itself, and only an endless one is left out."""

import itertools

import pytest

from optichain.estimates import item_requirements
from small import instance


def test_an_endless_loop_does_not_touch_one_that_converges():
    """9 pumps with a half of scrap, which takes a half of a pump each: 12 and 6. The other loop turns over all
    that it makes: 5 dies as demanded, and nothing for the link that never ends."""
    found = item_requirements(
        instance(
            sources=[{"site": "S", "item": item} for item in ("pump", "scrap", "die", "die-steel")],
            bom=[
                {"item": "pump", "input": "scrap", "quantity": 0.5},
                {"item": "scrap", "input": "pump", "quantity": 0.5},
                {"item": "die", "input": "die-steel", "quantity": 2.0},
                {"item": "die-steel", "input": "die", "quantity": 0.5},
            ],
            demands=[{"item": "pump", "rate": 9.0}, {"item": "die", "rate": 5.0}],
        )
    )
    assert found.to_dict() == pytest.approx({"pump": 12.0, "scrap": 6.0, "die": 5.0, "die-steel": 0.0})


def test_a_long_chain_of_tiers_is_exploded_exactly():
    """Each of 400 tiers takes 2 of the next, but for the odd ones, which take a half: 4 x 2 = 1 x 4 and so on."""
    names = [f"t{k}" for k in range(401)]
    found = item_requirements(
        instance(
            sources=[{"site": "S", "item": name} for name in names],
            bom=[
                {"item": a, "input": b, "quantity": 2.0 if k % 2 == 0 else 0.5}
                for k, (a, b) in enumerate(itertools.pairwise(names))
            ],
            demands=[{"item": "t0", "rate": 3.0}],
        )
    )
    assert found["t400"] == 3.0
    assert found["t399"] == 6.0


def test_an_absent_source_tells_nothing_about_what_an_item_takes():
    """Rows for single sources only: that of capacity 0 is listed first, but the pump that is made takes 2 seals."""
    rows = [
        {"item": "pump", "input": "seal", "source": "old:pump", "quantity": 9.0},
        {"item": "pump", "input": "seal", "source": "new:pump", "quantity": 2.0},
    ]
    found = item_requirements(
        instance(
            sources=[
                {"site": "old", "item": "pump", "capacity": 0.0},
                {"site": "new", "item": "pump"},
                {"site": "S", "item": "seal"},
            ],
            bom=rows,
            demands=[{"item": "pump", "rate": 5.0}],
        )
    )
    assert found.to_dict() == {"pump": 5.0, "seal": 10.0}
