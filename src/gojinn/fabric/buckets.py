"""The key-value store: a stream per tenant, in which the last message of a subject is the value of a key.

What is answered here comes from the stream's leader, so it knows whatever was acknowledged before it was
asked; a copy for hot reads is `mirror`'s. nats-py's own store is not used: it takes expired keys for
values, may read from followers, and gives a time to live only to some writes.
"""

from __future__ import annotations

import asyncio
from functools import cached_property

import msgspec
from nats.aio.msg import Msg

from gojinn.errors import Conflict, NotFound, Unavailable, clip
from gojinn.fabric.connection import RETRY_WAIT, Fabric, Lost
from gojinn.fabric.keyspace import Keyspace
from gojinn.fabric.records import (
    ABSENT,
    MARKER_TTL,
    MESSAGE_ID,
    Entry,
    Stored,
    check_value,
    conflict,
    deletion,
    entry_of,
    read_found,
    write,
)
from gojinn.fabric.replies import ack_of, error_of
from gojinn.fabric.streams import SECOND, Stream, ensure

ATTEMPTS = 8
"""Times that `create` tries when what it finds keeps changing under it."""

write_json = msgspec.json.Encoder().encode


class Bucket:
    """The keys of one tenant and kind. Making one costs nothing; its stream is made at the first use.

    Reads and writes are tried again when the connection is lost, for as long as the fabric's patience lasts.
    All of them raise BadRequest for a key, revision or time to live that cannot be, LimitExceeded for what is
    too large, and Unavailable when NATS is not there; writes raise Lost when they may or may not have been
    made.
    """

    def __init__(self, fabric: Fabric, tenant: str, kind: str = "kv") -> None:
        self.fabric = fabric
        self.keys = Keyspace(tenant, kind)
        self.made = False

    async def get(self, key: str) -> Entry:
        """Reads a key; the entry of a missing one has no value."""
        return (await self.last(self.keys.subject(key)))[0]

    async def put(self, key: str, value: bytes, *, ttl: float | None = None) -> int:
        """Writes a key, whatever it held; returns its revision once that is on disk.

        `ttl` is the seconds after which the value is gone, rounded up to whole ones; None: never.
        """
        return await self.store(key, value, write(ttl))

    async def cas(self, key: str, value: bytes, revision: int, *, ttl: float | None = None) -> int:
        """Writes a key that still has this revision, 0 for one that does not exist. Raises Conflict."""
        if revision == 0:
            return await self.create(key, value, ttl=ttl)
        return await self.store(key, value, write(ttl, revision))

    async def create(self, key: str, value: bytes, *, ttl: float | None = None) -> int:
        """Writes a key that does not exist. Raises Conflict when it does."""
        revision = 0
        for _ in range(ATTEMPTS):
            try:
                return await self.store(key, value, write(ttl, revision))
            except Conflict:
                # What is there may be the mark of a key that is gone.
                there = await self.get(key)
                if there.value is not None:
                    raise
                revision = there.revision
        raise Conflict(f"the key '{clip(key)}' keeps changing", hint="try again")

    async def delete(self, key: str, *, revision: int | None = None) -> int:
        """Deletes a key, if it still has this revision where one is given; returns that of the deletion.

        Deleting what is not there succeeds. Raises Conflict.
        """
        return await self.store(key, b"", deletion(revision))

    async def store(self, key: str, value: bytes, headers: dict[str, str]) -> int:
        """Publishes a message for a key and returns its place in the stream, which is the key's revision.

        The server compares revisions before it looks for duplicates, so when trying again ends in a
        conflict, the message itself has to be looked for.
        """
        subject = self.keys.subject(key)
        check_value(value)
        self.count("write")
        await self.make()
        loop = asyncio.get_running_loop()
        deadline = self.fabric.deadline(None)
        headers[MESSAGE_ID] = id = self.fabric.new_id()
        lost = False
        while True:
            self.fabric.check_room(value)
            try:
                left = self.fabric.attempt(deadline)
                return ack_of(
                    (await self.fabric.request(subject, value, headers=headers, timeout=left)).data
                ).seq
            except Unavailable as error:
                lost = lost or isinstance(error, Lost)
                if not (isinstance(error, Lost) or self.fabric.replicated):
                    raise
                if self.fabric.closing or loop.time() >= deadline:
                    self.fabric.check_room(value)
                    raise
                await asyncio.sleep(RETRY_WAIT)
            except Conflict as error:
                if lost:
                    return await self.resolve(subject, id)
                self.count("conflict")
                raise conflict(key, headers) from error

    def count(self, what: str) -> None:
        """Counts an operation, for the node's figures."""
        self.fabric.operations[f"{self.keys.kind} {what}"] += 1

    async def resolve(self, subject: str, id: str) -> int:
        """Finds out whether a message was stored before its acknowledgement was lost.

        Raises Lost if another one is the last by now: then it may have been.
        """
        entry, found = await self.last(subject)
        if found != id:
            raise Lost("the connection to NATS was lost, and the key has another revision now")
        return entry.revision

    async def last(self, subject: str) -> tuple[Entry, str]:
        """Reads the last message of a subject from the leader; returns what it says and its id."""
        self.count("read")
        await self.make()
        found = read_found((await self.ask("STREAM.MSG.GET", {"last_by_subj": subject})).data)
        if found.error is None:
            return entry_of(found.message or Stored(0))
        error = error_of(found.error)
        if isinstance(error, NotFound):
            return ABSENT, ""
        raise error

    async def ask(self, request: str, body: dict[str, object]) -> Msg:
        """Asks JetStream's API to read something of the stream."""
        subject = f"$JS.API.{request}.{self.keys.stream}"
        return await self.fabric.request(subject, write_json(body), again=True)

    async def find(self) -> None:
        """Looks for the stream without making it. Raises NotFound."""
        if not self.made:
            await self.fabric.api(f"STREAM.INFO.{self.keys.stream}")
            self.made = True

    async def make(self) -> None:
        """Makes the stream unless it is there."""
        if not self.made:
            await ensure(self.fabric, self.stream)
            self.made = True

    @cached_property
    def stream(self) -> Stream:
        """The stream as it should be."""
        options = {
            "max_msgs_per_subject": 1,
            # A full bucket refuses writes; it does not forget its oldest keys.
            "discard": "new",
            "allow_msg_ttl": True,
            "subject_delete_marker_ttl": MARKER_TTL * SECOND,
            "allow_atomic": True,
            "deny_delete": True,
            "duplicate_window": int(
                2 * self.fabric.patience * SECOND
            ),  # a write is tried again for half of it,
        }
        return Stream(self.keys.stream, (self.keys.everything,), options)
