"""Simpler ways of sharing out a budget (3.6): rules of thumb, and greedy."""
