"""The rival from the textbook: the extensive form with the whole network in every scenario.

What page after page of the literature writes, and a good engineer in a week: every event in every year, all flows of the
network in each, as they stand; nothing is left out for being plentiful, or for being changed by no measure. Only scenarios
that are the same programme in several years are written once. In PuLP, solved by HiGHS.
"""

from __future__ import annotations

from dataclasses import replace

from optichain import Instance
from optichain.compilation import compile_network
from optichain.design.firststage.rules import build_first_stage
from optichain.design.firststage.wishes import Wishes
from optichain.design.recourse.blockmodels import EventModel
from optichain.design.recourse.scenarios import ScenarioMaker
from optichain.design.twostage.problem import Assembler, DesignProblem

__all__ = ["textbook_problem"]


def textbook_problem(instance: Instance, problem: DesignProblem) -> DesignProblem:
    """Return the two-stage problem of an instance, for the most expected ACC, with whole models.

    Parameters
    ----------
    instance : Instance
    problem : DesignProblem
        The same with small models. It tells what no measure and all of them are worth, so that the same improvement gap
        can be asked of both.
    """
    asked = Wishes()
    stage = build_first_stage(instance, **asked.first_stage())
    whole = _Whole(compile_network(instance), stage, asked, None).problem()
    least, most = (
        problem.second_stage([getattr(s, end) for s in problem.scenarios]) for end in ("worst", "best")
    )
    # shared out over the scenarios: only the sums are used
    weight = sum(s.weight for s in whole.scenarios)
    scenarios = [replace(s, worst=least / weight, best=most / weight) for s in whole.scenarios]
    return replace(whole, scenarios=scenarios, nothing=problem.nothing, everything=problem.everything)


class _Whole(Assembler):
    """Adds the whole block under every event in every year."""

    def _block(self, number: int) -> None:
        share = self.weighing.share(number)
        if share <= 0.0:
            return
        block = self.engine.block(number)
        maker = ScenarioMaker(self.network, block.flow, self.levers, self.useful)
        model, known = EventModel(maker, block.cost_of_serving, 0.0), {}
        for event, probability in self.weighing.of_block(number):
            if probability <= 0.0:
                continue
            template = model.template(event)
            for period in self.periods:
                scenario = self._event_scenario(model, template, event, period, (0.0, 1.0))
                self._add(scenario, probability * share * period.weight, known)
