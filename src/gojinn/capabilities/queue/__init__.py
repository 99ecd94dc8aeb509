"""Sending jobs, as guests see it. Storing them is the fabric's; who may send what is the caller's."""
