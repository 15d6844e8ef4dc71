"""Merging: submissions of several chain owners into one instance, with every contradiction listed for a decision."""
