"""The extensive form (3.4, 3.5), to be read beside the page; and why a problem has no solution."""

from optichain_solvers.extensive.solver import ExtensiveSolver

__all__ = ["ExtensiveSolver"]
