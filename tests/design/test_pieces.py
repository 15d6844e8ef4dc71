"""A problem built in pieces, elsewhere, is the problem built here."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest

from benchmarks.portfolio_case import portfolio_case
from optichain.design.aims import COST, Aim
from optichain.design.firststage.wishes import Wishes
from optichain.design.twostage.problem import build_problem
from optichain.instance.model import Instance


@pytest.mark.parametrize(
    "wishes",
    [
        Wishes(),
        Wishes(aim=Aim("cvar", alpha=0.8, mix=0.3)),
        Wishes(aim=Aim("loss")),
        Wishes(aim=Aim(COST), min_acc=0.9),
    ],
    ids=["expected", "cvar", "loss", "cost"],
)
def test_pieces_make_the_same_problem(wishes: Wishes) -> None:
    instance = Instance.from_frames(*portfolio_case(4, 40, 8, years=2))
    here = build_problem(instance, wishes)
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as executor:
        there = build_problem(instance, wishes, executor=executor)
    assert len(here.scenarios) > 20
    assert there.products == here.products
    assert there.tails == here.tails
    assert [f.terms for f in there.floors] == [f.terms for f in here.floors]
    # to the last digit: a plan's bytes do not depend on the number of jobs
    assert there.constant == here.constant
    assert (there.nothing, there.everything) == (here.nothing, here.everything)
    for one, other in zip(here.scenarios, there.scenarios, strict=True):
        assert one.name == other.name
        assert (one.weight, one.worst, one.best) == (other.weight, other.worst, other.best)
        assert (one.column_terms, one.row_terms) == (other.column_terms, other.row_terms)
        assert (one.matrix != other.matrix).nnz == 0
        for name in ("cost", "upper", "row_lower", "row_upper"):
            assert np.array_equal(getattr(one, name), getattr(other, name))
    # what shared a matrix still does
    assert len({id(s.matrix) for s in there.scenarios}) == len({id(s.matrix) for s in here.scenarios})
