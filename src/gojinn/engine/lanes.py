"""An engine's lanes, each with a pool of its own, and the programs in them. Loading them is `loading`'s,
running them `driver`'s."""

from __future__ import annotations

import asyncio
from typing import Generic, TypeVar

from gojinn.engine.components.link import ComponentFunction
from gojinn.engine.host import HostFunction
from gojinn.engine.sandbox import Core, Files
from gojinn.engine.slots import Slots

Hosts = tuple[HostFunction, ...] | tuple[ComponentFunction, ...]
"""What a program may call, by the number of the operation."""


AnyCore = TypeVar("AnyCore", bound=Core, covariant=True)


class Lane(Generic[AnyCore]):
    """One of the engine's parts, with a pool of its own."""

    __slots__ = ("core", "places", "slots")

    def __init__(self, core: AnyCore, shared: Slots, slots: int | None = None) -> None:
        self.core = core
        self.slots = None if slots is None else Slots(slots)
        """None where the engine's limit is also the lane's."""
        self.places = (shared,) if self.slots is None else (self.slots, shared)
        """Where each of its guests needs a place."""


class Program:
    """A compiled module or component, linked, with its arguments, environment, mounts and limits. Made by
    `Loader`."""

    __slots__ = ("at_once", "files", "handle", "hosts", "lane", "memory", "parts", "queued", "slow")

    def __init__(
        self,
        lane: Lane[Core],
        handle: int,
        hosts: Hosts,
        files: Files | None,
        memory: int,
        *,
        parts: bool = False,
    ) -> None:
        self.lane = lane
        self.handle = handle
        self.hosts = hosts
        self.at_once = [each.at_once if isinstance(each, HostFunction) else None for each in hosts]
        """What is tried before the coroutine of each. Components try theirs before they park."""
        self.files = files
        self.memory = memory
        """Bytes of linear memory that its guests start with."""
        self.parts = parts
        """Whether its guests' answers can be taken in parts."""
        self.slow = False
        """Whether its last guest used up a slice. The next then waits for its turn before its first one, or
        several that arrive together would hold everybody up for a slice each."""
        self.queued: list[asyncio.Future[None]] = []
        """Those that wait for it."""

    def found(self, *, slow: bool) -> None:
        """Notes how its last guest went. After a short one nobody needs to wait for a first slice: those who
        do would be overtaken by all that come now, again and again."""
        self.slow = slow
        if self.queued and not slow:
            for turn in self.queued:
                if not turn.done():
                    turn.set_result(None)
            self.queued.clear()

    def close(self) -> None:
        """Frees it; what still runs of it runs on. Safe to call again."""
        handle, self.handle = self.handle, 0
        if handle:
            self.lane.core.release(handle)
            if self.files is not None:
                self.files.close()
