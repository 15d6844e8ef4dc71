"""The stress rival: what a good engineer writes in a week, without optichain's engine.

Arrays of the network are taken as read (compiling is not what is compared). One matrix with two phases, before and
after the end of the event, is built once with scipy and kept in HiGHS; each event changes bounds and starts from the
basis of the undisturbed network. A tiny cost of flow works against degeneracy, and the value is taken without it;
events with the same right-hand sides are solved once. Events whose hits end at different times are refused.
"""

from __future__ import annotations

from typing import Any

import highspy
import numpy as np
import scipy.sparse as sp

FLOW_COST = 1e-4


class Rival:
    def __init__(self, network: Any) -> None:
        self.net = net = network
        self.n_a, self.n_o = net.n_activities, len(net.alternative_commodity)
        self.n_d, self.n_c = len(net.demand_commodity), net.n_commodities
        self.n_g = len(net.requirement_activity)
        self.limited = np.flatnonzero(np.isfinite(net.site_capacity))
        self.block = self.n_a + self.n_o + self.n_d
        need = net.requirement_rate[net.commodity_item] * net.horizon
        self.unit = np.where(need > 0.0, need, net.demand_rate.max() * net.horizon)
        self.known: dict[bytes, float] = {}
        self._build()

    def _phase(self) -> sp.csr_matrix:
        net = self.net
        a, o, d = np.arange(self.n_a), np.arange(self.n_o), np.arange(self.n_d)
        out_unit = self.unit[net.output]
        in_unit = self.unit[net.alternative_commodity]
        user = net.requirement_activity[net.alternative_requirement]
        place = np.full(len(net.sites), -1)
        place[self.limited] = np.arange(len(self.limited))
        loaded = np.flatnonzero((net.load > 0) & (net.activity_site >= 0))
        loaded = loaded[place[net.activity_site[loaded]] >= 0]
        site_unit = net.site_capacity[self.limited] * net.horizon
        parts = [
            (net.output, a, np.ones(self.n_a)),
            (net.alternative_commodity, self.n_a + o, -np.ones(self.n_o)),
            (net.demand_commodity, self.n_a + self.n_o + d, -np.ones(self.n_d)),
            (
                self.n_c + net.alternative_requirement,
                self.n_a + o,
                in_unit / (net.alternative_quantity * out_unit[user]),
            ),
            (self.n_c + np.arange(self.n_g), net.requirement_activity, -np.ones(self.n_g)),
            (
                self.n_c + self.n_g + place[net.activity_site[loaded]],
                loaded,
                net.load[loaded] * out_unit[loaded] / site_unit[place[net.activity_site[loaded]]],
            ),
        ]
        rows, columns, values = (np.concatenate([p[i] for p in parts]) for i in range(3))
        shape = (self.n_c + self.n_g + len(self.limited), self.block)
        return sp.csr_matrix((values, (rows, columns)), shape=shape)

    def _build(self) -> None:
        net = self.net
        phase = self._phase()
        self.rows = phase.shape[0]
        keep = sp.vstack([sp.identity(self.n_c), sp.csr_matrix((self.rows - self.n_c, self.n_c))])
        matrix = sp.bmat([[phase, None, -keep], [None, phase, keep]], format="csc")
        self.columns = matrix.shape[1]
        value = net.demand_value * self.unit[net.demand_commodity]
        value = value / float(np.sum(net.demand_value * net.demand_rate) * net.horizon)
        self.value = np.zeros(self.columns)
        for k in range(2):
            first = k * self.block + self.n_a + self.n_o
            self.value[first : first + self.n_d] = value
        cost = self.value.copy()
        for k in range(2):
            cost[k * self.block : k * self.block + self.n_a + self.n_o] -= FLOW_COST * value.max()
        cost[2 * self.block :] -= FLOW_COST * value.max()
        upper, low, high = self._bounds(
            np.zeros(0, int), np.zeros(0), np.zeros(0, int), np.zeros(0), net.horizon / 2
        )
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = self.columns, 2 * self.rows
        model.sense_ = highspy.ObjSense.kMaximize
        model.col_cost_, model.col_lower_, model.col_upper_ = cost, np.zeros(self.columns), upper
        model.row_lower_, model.row_upper_ = low, high
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_, model.a_matrix_.index_ = matrix.indptr, matrix.indices
        model.a_matrix_.value_ = matrix.data
        self.highs = highspy.Highs()
        for name, setting in {
            "output_flag": False,
            "presolve": "off",
            "solver": "simplex",
            "dual_simplex_cost_perturbation_multiplier": 0.0,
        }.items():
            self.highs.setOptionValue(name, setting)
        self.highs.passModel(model)
        self.highs.run()
        self.basis = self.highs.getBasis()
        self._all_columns = np.arange(self.columns, dtype=np.int32)
        self._all_rows = np.arange(2 * self.rows, dtype=np.int32)
        self._zero = np.zeros(self.columns)

    def _bounds(
        self, activities: Any, left: Any, sites: Any, site_left: Any, time: float
    ) -> tuple[Any, Any, Any]:
        net = self.net
        capacity = np.where(net.status == 0, net.capacity, 0.0) / self.unit[net.output]
        room = np.ones(len(self.limited)) / net.horizon
        upper = np.full(self.columns, np.inf)
        low = np.zeros(2 * self.rows)
        high = np.zeros(2 * self.rows)
        stock = np.zeros(self.n_c)
        np.add.at(stock, net.stock_commodity, net.stock_quantity)
        low[: self.n_c] = high[: self.n_c] = -stock / self.unit
        high[self.rows : self.rows + self.n_c] = np.inf
        for k, length in enumerate((time, net.horizon - time)):
            now, space = capacity.copy(), room.copy()
            if k == 0:
                now[activities] = np.where(left <= 0.0, 0.0, now[activities] * left)
                where = np.searchsorted(self.limited, sites)
                mine = (where < len(self.limited)) & np.isin(sites, self.limited)
                space[where[mine]] *= site_left[mine]
            first = k * self.block
            with np.errstate(invalid="ignore"):
                upper[first : first + self.n_a] = np.nan_to_num(now * length, nan=0.0, posinf=np.inf)
            shut = net.alternative_status > 0
            upper[first + self.n_a : first + self.n_a + self.n_o][shut] = 0.0
            served = first + self.n_a + self.n_o
            upper[served : served + self.n_d] = net.demand_rate * length / self.unit[net.demand_commodity]
            site_rows = k * self.rows + self.n_c + self.n_g
            low[site_rows : site_rows + len(self.limited)] = -np.inf
            high[site_rows : site_rows + len(self.limited)] = space * length
        return upper, low, high

    def continuity(self, activities: Any, left: Any, sites: Any, site_left: Any, time: float) -> float:
        """Return the continuity when activities and sites keep a share for a time."""
        upper, low, high = self._bounds(activities, left, sites, site_left, min(time, self.net.horizon))
        key = upper.tobytes() + low.tobytes() + high.tobytes()
        if key not in self.known:
            self.highs.changeColsBounds(self.columns, self._all_columns, self._zero, upper)
            self.highs.changeRowsBounds(2 * self.rows, self._all_rows, low, high)
            self.highs.setBasis(self.basis)
            self.highs.run()
            solution = np.asarray(self.highs.getSolution().col_value)
            self.known[key] = float(self.value @ solution)
        return self.known[key]
