"""The reports: one pure report model, and the formats that show it."""
