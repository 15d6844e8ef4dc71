"""Integer programmes behind optichain; found through the entry-point group ``optichain.solvers``."""
