"""The L-shaped method (3.5): decisions in a master, flows in programmes of their own."""

from optichain_solvers.lshaped.solver import LShapedSolver

__all__ = ["LShapedSolver"]
