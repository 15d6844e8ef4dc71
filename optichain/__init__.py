"""Find where supply chains can be broken, and decide what to reinforce first.

The names below are the public interface; each is imported when it is first used, so that importing
optichain costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from optichain.api import (
        add_one,
        baselines,
        check,
        check_claims,
        compare,
        compile_network,
        cut_sets,
        describe,
        evaluate,
        exposure,
        find_cuts,
        find_spofs,
        gather_evidence,
        leave_one_out,
        questions,
        quotas,
        reinforce,
        resilience,
        reverse_stress,
        review,
        screen,
        shared_nodes,
        stability,
        stress_test,
        structure,
        verify,
        worst_case,
    )
    from optichain.design.columns.columnfile import load_columns, write_columns
    from optichain.design.columns.menus import find_columns
    from optichain.design.frontier import find_frontier
    from optichain.design.plan import Plan, load_plan, write_plan
    from optichain.design.reinforce import build_model
    from optichain.errors import InstanceError, OptichainError
    from optichain.exporting import export, to_frames
    from optichain.importing.run import import_extracts
    from optichain.instance.model import Instance
    from optichain.instance.read import load
    from optichain.instance.write import write
    from optichain.merging.merge import merge
    from optichain.reporting import write_comparison, write_report, write_review
    from optichain.selection import choose_chains, selection_stability
    from optichain.submission.read import read_submission

_WHERE = {
    "Instance": "optichain.instance.model",
    "InstanceError": "optichain.errors",
    "OptichainError": "optichain.errors",
    "Plan": "optichain.design.plan",
    "add_one": "optichain.api",
    "baselines": "optichain.api",
    "build_model": "optichain.design.reinforce",
    "check": "optichain.api",
    "check_claims": "optichain.api",
    "choose_chains": "optichain.selection",
    "compare": "optichain.api",
    "compile_network": "optichain.api",
    "cut_sets": "optichain.api",
    "describe": "optichain.api",
    "evaluate": "optichain.api",
    "export": "optichain.exporting",
    "exposure": "optichain.api",
    "find_columns": "optichain.design.columns.menus",
    "find_cuts": "optichain.api",
    "find_frontier": "optichain.design.frontier",
    "find_spofs": "optichain.api",
    "gather_evidence": "optichain.api",
    "import_extracts": "optichain.importing.run",
    "leave_one_out": "optichain.api",
    "load": "optichain.instance.read",
    "load_columns": "optichain.design.columns.columnfile",
    "load_plan": "optichain.design.plan",
    "merge": "optichain.merging.merge",
    "questions": "optichain.api",
    "quotas": "optichain.api",
    "read_submission": "optichain.submission.read",
    "reinforce": "optichain.api",
    "resilience": "optichain.api",
    "reverse_stress": "optichain.api",
    "review": "optichain.api",
    "screen": "optichain.api",
    "selection_stability": "optichain.selection",
    "shared_nodes": "optichain.api",
    "stability": "optichain.api",
    "stress_test": "optichain.api",
    "structure": "optichain.api",
    "to_frames": "optichain.exporting",
    "verify": "optichain.api",
    "worst_case": "optichain.api",
    "write": "optichain.instance.write",
    "write_columns": "optichain.design.columns.columnfile",
    "write_comparison": "optichain.reporting",
    "write_plan": "optichain.design.plan",
    "write_report": "optichain.reporting",
    "write_review": "optichain.reporting",
}

__all__ = [
    "Instance",
    "InstanceError",
    "OptichainError",
    "Plan",
    "add_one",
    "baselines",
    "build_model",
    "check",
    "check_claims",
    "choose_chains",
    "compare",
    "compile_network",
    "cut_sets",
    "describe",
    "evaluate",
    "export",
    "exposure",
    "find_columns",
    "find_cuts",
    "find_frontier",
    "find_spofs",
    "gather_evidence",
    "import_extracts",
    "leave_one_out",
    "load",
    "load_columns",
    "load_plan",
    "merge",
    "questions",
    "quotas",
    "read_submission",
    "reinforce",
    "resilience",
    "reverse_stress",
    "review",
    "screen",
    "selection_stability",
    "shared_nodes",
    "stability",
    "stress_test",
    "structure",
    "to_frames",
    "verify",
    "worst_case",
    "write",
    "write_columns",
    "write_comparison",
    "write_plan",
    "write_report",
    "write_review",
]


def __getattr__(name: str) -> Any:
    """Import a public name from where it lives."""
    if name in _WHERE:
        return getattr(import_module(_WHERE[name]), name)
    raise AttributeError(f"module 'optichain' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names."""
    return sorted([*globals(), *__all__])
