"""What a planning script calls: an instance in, data frames and plans out."""

from __future__ import annotations

from optichain.api.failures import exposure, questions, reverse_stress, worst_case
from optichain.api.instances import check, describe
from optichain.api.stress import resilience, screen, stress_test
from optichain.api.structural import cut_sets, find_cuts, find_spofs, structure
from optichain.compilation import compile_network
from optichain.design.account.given import evaluate
from optichain.design.baselines.baselines import baselines
from optichain.design.comparing import compare
from optichain.design.evidence.add_one import add_one
from optichain.design.evidence.gathering import gather_evidence
from optichain.design.evidence.leave_one_out import leave_one_out
from optichain.design.evidence.quotas import quotas
from optichain.design.evidence.shared_nodes import shared_nodes
from optichain.design.evidence.stability import stability
from optichain.design.reinforce import reinforce
from optichain.design.review.review import review
from optichain.design.verify import check_claims, verify

__all__ = [
    "add_one",
    "baselines",
    "check",
    "check_claims",
    "compare",
    "compile_network",
    "cut_sets",
    "describe",
    "evaluate",
    "exposure",
    "find_cuts",
    "find_spofs",
    "gather_evidence",
    "leave_one_out",
    "questions",
    "quotas",
    "reinforce",
    "resilience",
    "reverse_stress",
    "review",
    "screen",
    "shared_nodes",
    "stability",
    "stress_test",
    "structure",
    "verify",
    "worst_case",
]
