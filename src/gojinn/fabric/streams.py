"""Streams: making one as it should be, listing those that are there. What is in them is others' business."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gojinn.errors import Conflict, NotFound
from gojinn.fabric.connection import Fabric

Declare = Callable[[Fabric], Awaitable[None]]
"""Makes the streams that a subsystem always needs; called at each start, before anything uses them."""

SECOND = 1_000_000_000
"""Durations of JetStream's API are in nanoseconds."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream as it should be."""

    name: str
    subjects: tuple[str, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    """More fields of a stream's configuration as JetStream's API has them, such as `max_age`."""

    def config(self, replicas: int) -> dict[str, Any]:
        """The configuration for JetStream's API: on disk, on as many servers as the node wants."""
        fixed = {"name": self.name, "subjects": list(self.subjects), "storage": "file"}
        return {"num_replicas": replicas, "discard": "new", **self.options, **fixed}


async def ensure(fabric: Fabric, stream: Stream) -> dict[str, Any]:
    """Makes a stream, or changes the one of that name to be like it; returns its info.

    Raises Conflict when it cannot be changed like that, such as subjects that another stream has.
    """
    config = stream.config(fabric.node.replicas)
    try:
        return await fabric.api(f"STREAM.CREATE.{stream.name}", config)
    except Conflict as conflict:
        try:
            return await fabric.api(f"STREAM.UPDATE.{stream.name}", config)
        except NotFound:
            raise conflict from None


async def stream_names(fabric: Fabric) -> set[str]:
    """Names all streams of the account."""
    names: set[str] = set()
    while True:
        page = await fabric.api("STREAM.NAMES", {"offset": len(names)})
        names.update(page.get("streams") or ())
        if len(names) >= page.get("total", 0) or not page.get("streams"):
            return names
