"""Generators of shipped instances."""
