"""From an instance and a plan to the report as data."""
