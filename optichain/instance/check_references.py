"""Placeholder replaced in the next commit."""

from __future__ import annotations

from optichain.instance.draft import Draft


def check(draft: Draft) -> None:
    """Check nothing yet."""
