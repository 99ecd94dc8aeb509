"""The capability `kv`: its imports, and how to open it. What serves them is loaded as it is opened."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from gojinn.capabilities.capability import Capability, Import, Served, Services
from gojinn.fabric.node import Node

MISSING = -1
"""What `host_kv_get` returns for a key that is not there, may not be read, or cannot be."""


def open_kv(services: Services) -> AbstractAsyncContextManager[Served]:
    """Serves the key-value store over the worker's connection."""
    from gojinn.capabilities.kv.host import opened

    return opened(services)


CAPABILITY = Capability(
    "kv",
    imports=(
        Import("host_kv_set", ("i32",) * 4, permission="kv_write"),
        Import("host_kv_get", ("i32",) * 4, "i32", permission="kv_read", failure=MISSING),
    ),
    open=open_kv,
    needs=(Node,),
)
