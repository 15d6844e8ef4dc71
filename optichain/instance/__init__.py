"""Instances: tables and settings, read, checked and written in three carriers."""
