"""The portfolio instance is what its generator makes, sound, and what its README says."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import optichain as oc
from instances.generators.guangdong.__main__ import SETTINGS, tables
from instances.generators.guangdong.catalogue import CLUSTERS

HERE = Path(__file__).resolve().parents[2] / "instances"


@pytest.fixture(scope="module")
def portfolio() -> oc.Instance:
    return oc.load(HERE / "guangdong-100")


def test_the_generator_makes_it_again(portfolio: oc.Instance) -> None:
    made, everyone = tables(2026)
    assert oc.Instance.from_frames(made, SETTINGS).digest == portfolio.digest
    known = pd.read_csv(HERE / "generators" / "guangdong" / "candidates.csv")
    pd.testing.assert_frame_equal(known, everyone)


def test_the_hundred_are_the_best_of_the_candidates_with_two_of_each_cluster(portfolio: oc.Instance) -> None:
    _, everyone = tables(2026)
    assert len(everyone) == 130
    assert everyone["cluster"].nunique() == 25
    assert [c.kind for c in CLUSTERS].count("pillar") == [c.kind for c in CLUSTERS].count("emerging") == 10
    chosen = oc.choose_chains(everyone, 100, minimum=2)
    assert set(chosen.loc[chosen["chosen"], "chain"]) == set(portfolio["chains"]["chain"])
    assert portfolio["chains"]["cluster"].value_counts().min() >= 2


def test_it_is_sound_and_serves_all_demand_undisturbed(portfolio: oc.Instance) -> None:
    from optichain.checking import check_instance

    result = check_instance(portfolio)
    assert result.warnings == ()
    network = oc.compile_network(portfolio)
    from optichain.effects import base_state
    from optichain.risk.flows.engine import ContinuityEngine

    assert ContinuityEngine(network).undisturbed(base_state(network)) == pytest.approx(1.0)
    assert len(network.blocks) > 40


def test_every_chain_has_owners_titles_in_two_languages_and_measures(portfolio: oc.Instance) -> None:
    owners = portfolio["chain_owners"]["chain"].value_counts()
    chains = portfolio["chains"]
    assert owners.reindex(chains["chain"]).between(2, 3).all()
    for table in ("chains", "items", "sites", "measures", "elements", "policies"):
        assert portfolio[table][["title", "title_zh"]].notna().all(axis=None)
    measures = portfolio["measures"]
    assert set(chains["chain"]) <= set(measures["chain"].dropna())
    assert measures["chain"].isna().any()
    assert measures["kind"].nunique() >= 10
