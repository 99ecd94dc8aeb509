"""Writes the reference pages from the code: docstrings, options, commands. The other pages are by hand."""
