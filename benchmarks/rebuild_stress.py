"""The naive way to stress: a PuLP model built anew for each event."""

from __future__ import annotations

from typing import Any

import numpy as np
import pulp


def continuity(network: Any, activities: Any, left: Any, sites: Any, site_left: Any, time: float) -> float:
    """Return the continuity when activities and sites keep a share for a time, all as `Rival.continuity`."""
    net = network
    share = dict(zip(activities.tolist(), left.tolist(), strict=True))
    site_share = dict(zip(sites.tolist(), site_left.tolist(), strict=True))
    need = net.requirement_rate[net.commodity_item] * net.horizon
    unit = np.where(need > 0.0, need, net.demand_rate.max() * net.horizon)
    model = pulp.LpProblem("stress", pulp.LpMaximize)
    stock = np.zeros(net.n_commodities)
    np.add.at(stock, net.stock_commodity, net.stock_quantity)
    balance: list[Any] = [stock[c] / unit[c] for c in range(net.n_commodities)]
    objective = []
    total = float(np.sum(net.demand_value * net.demand_rate) * net.horizon)
    for k, length in enumerate((time, net.horizon - time)):
        terms: list[list[Any]] = [[balance[c]] for c in range(net.n_commodities)]
        output = []
        work: dict[int, list[Any]] = {}
        for a in range(net.n_activities):
            limit = float(net.capacity[a]) if net.status[a] == 0 else 0.0
            if k == 0 and a in share:
                limit = 0.0 if share[a] <= 0.0 else limit * share[a]
            top = limit * length / unit[net.output[a]]
            p = pulp.LpVariable(f"p_{k}_{a}", 0, None if np.isinf(top) else top)
            output.append(p)
            terms[net.output[a]].append(p)
            s = int(net.activity_site[a])
            if s >= 0 and net.load[a] > 0 and np.isfinite(net.site_capacity[s]):
                work.setdefault(s, []).append(float(net.load[a] * unit[net.output[a]]) * p)
        met: list[list[Any]] = [[] for _ in net.requirement_activity]
        for o, c in enumerate(net.alternative_commodity.tolist()):
            u = pulp.LpVariable(f"u_{k}_{o}", 0, 0 if net.alternative_status[o] > 0 else None)
            a = int(net.requirement_activity[net.alternative_requirement[o]])
            met[net.alternative_requirement[o]].append(
                float(unit[c] / (net.alternative_quantity[o] * unit[net.output[a]])) * u
            )
            terms[c].append(-1 * u)
        for g, a in enumerate(net.requirement_activity.tolist()):
            model += pulp.lpSum(met[g]) == output[a]
        for s, used in work.items():
            left_here = site_share.get(s, 1.0) if k == 0 else 1.0
            model += pulp.lpSum(used) <= float(net.site_capacity[s]) * left_here * length
        for d, c in enumerate(net.demand_commodity.tolist()):
            v = pulp.LpVariable(f"s_{k}_{d}", 0, float(net.demand_rate[d] * length / unit[c]))
            terms[c].append(-1 * v)
            objective.append(float(net.demand_value[d] * unit[c] / total) * v)
        balance = []
        for c in range(net.n_commodities):
            held = pulp.LpVariable(f"i_{k}_{c}", 0)
            model += pulp.lpSum(terms[c]) == held
            balance.append(held)
    model.setObjective(pulp.lpSum(objective))
    model.solve(pulp.HiGHS(msg=False))
    return float(pulp.value(model.objective))
