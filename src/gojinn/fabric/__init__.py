"""The node's NATS: embedded server, connection, names, streams. Knows no function and no trigger."""

import sys
from importlib import import_module

if "aiohttp" not in sys.modules:
    # nats-py imports it for WebSockets where it is installed: a third of what a process imports at its start.
    sys.modules["aiohttp"] = None  # type: ignore[assignment]
    import_module("nats.aio.transport")
    del sys.modules["aiohttp"]
