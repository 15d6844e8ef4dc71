"""Submissions: a workbook of some thirty rows that a chain owner fills in, and the instance that it makes."""
