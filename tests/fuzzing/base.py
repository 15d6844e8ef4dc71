"""Valid inputs of every kind, made once, for mutations to start from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import optichain as oc
from fuzzing.extracts import make_small_extracts
from fuzzing.forms import write_forms
from optichain.merging.decisions import write_decisions

ROOT = Path(__file__).resolve().parents[2]
INSTANCES = (ROOT / "tests" / "data" / "good" / "full", ROOT / "instances" / "quickstart")
HAPPENED = {
    "happenings.csv": b"happening,date,event,kind,target,duration,loss,note\n"
    b"flood,2027-05-14,{event},,,,,\nstrike,2028,,site,{site},2,0.5,a port\n",
    "losses.csv": b"happening,chain,lost,note\nflood,{chain},3.5,\n",
    "measures.csv": b"measure,works_from,units,note\n{measure},2027-02-01,1,\n",
    "costs.csv": b"measure,year,spent,note\n{measure},2026,1.5,\n",
}


class Base:
    """Valid inputs: instances in three carriers, extracts, filled workbooks, submissions, plans, lists.

    The first of the two instances has rows in every table; the second is the shipped quickstart, of which the plan is.
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        self.instances = [oc.load(path) for path in INSTANCES]
        self.folders = [files_of(path) for path in INSTANCES]
        self.documents: list[Any] = []
        self.books: list[bytes] = []
        for number, instance in enumerate(self.instances):
            oc.write(instance, place / f"{number}.json")
            oc.write(instance, place / f"{number}.xlsx")
            self.documents.append(read_json(place / f"{number}.json"))
            self.books.append((place / f"{number}.xlsx").read_bytes())
        self.quickstart = self.instances[1]
        self._plan()
        self.extracts = make_small_extracts()
        self._submissions()

    def _plan(self) -> None:
        self.plan = oc.gather_evidence(self.quickstart, oc.reinforce(self.quickstart))
        oc.write_plan(self.plan, self.place / "plan.json")
        self.plan_document = read_json(self.place / "plan.json")
        oc.write_columns(oc.find_columns(self.quickstart), self.place / "columns.json")
        self.columns_document = read_json(self.place / "columns.json")
        choices = self.plan.measures.to_csv(index=False).encode("utf-8")
        self.choices = choices
        self.candidates = (ROOT / "instances" / "guangdong-100-candidates.csv").read_bytes()
        sites = self.quickstart["sites"]["site"].tolist()
        known = {
            "event": f"site:{sites[0]}",
            "site": sites[1],
            "chain": self.quickstart["chains"]["chain"][0],
            "measure": self.plan.choices[0].measure,
        }
        self.happened = {
            name: content.decode().format(**known).encode("utf-8") for name, content in HAPPENED.items()
        }

    def _submissions(self) -> None:
        self.forms = write_forms(self.place)
        changed = self.quickstart["sites"].assign(recovery_time=9.0)
        for name, instance in (
            ("one", self.quickstart),
            ("two", self.quickstart.replace(sites=changed)),
        ):
            oc.write(instance, self.place / name)
        merged = oc.merge([self.place / name for name in (*self.forms, "one", "two")])
        self.decisions = write_decisions(merged.questions).encode("utf-8")


def files_of(folder: Path) -> dict[str, bytes]:
    """The tables and settings of a folder by name."""
    return {e.name: e.read_bytes() for e in sorted(folder.iterdir()) if e.suffix in (".csv", ".toml")}


def read_json(path: Path) -> Any:
    """What a JSON file holds."""
    return json.loads(path.read_text(encoding="utf-8"))
