"""The capability `queue`: its import, and how to open it. What serves it is loaded as it is opened."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from gojinn.capabilities.capability import Capability, Import, Served, Services
from gojinn.capabilities.queue.targets import Directory
from gojinn.fabric.node import Node

FAILED = 1
"""What `host_enqueue` returns for a job that is not stored, or may not be sent."""


def open_queue(services: Services) -> AbstractAsyncContextManager[Served]:
    """Serves sending jobs over the worker's connection."""
    from gojinn.capabilities.queue.host import opened

    return opened(services)


CAPABILITY = Capability(
    "queue",
    imports=(Import("host_enqueue", ("i32",) * 4, "i32", failure=FAILED),),
    open=open_queue,
    needs=(Node, Directory),
)
