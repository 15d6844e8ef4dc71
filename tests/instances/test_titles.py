"""What every shipped instance has."""

from __future__ import annotations

import pytest

import optichain as oc
from optichain.shipped import shipped_instances


@pytest.mark.parametrize("name", shipped_instances())
def test_every_title_is_there_in_both_languages(name: str) -> None:
    instance = oc.load(name)
    for table in ("chains", "items", "sites", "elements", "measures", "policies"):
        for column in ("title", "title_zh"):
            assert instance[table][column].notna().all(), (table, column)
