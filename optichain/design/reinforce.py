"""Solve: from an instance to a plan that is worked out again before it is returned (3.4, 3.5)."""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from optichain.compilation import compile_network
from optichain.design.account.account import make_account
from optichain.design.account.finish import gaps, make_plan
from optichain.design.account.promises import explained_changes, promises_of
from optichain.design.account.scale import Scale
from optichain.design.aims import COST, EXPECTED, LOSS, WORST_CASE, Aim, Threat
from optichain.design.answers import insist, insist_on_rival
from optichain.design.baselines.baselines import greedy_contents
from optichain.design.columns.claimed import ClaimedChains
from optichain.design.columns.columnfile import load_columns
from optichain.design.firststage.lazily import LazyRules, rules_come_later
from optichain.design.firststage.rules import Rows, build_first_stage
from optichain.design.firststage.wishes import Wishes
from optichain.design.money import money_size
from optichain.design.plan import Plan
from optichain.design.pruning import pruned
from optichain.design.search import Search
from optichain.design.telling import Teller
from optichain.design.twostage.attacks import solve_against_attacks
from optichain.design.twostage.choices import read_choices
from optichain.design.twostage.problem import Assembler, DesignProblem, build_problem
from optichain.errors import InfeasibleError, UsageError, VerificationError
from optichain.risk.flows.engine import ContinuityEngine

if TYPE_CHECKING:
    from optichain.instance.model import Instance
    from optichain.network import Network

__all__ = ["build_model", "read_choices", "reinforce"]

log = logging.getLogger(__name__)

Floats = npt.NDArray[np.float64]

QUICK = 4_000
"""Starts of measures times scenarios up to which a greedy plan costs little beside the search that it starts."""


def reinforce(
    instance: Instance,
    *,
    budget: float | Sequence[float] | None = None,
    objective: str = EXPECTED,
    alpha: float = 0.95,
    mix: float = 0.0,
    k: int = 1,
    attack_kinds: Sequence[str] = ("site",),
    attack_duration: float | None = None,
    min_acc: float | None = None,
    clear_spofs: Sequence[str] = (),
    spof_exceptions: Sequence[str] = (),
    min_autonomy: float | None = None,
    previous: Plan | None = None,
    change_price: float = 0.0,
    method: str = "auto",
    solver: str = "HiGHS",
    solver_options: Mapping[str, Any] | None = None,
    gap: float = 1e-4,
    time_limit: float | None = None,
    threads: int | None = None,
    seed: int = 0,
    fix: Sequence[str] = (),
    forbid: Sequence[str] = (),
    rows: Rows = (),
    columns: Sequence[str | Path] = (),
    write_model: str | Path | None = None,
    command: str | None = None,
    stop: threading.Event | None = None,
    checkpoint: str | Path | None = None,
    progress: Callable[[dict[str, Any]], object] | None = None,
    executor: Executor | None = None,
) -> Plan:
    """Find the measures that serve most under a budget, or reach what is required at least cost.

    Parameters
    ----------
    instance : Instance
    budget : float or sequence of float, optional
        Instead of the instance's: one number for each planning year, or one a year.
    objective : {"expected", "worst", "cvar", "loss", "worst-case"}
        Expected ACC, worst event, CVaR (each most), expected annual loss (least), or the continuity that the worst
        failure of up to `k` elements leaves, averaged over the years that count (most).
    alpha : float
        Level of the CVaR, in [0, 1).
    mix : float
        Share of the expectation in the objectives worst and cvar, in [0, 1].
    k : int
        Of the objective ``worst-case``: most elements that fail together, each completely.
    attack_kinds : sequence of str
        What may fail.
    attack_duration : float, optional
        Time units that each stays down; its recovery time by default.
    min_acc : float, optional
        Find the least cost (of new measures, over all years) at which ACC, the mean over the years that count,
        reaches this.
    clear_spofs : sequence of str
        Find the least cost at which no single point of failure of these kinds is left, the plan in full effect.
    spof_exceptions : sequence of str
        ``kind:name`` of elements that may stay single points of failure.
    min_autonomy : float, optional
        Every chain's autonomy, its low end, is at least this with the plan in full effect, whatever the objective.
    previous : Plan, optional
        An earlier plan. What it began before the first planning year stays, its later costs are commitments; the rest is
        decided again.
    change_price : float
        Taken from the objective, in its own unit, for each measure that does not start as `previous` announced.
    method : str
        An installed method; ``auto`` chooses.
    solver : str
        Any solver of PuLP; ``auto`` is HiGHS.
    solver_options : mapping, optional
        For that solver.
    gap : float
        Improvement gap at which to stop; for least cost, relative to the cost.
    time_limit : float, optional
        Seconds for the solver.
    threads, seed : int
    fix, forbid : sequence of str
        Measures that must start (``name`` or ``name=units``) or must not.
    rows : sequence of (coefficients, sense, number)
        Further rules: coefficients by (measure, year) of starting.
    columns : sequence of path
        Files of columns (`optichain.design.columns.columnfile`): chains to decide too, of which only policies are known. What they
        gain is claimed, not recomputed.
    write_model : path, optional
        Where to write the integer programme as MPS.
    command : str, optional
        For the provenance.
    stop : threading.Event, optional
        Once set, from another thread, the solver stops with what it has: a plan with status ``feasible``.
    checkpoint : path, optional
        A file that the search writes now and then, and goes on from where it exists (methods lshaped and portfolio, and
        the objective worst-case).
    progress : callable, optional
        Called after every iteration with a dict that has at least ``bound``, ``objective``, ``improvement_gap`` and
        ``seconds`` (methods lshaped and portfolio; with the objective worst-case after every attack). What is not known
        yet is None: so the objective where rules are found on the way (`clear_spofs`, and `min_autonomy` of chains that
        share a block).
    executor : Executor, optional
        For a method that spreads work; the answer never depends on it.

    Returns
    -------
    Plan
        Worked out again from the instance, without the optimiser.

    Raises
    ------
    InfeasibleError, StoppedError
        There is no plan, or none was found in time.
    VerificationError
        The optimiser's objective is not confirmed; no plan is returned.
    """
    from optichain.solving import choose_solver

    began = time.perf_counter()
    started, announced, gone = ((), (), []) if previous is None else promises_of(instance, previous)
    wishes = Wishes(
        aim=_aim(
            Aim(objective, alpha, mix, _threat(objective, k, attack_kinds, attack_duration)),
            least_cost=min_acc is not None or bool(clear_spofs),
        ),
        budget=budget,
        fix=tuple(fix),
        forbid=tuple(forbid),
        rows=tuple(rows),
        min_acc=min_acc,
        clear_spofs=tuple(clear_spofs),
        spof_exceptions=tuple(spof_exceptions),
        min_autonomy=min_autonomy,
        started=started,
        announced=announced,
        change_price=change_price,
    )
    aim = wishes.aim
    network = compile_network(instance)
    engine = ContinuityEngine(network)
    stage = build_first_stage(instance, **wishes.first_stage())
    assembler = Assembler(network, stage, wishes, None if aim.objective == LOSS else engine)
    problem = assembler.problem(executor)
    chains = ClaimedChains(instance, [load_columns(path) for path in columns], aim) if columns else None
    if chains is not None:
        if aim.threat is not None:
            raise UsageError("columns say nothing of failures: they cannot join the objective worst-case")
        problem = chains.join(problem)
    log.info(
        "problem: %d decisions, %d scenarios, %d products",
        len(problem.stage.columns),
        len(problem.scenarios),
        len(problem.products),
    )

    # against the worst case the attacks are what a checkpoint holds, and not what the method learns of each of them
    kept = checkpoint if aim.threat is None else None
    # what a method tells of a problem that does not know all rules yet holds as a bound alone
    teller = Teller(progress or (lambda _: None), problem.sense)
    if aim.threat is not None or rules_come_later(network, wishes):
        progress = teller.hear
    found, reason = choose_solver(method, problem, checkpoint=kept is not None)
    log.info("method %s: %s", found.name, reason)
    search = Search(
        found,
        reason,
        solver="HiGHS" if solver == "auto" else solver,
        solver_options=solver_options,
        gap=gap,
        time_limit=time_limit,
        threads=threads,
        seed=seed,
        write_model=write_model,
        stop=stop,
        checkpoint=kept,
        progress=progress,
        executor=executor,
    )
    spare = chains is None and _spare(wishes)
    # a solver that is not ours is held against a plan that was bought without any
    rival = _bought(network, problem, aim) if spare and (search.takes_start or search.foreign) else None
    search.start = rival if search.takes_start else None
    rules = LazyRules(network, problem, wishes, engine)
    try:
        if aim.threat is None:
            solution = search.solve_lazily(problem, rules)
        else:
            solution = solve_against_attacks(
                assembler,
                aim.threat,
                lambda part: search.solve_lazily(part, rules),
                gap=gap,
                stop=stop,
                checkpoint=checkpoint,
                obeys=lambda plan: not rules.add(plan),
                tell=teller.reached,
            )
    except InfeasibleError as error:
        if spare and (rival is not None or _bought(network, problem, aim) is not None):
            who = f"solver {search.solver}" if search.foreign else f"method {found.name}"
            raise VerificationError(
                f"{who} is wrong: it finds no plan that obeys all rules, but one bought greedily obeys them all"
            ) from error
        raise search.explained(problem, error) from error

    choices, policies = read_choices(problem, solution.values)
    if spare:
        choices, policies = pruned(problem, choices, policies)
    claimed = () if chains is None else chains.chosen(solution.values)
    scale = Scale(network, aim, engine)
    work_out = functools.partial(make_account, instance, wishes=wishes, claimed=claimed, scale=scale)
    account = work_out(choices, policies=policies)
    insist(problem, account, solution)
    if rival is not None and search.foreign:
        insist_on_rival(problem, work_out(read_choices(problem, rival)[0], spofs=False), solution)
    bound = None if solution.bound is None else problem.beyond(solution.bound, account.objective)
    relative, improvement = gaps(
        bound, account.objective, account.objective_nothing, aim, money_size(network)
    )
    left = relative if aim.objective == COST else improvement
    proven = solution.proven and left is not None and left <= gap + 1e-7
    return make_plan(
        instance,
        account,
        wishes,
        status="optimal" if proven else "feasible",
        bound=bound,
        claimed=claimed,
        changes=explained_changes(account, wishes, choices, functools.partial(work_out, spofs=False), gone),
        provenance=search.provenance(solution) | {"seconds": time.perf_counter() - began, "command": command},
    )


def _bought(network: Network, problem: DesignProblem, aim: Aim) -> Floats | None:
    """Return a plan bought greedily, where that is little work beside the search itself."""
    if len(problem.stage.start) * len(problem.scenarios) > QUICK:
        return None
    try:
        return greedy_contents(network, problem.stage, aim).point()
    except InfeasibleError:
        return None  # the search says so itself, and explains it


def _spare(wishes: Wishes) -> bool:
    """Tell whether a plan may hold what gains nothing, and all rules that need it are written down."""
    found_on_the_way = bool(wishes.clear_spofs) or wishes.min_autonomy is not None
    return wishes.aim.objective not in (COST, WORST_CASE) and not found_on_the_way


def _threat(objective: str, k: int, kinds: Sequence[str], duration: float | None) -> Threat | None:
    """Return what the objective ``worst-case`` fears; another has no use for its options, and says so."""
    threat = Threat(k, tuple(kinds), duration)
    if objective == WORST_CASE:
        return threat
    if threat != Threat():
        raise UsageError(
            "only the objective worst-case has use for k, attack_kinds and attack_duration "
            "(-k, --attack-kind, --attack-duration): ask for it, or leave them out"
        )
    return None


def _aim(asked: Aim, *, least_cost: bool) -> Aim:
    """Return the objective; where something is required at least cost, that is the objective."""
    if not least_cost:
        return asked
    if asked.objective != EXPECTED:
        raise UsageError(
            f"what is required is reached at least cost, so the objective is cost and not {asked.objective!r}: "
            "leave it out"
        )
    return Aim(COST, asked.alpha)


def build_model(
    instance: Instance,
    *,
    budget: float | Sequence[float] | None = None,
    objective: str = EXPECTED,
    alpha: float = 0.95,
    mix: float = 0.0,
    rows: Rows = (),
) -> Any:
    """Return the integer programme as a PuLP problem, with its decisions by name.

    Returns
    -------
    pulp.LpProblem
        With ``start[measure, year]``, ``units[measure, year]`` and ``chain[chain, year]``.
    """
    from importlib import import_module

    model: Any = import_module("optichain_solvers.extensive.model")
    wishes = Wishes(aim=Aim(objective, alpha, mix), budget=budget, rows=rows)
    return model.extensive_model(build_problem(instance, wishes))
