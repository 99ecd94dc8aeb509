"""The capability `lock`: its imports, and how to open it. What serves them is loaded as it is opened."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from gojinn.capabilities.capability import Capability, Import, Served, Services
from gojinn.fabric.node import Node


def open_lock(services: Services) -> AbstractAsyncContextManager[Served]:
    """Serves locks over the worker's connection."""
    from gojinn.capabilities.lock.host import opened

    return opened(services)


CAPABILITY = Capability(
    "lock",
    imports=(
        Import("host_mutex_lock", ("i32",) * 3, "i32"),
        Import("host_mutex_unlock", ("i32",) * 2, "i32"),
    ),
    open=open_lock,
    needs=(Node,),
)
