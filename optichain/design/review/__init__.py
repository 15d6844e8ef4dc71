"""Ex-post review: what a plan promised against what happened."""
