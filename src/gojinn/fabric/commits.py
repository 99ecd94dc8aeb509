"""Several changes of keys at once, or none of them: JetStream's atomic batches. One change is `buckets`'."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gojinn.errors import BadRequest, Conflict, LimitExceeded, clip
from gojinn.fabric.buckets import Bucket
from gojinn.fabric.connection import Lost
from gojinn.fabric.records import MESSAGE_ID, check_value, deletion, write
from gojinn.fabric.replies import ack_of

LONGEST_COMMIT = 100
"""Changes that are made at once."""
COMMIT_BYTES = 4 << 20
"""Bytes of values that are written at once."""


class Change(NamedTuple):
    """One of several changes."""

    key: str
    value: bytes | None
    """None deletes."""
    revision: int | None = None
    """The revision that the key must have, 0 for none; None: whatever it has."""
    ttl: float | None = None
    """Seconds after which the value is gone; None: never."""

    @property
    def headers(self) -> dict[str, str]:
        """The headers of its message."""
        return deletion(self.revision) if self.value is None else write(self.ttl, self.revision)


async def commit(bucket: Bucket, changes: Sequence[Change]) -> list[int]:
    """Makes all changes, or none; returns the revisions of the keys in their order, once they are on disk.

    Raises Conflict when a key has not the revision that its change expects; BadRequest, LimitExceeded and
    Unavailable as a bucket does; Lost when all or nothing was written and nobody knows which.
    """
    check(changes)
    messages = [await message_of(bucket, change) for change in changes]
    fabric, batch = bucket.fabric, bucket.fabric.new_id()
    fabric.check_room(b"".join(change.value or b"" for change in changes))
    bucket.count("commit")
    await bucket.make()
    for number, (subject, value, headers) in enumerate(messages, 1):
        headers |= {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(number)}
        if number < len(messages):
            await fabric.send(subject, value, headers=headers)
    subject, value, headers = messages[-1]
    headers |= {"Nats-Batch-Commit": "1", MESSAGE_ID: batch}
    try:
        last = ack_of((await fabric.request(subject, value, headers=headers)).data).seq
    except Lost:
        last = await bucket.resolve(subject, batch)
    except Conflict as error:
        hint = "read the keys again and decide anew"
        raise Conflict("a key has another revision than expected; nothing was written", hint=hint) from error
    return list(range(last - len(messages) + 1, last + 1))


async def message_of(bucket: Bucket, change: Change) -> tuple[str, bytes, dict[str, str]]:
    """Makes the message of a change. What must not exist may have left a mark, whose revision it then has."""
    subject = bucket.keys.subject(change.key)
    if change.revision == 0:
        there = await bucket.get(change.key)
        change = change if there.value is not None else change._replace(revision=there.revision)
    return subject, change.value or b"", change.headers


def check(changes: Sequence[Change]) -> None:
    """Raises BadRequest or LimitExceeded for changes that cannot be made at once."""
    if not changes:
        raise BadRequest("there is nothing to write: the list of changes is empty")
    if len(changes) > LONGEST_COMMIT:
        given = f"given {len(changes)}, expected at most {LONGEST_COMMIT}"
        raise LimitExceeded(f"too many changes at once: {given}", hint="split them where that is safe")
    if len({change.key for change in changes}) < len(changes):
        raise BadRequest("a key is changed twice", hint="give each key once")
    for change in changes:
        check_value(change.value or b"")
        if change.value is None and change.ttl is not None:
            raise BadRequest(f"the deletion of '{clip(change.key)}' has a time to live", hint="remove it")
    size = sum(len(change.value or b"") for change in changes)
    if size > COMMIT_BYTES:
        raise LimitExceeded(f"too much at once: given {size:,} bytes, expected at most {COMMIT_BYTES:,}")
