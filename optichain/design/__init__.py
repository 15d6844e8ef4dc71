"""What to reinforce: measures as a two-stage problem (3.4), plans, and their verification."""
