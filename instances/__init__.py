"""Shipped instances and what makes them."""
