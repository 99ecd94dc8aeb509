"""The capability `blob`: its imports, and how to open it. What serves them is loaded as it is opened."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from gojinn.capabilities.capability import Capability, Import, Served, Services
from gojinn.fabric.node import Node

WORD = "blob"
FAILED = 1
"""What `host_s3_put` returns when it did not write."""


def open_blobs(services: Services) -> AbstractAsyncContextManager[Served]:
    """Serves objects, those of functions without a bucket from the node's data directory."""
    from gojinn.capabilities.blob.host import opened

    return opened(services)


CAPABILITY = Capability(
    WORD,
    imports=(
        Import("host_s3_put", ("i32",) * 4, "i32", permission="s3_write", failure=FAILED),
        Import("host_s3_get", ("i32",) * 4, "i32", permission="s3_read"),
    ),
    open=open_blobs,
    needs=(Node,),
)
