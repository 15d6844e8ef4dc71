"""What decisions do to flows (3.4): right-hand sides of events as polynomials in the measures in effect."""
