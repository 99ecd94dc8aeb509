"""Reproducible benchmarks: `make bench` runs them all in one go. Nothing here is part of the product."""
