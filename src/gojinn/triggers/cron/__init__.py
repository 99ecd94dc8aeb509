"""Functions that run by the clock."""
