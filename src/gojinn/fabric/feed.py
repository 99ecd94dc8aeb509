"""Follows what happens to the keys of a bucket, in order and without gaps. Keeping what it tells is
others'.

Built on an ephemeral push consumer. nats-py's ordered consumers take 5-20 s to go on after a server was
restarted; this one only tells that it has ended, and whoever wants to go on opens another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import NamedTuple, Self

from nats.aio.msg import Msg

from gojinn.errors import GojinnError
from gojinn.fabric.buckets import Bucket
from gojinn.fabric.connection import TIMEOUT, Subscription
from gojinn.fabric.records import Entry, is_gone
from gojinn.fabric.streams import SECOND
from gojinn.observe.log import get

HEARTBEAT = 5.0
"""Seconds of silence after which the server shows a sign of life."""
MISSED = 2.5
"""Heartbeats without any, after which it is taken for lost."""
LONGEST_TELL = 100
"""Changes that are told at once."""
TELL_BYTES = 1 << 20
"""Bytes of values after which fewer are told."""
KEPT = 30
"""Seconds that the server keeps a feed whose reader is gone."""

log = get("gojinn.fabric")


class Event(NamedTuple):
    """A key has changed."""

    key: str
    entry: Entry


class Position(NamedTuple):
    """Where a message stands."""

    revision: int
    """In the stream."""
    number: int
    """Among those that the feed has delivered."""
    pending: int
    """How many are still to come."""


class Feed:
    """Calls `take` with every change, in the order of revisions. Entering returns once nothing can be missed.

    After `ended` is set it tells no more; then what was missed has to be looked up.
    """

    def __init__(
        self, bucket: Bucket, take: Callable[[Event], None], *, prefix: str = "", after: int | None = None
    ) -> None:
        """Follows keys with a prefix; `after` is the revision from which on, None for what comes from now on,
        0 for all that is there."""
        self.bucket = bucket
        self.take = take
        self.prefix = prefix
        self.after = after
        self.ended = asyncio.Event()
        self.settled = asyncio.Event()
        """Set when all that there was has been told, or there is no more to wait for."""
        self.revision = 0
        """Everything up to it has been told."""
        self.delivered = 0
        self.consumer = ""
        self.heard = 0.0
        self.connection = 0
        self.subscription: Subscription
        self.forget: Callable[[], None]
        self.watchdog: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        fabric = self.bucket.fabric
        await self.bucket.make()
        self.connection = fabric.reconnects
        inbox = fabric.client.new_inbox()
        self.subscription = await fabric.subscribe(inbox, self.receive)
        self.forget = fabric.on_reconnect(self.end)
        try:
            answer = await fabric.api(
                f"CONSUMER.CREATE.{self.bucket.keys.stream}",
                {"stream_name": self.bucket.keys.stream, "config": self.settings(inbox)},
            )
        except BaseException:
            await self.close()
            raise
        self.consumer = answer["name"]
        self.revision = max(self.revision, answer["delivered"]["stream_seq"])
        if answer["num_pending"] == 0:
            self.settled.set()
        self.listen()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def settings(self, inbox: str) -> dict[str, object]:
        """Describes the consumer."""
        start: dict[str, object] = {"deliver_policy": "new"}
        if self.after is not None:
            start = {"deliver_policy": "by_start_sequence", "opt_start_seq": self.after + 1}
        return {
            **start,
            "deliver_subject": inbox,
            "filter_subject": self.bucket.keys.pattern(self.prefix),
            "ack_policy": "none",
            "max_deliver": 1,
            "mem_storage": True,
            "num_replicas": 1,
            "flow_control": True,
            "idle_heartbeat": int(HEARTBEAT * SECOND),
            "inactive_threshold": KEPT * SECOND,
        }

    @property
    def live(self) -> bool:
        """Whether it tells all there is, as far as is known."""
        fabric = self.bucket.fabric
        return not self.ended.is_set() and fabric.connected and fabric.reconnects == self.connection

    async def receive(self, message: Msg) -> None:
        """Takes a message: a change, a sign of life, or a question whether we keep up."""
        self.heard = asyncio.get_running_loop().time()
        if self.ended.is_set():
            return
        headers = message.headers or {}
        if not message.reply.startswith("$JS.ACK."):
            return await self.heed(message.reply, headers)
        at = position(message.reply)
        if at.number != self.delivered + 1:
            return await self.end()
        self.delivered, self.revision = at.number, at.revision
        key = self.bucket.keys.key(message.subject)
        if key is not None and key.startswith(self.prefix):
            value = None if is_gone(headers) else message.data
            self.take(Event(key, Entry(value, at.revision)))
        if not at.pending:
            self.settled.set()

    async def heed(self, reply: str, headers: Mapping[str, str]) -> None:
        """Takes a sign of life, which may ask for an answer before more is sent."""
        asked = reply or headers.get("Nats-Consumer-Stalled", "")
        if asked:
            await self.bucket.fabric.send(asked)
        elif headers.get("Nats-Last-Consumer", str(self.delivered)) != str(self.delivered):
            await self.end()

    def listen(self) -> None:
        """Looks from time to time whether there was a sign of life."""
        loop = asyncio.get_running_loop()
        self.heard = self.heard or loop.time()
        silent = HEARTBEAT * MISSED
        if loop.time() - self.heard > silent or not self.live:
            self.stop()
        else:
            self.watchdog = loop.call_later(HEARTBEAT, self.listen)

    def stop(self) -> None:
        """Tells no more."""
        self.ended.set()
        self.settled.set()

    async def end(self) -> None:
        """Hears that something may have been missed."""
        self.stop()

    async def close(self) -> None:
        """Ends it, here and in the server."""
        self.stop()
        self.forget()
        if self.watchdog is not None:
            self.watchdog.cancel()
        await self.subscription.close()
        if self.consumer and self.bucket.fabric.connected and not self.bucket.fabric.closing:
            name = f"{self.bucket.keys.stream}.{self.consumer}"
            try:
                await self.bucket.fabric.send(f"$JS.API.CONSUMER.DELETE.{name}")
            except GojinnError as error:
                log.debug("a feed stays in the server for a while", consumer=name, error=str(error))


def position(reply: str) -> Position:
    """Reads where a message stands from the subject on which it would be acknowledged: `$JS.ACK`, maybe a
    domain and an account, stream, consumer, deliveries, revision, number, time, pending, maybe a nonce."""
    tokens = reply.split(".")
    at = 5 if len(tokens) == 9 else 7
    return Position(int(tokens[at]), int(tokens[at + 1]), int(tokens[at + 3]))


async def changes(
    bucket: Bucket,
    prefix: str = "",
    *,
    after: int | None = None,
    wait: float = 0.0,
    limit: int = LONGEST_TELL,
) -> tuple[list[Event], int]:
    """Tells what has changed after a revision, at most `limit` keys, fewer when their values are large; waits
    up to `wait` seconds for one.

    Returns the changes and the revision to go on from. Without `after` it begins now. Of a key that changed
    several times only the last change may be told.
    """
    found: list[Event] = []
    room = TELL_BYTES

    def take(event: Event) -> None:
        nonlocal room
        found.append(event)
        room -= len(event.entry.value or b"")
        if len(found) == limit or room <= 0:
            feed.stop()

    feed = Feed(bucket, take, prefix=prefix, after=after)
    async with feed:
        with suppress(TimeoutError):
            async with asyncio.timeout(TIMEOUT):
                await feed.settled.wait()
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                while not found and not feed.ended.is_set():
                    feed.settled.clear()
                    await feed.settled.wait()
    return found, found[-1].entry.revision if found else max(after or 0, feed.revision)
