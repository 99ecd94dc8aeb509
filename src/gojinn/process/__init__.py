"""Processes: the supervisor, its workers and what they say to each other, reload, watch, admin listener."""
