"""Evidence (3.6): what a plan's measures buy, what was left out and why, and how far to believe it."""
