"""The key-value store as guests see it. Storing is the fabric's; who may do what is the caller's."""
