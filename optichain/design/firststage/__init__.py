"""What may be decided (3.4): measures, wishes, rules and promises as columns and rows."""
