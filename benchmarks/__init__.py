"""Scale runs: ``python -m benchmarks NAME`` prints a table. Never part of a test's verdict."""
