"""From the values of the first stage to measures, and to measures at least cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from optichain.design.firststage.basket import Contents
from optichain.design.firststage.stage import FirstStage, Row
from optichain.design.plan import Choice
from optichain.design.twostage.problem import DesignProblem
from optichain.errors import InfeasibleError
from optichain.sentences import say

__all__ = ["cheapest_completion", "read_choices"]


def read_choices(
    problem: DesignProblem, values: npt.NDArray[np.float64]
) -> tuple[list[Choice], dict[str, str]]:
    """Return the measures that start, and the policy of each chain with a catalogue, from a solver's values."""
    stage = problem.stage
    choices = [
        Choice(measure, float(round(values[stage.units[measure, year]])), year)
        for (measure, year), column in stage.start.items()
        if values[column] > 0.5
    ]
    policies = {stage.policy_chain[p]: p for (p, _), column in stage.policy.items() if values[column] > 0.5}
    return choices, policies


def cheapest_completion(
    stage: FirstStage, choices: Sequence[Choice], policies: Mapping[str, str]
) -> Contents | None:
    """Return contents of least cost that keep all rules and hold given choices; ``None`` where there are none.

    Raises
    ------
    InfeasibleError
        Nothing was given, and no plan keeps the rules.
    """
    from optichain.solving import find_solver

    held = [
        Row(
            "held",
            say("measure-held", measure=c.measure),
            {stage.start[c.measure, c.start_year]: 1.0},
            1.0,
            np.inf,
        )
        for c in choices
    ]
    held += [
        Row(
            "held",
            say("measure-held", measure=c.measure),
            {stage.units[c.measure, c.start_year]: 1.0},
            c.units,
            np.inf,
        )
        for c in choices
    ]
    held += [
        Row(
            "held",
            say("policy-held", policy=policy),
            {stage.policy[policy, y]: 1.0 for y in stage.years},
            1.0,
            np.inf,
        )
        for policy in policies.values()
    ]
    problem = DesignProblem(
        name="completion",
        stage=replace(stage, rows=[*stage.rows, *held]),
        stage_cost=-stage.cost_of_columns(),
    )
    try:
        solution = find_solver("extensive").solve(problem, gap=1e-6)
    except InfeasibleError:
        if not choices:
            raise
        return None
    chosen, taken = read_choices(problem, solution.values)
    return Contents({c.measure: c for c in chosen}, taken)
