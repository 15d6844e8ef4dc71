"""The portfolio (3.5): coalitions that only money, intake and limits tie together, priced apart and chosen together."""

from optichain_solvers.portfolio.solver import PortfolioSolver

__all__ = ["PortfolioSolver"]
