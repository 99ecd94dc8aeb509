"""Group commit: messages for one stream that come while others are being stored are stored together.

The server syncs each single message to disk by itself. An atomic batch has one sync for all of its messages
and some half a dozen for the batch, so from a few messages on it is much faster, and the promise is the same:
what is acknowledged is on disk. A message that comes alone is sent at once, alone.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from gojinn.errors import GojinnError, Unavailable
from gojinn.fabric.connection import Fabric
from gojinn.fabric.records import MESSAGE_ID
from gojinn.fabric.replies import Ack, ack_of

LARGEST_GROUP = 1000
"""Messages of one batch; the server takes no more."""
GROUP_BYTES = 4 << 20
"""Bytes of one batch: the server keeps a batch in memory until it is complete."""
SMALLEST_GROUP = 8
"""Messages below which each is sent by itself: a batch costs the server some six syncs."""
MOST_WAITING = 64 << 20
"""Bytes that may wait; who comes then is refused."""


@dataclass(slots=True, eq=False)
class Pending:
    """A message that waits to be stored."""

    subject: str
    payload: bytes
    headers: Mapping[str, str]
    id: str
    deadline: float
    """On the clock of the event loop."""
    stored: asyncio.Future[Ack] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Groups:
    """Publishes to one stream that allows atomic batches (`allow_atomic`)."""

    def __init__(self, fabric: Fabric) -> None:
        self.fabric = fabric
        self.waiting: deque[Pending] = deque()
        self.bytes = 0
        """Of what waits."""
        self.busy = False
        """Whether messages are being stored; others wait meanwhile."""

    async def publish(
        self,
        subject: str,
        payload: bytes = b"",
        *,
        headers: Mapping[str, str] | None = None,
        id: str | None = None,
        timeout: float | None = None,
    ) -> Ack:
        """Stores a message, like `Fabric.publish`, and raises the same. Of one that was stored with others
        `seq` is that of the last of them.

        Cancellation: it may be stored all the same.
        """
        if self.bytes + len(payload) > MOST_WAITING:
            raise Unavailable("too many messages wait to be stored", hint="send them more slowly")
        if not self.busy:
            self.busy = True
            try:
                return await self.fabric.publish(subject, payload, headers=headers, id=id, timeout=timeout)
            finally:
                self.go_on()
        pending = Pending(
            subject, payload, headers or {}, id or self.fabric.new_id(), self.fabric.deadline(timeout)
        )
        self.waiting.append(pending)
        self.bytes += len(payload)
        return await pending.stored

    def go_on(self) -> None:
        """Stores what has come meanwhile, if anything has."""
        if self.waiting:
            self.fabric.start(self.drain())
        else:
            self.busy = False

    async def drain(self) -> None:
        """Stores what waits, group by group, until nothing does."""
        try:
            while self.waiting:
                group = self.take()
                try:
                    await self.store(group)
                except GojinnError as error:
                    fail(group, error)
                except BaseException:
                    fail(group, Unavailable("the connection to NATS is closed"))
                    raise
        finally:
            self.busy = False
            if self.fabric.closing:
                fail(self.waiting, Unavailable("the connection to NATS is closed"))

    def take(self) -> list[Pending]:
        """Takes the next group."""
        group: list[Pending] = []
        size = 0
        while self.waiting and len(group) < LARGEST_GROUP:
            size += len(self.waiting[0].payload)
            if group and size > GROUP_BYTES:
                break
            group.append(self.waiting.popleft())
            self.bytes -= len(group[-1].payload)
        return group

    async def store(self, group: list[Pending]) -> None:
        """Stores a group, as a batch where that pays. What is wrong with single messages is told to these."""
        if len(group) >= SMALLEST_GROUP:
            # Refused as a whole for one message (such as an id that is known already), or lost on the way:
            # then each finds out for itself.
            with suppress(GojinnError):
                ack = await self.commit(group)
                for pending in group:
                    if not pending.stored.done():
                        pending.stored.set_result(ack)
                return
        await asyncio.gather(*map(self.single, group))

    async def commit(self, group: list[Pending]) -> Ack:
        """Stores a batch, all or nothing. Raises what speaks against it."""
        self.fabric.check_room(b"batch")
        batch = self.fabric.new_id()
        for number, pending in enumerate(group, 1):
            headers = {
                **pending.headers,
                MESSAGE_ID: pending.id,
                "Nats-Batch-Id": batch,
                "Nats-Batch-Sequence": str(number),
            }
            if number < len(group):
                await self.fabric.send(pending.subject, pending.payload, headers=headers)
        headers["Nats-Batch-Commit"] = "1"
        left = max(0.001, self.fabric.attempt(min(pending.deadline for pending in group)))
        last = group[-1]
        return ack_of(
            (await self.fabric.request(last.subject, last.payload, headers=headers, timeout=left)).data
        )

    async def single(self, pending: Pending) -> None:
        """Stores one message and tells who waits for it."""
        left = max(0.001, self.fabric.left(pending.deadline))
        try:
            ack = await self.fabric.publish(
                pending.subject, pending.payload, headers=pending.headers, id=pending.id, timeout=left
            )
        except GojinnError as error:
            fail([pending], error)
        else:
            if not pending.stored.done():
                pending.stored.set_result(ack)


def fail(group: list[Pending] | deque[Pending], error: GojinnError) -> None:
    """Tells those who wait for a group why it is not stored."""
    for pending in group:
        if not pending.stored.done():
            pending.stored.set_exception(error)
