"""Requests of functions to other servers. What components ask through `wasi:http` the engine hands over."""
