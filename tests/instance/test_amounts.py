"""Quantities that multiply along a bill of materials beyond what can be computed with are refused where that happens."""

from __future__ import annotations

import pytest

import optichain as oc
from optichain import Instance
from optichain.errors import InstanceError
from small import instance


def chain_of(quantities: list[float], rate: float = 1.0, **further: float) -> Instance:
    """Return items i0, i1, ... each made of so much of the next; a second source of the last can be bought."""
    names = [f"i{k}" for k in range(len(quantities) + 1)]
    sources = [{"source": f"s{k}", "site": f"p{k}", "item": name} for k, name in enumerate(names)]
    sources.append({"source": "other", "site": "q", "item": names[-1], "status": "potential"})
    bom = [
        {"item": made, "input": used, "quantity": quantity}
        for made, used, quantity in zip(names, names[1:], quantities, strict=False)
    ]
    bom += [
        {"item": name, "input": names[0], "quantity": quantity, "requirement": "back", "status": "potential"}
        for name, quantity in further.items()
    ]
    return instance(
        planning={"years": [2026], "budget": [1.0]},
        sources=sources,
        bom=bom,
        demands=[{"item": "i0", "rate": rate}],
        measures=[{"measure": "m", "chain": "c", "cost_1": 1}],
        effects=[{"measure": "m", "effect": "qualify", "target": "other"}],
    )


def places(quantities: list[float], **further: float) -> list[tuple[int | None, str | None]]:
    with pytest.raises(InstanceError) as caught:
        chain_of(quantities, **further)
    assert caught.value.exit_status == 3
    assert {fault.file for fault in caught.value.faults()} == {"bom"}
    return [(fault.row, fault.column) for fault in caught.value.faults()]


@pytest.mark.parametrize("quantity", [1e3, 1e-3])
def test_the_row_with_which_amounts_pass_the_limit_is_told(quantity: float) -> None:
    assert chain_of([quantity] * 33)
    assert places([quantity] * 34) == [(35, "quantity")]
    # it is counted anew from there, so that one long way does not make every row below it a fault
    assert places([quantity] * 70) == [(35, "quantity"), (69, "quantity")]
    assert chain_of([quantity] * 33 + [1.0 / quantity] * 33)


def test_a_loop_is_gone_round_once() -> None:
    assert chain_of([1e9] * 11, i11=1e-15)
    # the second time round would take 1e-66 of the first, and so on without end
    assert places([1e9] * 12, i12=1e-15) == [(13, "quantity")]


def test_ways_that_join_add_up() -> None:
    """Each item takes ten different ones of the next tier, and each of these the same ten again: 10^k ways."""
    bom = [
        {"item": f"t{tier}n{k}", "input": f"t{tier + 1}n{j}", "quantity": 1.0}
        for tier in range(102)
        for k in range(10)
        for j in range(10)
    ]
    with pytest.raises(InstanceError, match=r"row 9902, .* multiply to more than 1e\+100 of 't100n0', from"):
        instance(sources=[{"site": "a", "item": "t0n0"}], bom=bom, demands=[{"item": "t0n0", "rate": 1.0}])


@pytest.mark.parametrize("quantity", [1e3, 1e-3])
@pytest.mark.parametrize("rate", [1e15, 1e-30])
def test_up_to_the_limit_units_make_no_difference(quantity: float, rate: float) -> None:
    plain, large = chain_of([1.0] * 33), chain_of([quantity] * 33, rate)
    assert oc.stress_test(large).attrs["acc"] == pytest.approx(oc.stress_test(plain).attrs["acc"], rel=1e-9)
    ours, theirs = (oc.reinforce(one, gap=0.0) for one in (large, plain))
    assert ours.objective == pytest.approx(theirs.objective, rel=1e-9)
    assert [c.measure for c in ours.choices] == [c.measure for c in theirs.choices] == ["m"]
    assert oc.worst_case(large, 1).continuity == pytest.approx(oc.worst_case(plain, 1).continuity, rel=1e-9)
