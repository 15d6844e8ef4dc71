"""The rival: the extensive form as scipy matrices handed to HiGHS."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from optichain.design.twostage.problem import DesignProblem
from optichain_solvers.lshaped.events import SecondStage
from optichain_solvers.lshaped.master import Master, Programme

__all__ = ["whole_programme"]


def whole_programme(problem: DesignProblem) -> Programme:
    """Return the two-stage problem as one programme: the master's columns, then the flows of every scenario.

    Only for problems without tails and floors.
    """
    master = Master(problem)
    base = master.base
    stage = SecondStage(problem.scenarios, problem.products)
    first = master.first_theta
    matrices, lower, upper, costs, links, limits = [], [], [], [], [], []
    row_links, column_links, column_limits = [], [], []
    for scenario, form in zip(problem.scenarios, stage.forms, strict=True):
        depends = master.expressions[form.local][:, :first]
        matrices.append(scenario.matrix)
        row_links.append(-form.on_rows @ depends)
        lower.append(form.row_lower)
        upper.append(form.row_upper)
        costs.append(scenario.cost * scenario.weight * master.scale)
        moving = np.flatnonzero(np.diff(form.on_columns.indptr))
        own = form.upper.copy()
        own[moving] = np.inf
        limits.append(own)
        size = scenario.matrix.shape[1]
        links.append(
            sp.csr_matrix((np.ones(len(moving)), (np.arange(len(moving)), moving)), (len(moving), size))
        )
        column_links.append(-form.on_columns[moving] @ depends)
        column_limits.append(form.upper[moving])
    flows = sum(m.shape[1] for m in matrices)
    matrix = sp.vstack(
        [
            sp.hstack([base.matrix[:, :first], sp.csr_matrix((base.matrix.shape[0], flows))]),
            sp.hstack([sp.vstack(row_links), sp.block_diag(matrices)]),
            sp.hstack([sp.vstack(column_links), sp.block_diag(links)]),
        ],
        format="csr",
    )
    moved = np.concatenate(column_limits)
    return Programme(
        np.concatenate([base.cost[:first], *costs]),
        np.concatenate([base.lower[:first], np.zeros(flows)]),
        np.concatenate([base.upper[:first], *limits]),
        np.concatenate([base.integer[:first], np.zeros(flows, dtype=bool)]),
        matrix,
        np.concatenate([base.row_lower, *lower, np.full(len(moved), -np.inf)]),
        np.concatenate([base.row_upper, *upper, moved]),
        base.offset,
    )
