"""Families of sets on arrays against sets of Python, for numbers that fit in a word and for those that do not."""

import itertools
import random

import numpy as np
import pytest

from optichain.risk.structural.families import SMALL, Budget, OutOfBudget, _member, empty, minimal, product


def as_batch(families, order):
    batch = empty(order)
    for size in range(1, order + 1):
        rows = [(o, *sorted(s)) for o, sets in families.items() for s in sets if len(s) == size]
        table = np.array(rows, dtype=np.int64).reshape(-1, size + 1)
        batch[size - 1] = (table[:, 0], table[:, 1:])
    return batch


def as_sets(batch, owners):
    families = {o: set() for o in owners}
    for owner, members in batch:
        for o, row in zip(owner.tolist(), members.tolist(), strict=True):
            assert frozenset(row) not in families[o]
            families[o].add(frozenset(row))
    return families


def smallest(sets):
    def parts(s):
        return (frozenset(p) for n in range(len(s)) for p in itertools.combinations(s, n))

    return {s for s in sets if not any(p in sets for p in parts(s))}


def drawn(rng, owners, elements, sizes, most):
    return {
        o: {frozenset(rng.sample(elements, rng.randint(*sizes))) for _ in range(rng.randint(most // 2, most))}
        for o in owners
    }


def agree(seed, order, *, owners=(0, 1, 5), elements=range(7), sizes=None, most=12):
    rng = random.Random(seed)
    one, other = (drawn(rng, owners, list(elements), sizes or (1, order), most) for _ in range(2))
    a, b = minimal(as_batch(one, order)), minimal(as_batch(other, order))
    assert as_sets(a, owners) == {o: smallest(sets) for o, sets in one.items()}
    both = as_sets(product(a, b, Budget()), owners)
    for o in owners:
        unions = {s | t for s, t in itertools.product(one[o], other[o])}
        assert both[o] == smallest({u for u in unions if len(u) <= order})


@pytest.mark.parametrize("order", [1, 2, 3, 4])
@pytest.mark.parametrize("seed", range(8))
def test_minimal_and_product_are_those_of_sets(seed, order):
    agree(seed, order)


@pytest.mark.parametrize("seed", range(4))
def test_the_same_where_numbers_are_too_large_for_one_word(seed):
    agree(seed, 3, elements=range(0, 2_100_000, 300_000))  # numbered anew
    # the owners in two halves; with and without one that stands in the middle
    agree(seed, 5, owners=(0, 10, 10**15), most=8)
    agree(seed, 5, owners=(0, 5 * 10**14, 10**15), most=8)


def test_the_same_where_even_one_family_is_too_large_for_words():
    # 2 x 800 sets of 4 to 6 out of 2,400 elements: some 2,300 occur, and 2,300^6 is more than 2^63
    agree(0, 6, owners=(3,), elements=range(2400), sizes=(4, 6), most=800)


def test_what_would_not_fit_is_not_begun():
    many = as_batch({0: {frozenset([k]) for k in range(200)}}, 2)
    others = as_batch({0: {frozenset([k]) for k in range(200, 400)}}, 2)
    with pytest.raises(OutOfBudget):
        product(many, others, Budget(sets=39_999))
    assert len(product(many, others, Budget(sets=40_000))[1][0]) == 40_000


def test_families_without_any_set_stay_so():
    for found in (minimal(empty(3)), product(empty(3), empty(3), Budget())):
        assert [members.shape for _, members in found] == [(0, 1), (0, 2), (0, 3)]


@pytest.mark.parametrize("count", [0, 1, SMALL - 1, SMALL, 5 * SMALL])
def test_many_codes_are_looked_up_through_a_table_and_the_answer_is_the_same(count):
    rng = np.random.default_rng(count)
    known = np.unique(rng.integers(0, 2**62, 300))
    query = np.concatenate([rng.integers(0, 2**62, count), known[::7], known[-1:] + 1, known[:1] - 1])
    assert np.array_equal(_member(query, known), np.isin(query, known))
    assert not _member(query, known[:0]).any()
