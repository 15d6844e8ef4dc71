"""Where a network is fragile: structure (3.2) and continuity under events (3.3)."""
