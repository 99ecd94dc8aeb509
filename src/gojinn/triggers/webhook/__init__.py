"""Functions that run for what other services report by HTTP."""
