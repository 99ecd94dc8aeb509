"""Locks that expire, as guests see them. Leases are the fabric's; who may take one is the caller's."""
