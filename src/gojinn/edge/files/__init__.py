"""Serving files: finding, reading, ranges, conditions, listings. Knows no directive."""
