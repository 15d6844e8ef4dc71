"""The two-stage problem of reinforcement as arrays (3.4), and what is made of it: parts, pieces, other budgets."""

from optichain.design.twostage.arrays import DesignProblem

__all__ = ["DesignProblem"]
