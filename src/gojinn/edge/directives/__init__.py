"""The site directives, one file each with its `DIRECTIVE`. Their order is the composition root's."""
