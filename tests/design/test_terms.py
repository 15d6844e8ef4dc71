"""Products of decisions are exact on every combination."""

import numpy as np

from optichain.design.recourse.terms import combinations, moebius


def test_moebius_reproduces_every_combination():
    generator = np.random.default_rng(7)
    values = generator.random((16, 3))
    coefficients = moebius(values)
    bits = combinations([3, 5, 8, 9], what="a test")
    for place in range(16):
        inside = [t for t in range(16) if t & place == t]
        assert np.allclose(coefficients[inside].sum(axis=0), values[place])
        assert [bool(place >> i & 1) for i in range(4)] == bits[place].tolist()


def test_two_hardenings_leave_the_product_of_what_each_leaves():
    left = np.array([0.0, 0.5, 0.5, 0.75])
    assert moebius(left).tolist() == [0.0, 0.5, 0.5, -0.25]
