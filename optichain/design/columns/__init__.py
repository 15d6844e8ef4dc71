"""Policies as columns: of our own chains, and of chains whose bills of materials stay with their owners."""
