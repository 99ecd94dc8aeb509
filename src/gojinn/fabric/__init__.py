"""The node's NATS: embedded server, connection, names, streams. Knows no function and no trigger."""
