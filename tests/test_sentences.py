"""A sentence is its English text, and remembers what it is made of wherever it goes."""

import copy
import json
import pickle

import numpy as np
import pytest

from optichain.sentences import Sentence, read_sentences, say, sentences_in

SPOF = say("spof-left", spof=say("spof", kind="site", element="F", demand="pump@works"))


def test_it_is_its_english_text():
    assert SPOF == "single point of failure site:F of pump@works is left"
    assert json.dumps(SPOF) == '"single point of failure site:F of pump@works is left"'
    assert say("catalogue", chain="c", policies=["a", "b"]).endswith("(a, b) or none")
    assert say("breaks-without", rules=["x", "y"]) == "without it the plan would break: x; y"


@pytest.mark.parametrize("carry", [copy.copy, copy.deepcopy, lambda s: pickle.loads(pickle.dumps(s))])
def test_it_remembers_what_it_is_made_of(carry):
    told = carry(SPOF)
    assert isinstance(told, Sentence)
    assert (told, told.code, told.fields["spof"].fields) == (SPOF, "spof-left", SPOF.fields["spof"].fields)


def test_numbers_of_arrays_become_plain_ones():
    told = say("unserved-demand", served=np.float64(0.5), wanted=np.float32(1.0), unit="week")
    assert json.loads(json.dumps(told.to_json()))["fields"] == {"served": 0.5, "wanted": 1.0, "unit": "week"}


def test_a_file_gives_back_the_sentences_that_were_in_it():
    held = {"a": [SPOF, "no sentence"], "b": {"c": say("breaks-without", rules=[SPOF, "as it is"])}}
    found = sentences_in(held)
    rows = json.loads(json.dumps([{"text": text, **one.to_json()} for text, one in found.items()]))
    again = read_sentences(rows)
    assert list(found) == sorted(found) == list(again)
    assert [one.to_json() for one in again.values()] == [one.to_json() for one in found.values()]


@pytest.mark.parametrize(
    "row",
    [
        {"text": "x", "code": "no such code", "fields": {}},
        {"text": "measure m starts at most once", "code": "one-start", "fields": {"measure": "other"}},
        {"text": "measure m starts at most once", "code": "one-start", "fields": {}},
        {
            "text": "measure m has at most 2 units",
            "code": "units-at-most",
            "fields": {"measure": "m", "most": None},
        },
        {"text": "measure m starts at most once", "code": "one-start", "fields": "m"},
        {"text": "measure m starts at most once"},
        {"text": "x", "code": "units-at-most", "fields": {"measure": "m", "most": 10**400}},
        {},
        None,
    ],
)
def test_what_does_not_come_to_its_text_is_left_out(row):
    assert read_sentences([row]) == {}
