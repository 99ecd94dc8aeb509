"""The store in a bucket: Amazon's S3, or what speaks its protocol. What its failures mean is `failures`'."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import suppress
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

import obstore
from obstore import exceptions
from obstore.store import S3Store

from gojinn.capabilities.blob.config import BlobConfig
from gojinn.capabilities.blob.failures import failure
from gojinn.capabilities.blob.store import (
    ALWAYS,
    BlobError,
    Condition,
    Facts,
    Info,
    Page,
    Piece,
    Stored,
)

if TYPE_CHECKING:
    from obstore import GetOptions, GetResult

T = TypeVar("T")

PART = 8 << 20
"""Bytes of one part; what is longer is uploaded in parts."""
PARTS_AT_ONCE = 2
"""Parts of one upload that are under way together; each is held in memory."""
SKIPPED = 1 << 20
"""Bytes that are read at once where a range cannot be asked for."""
CONNECT = timedelta(seconds=5)
TIMEOUT = timedelta(seconds=60)
"""How long one request may take, its body included."""
RETRIES = 4
"""How often a request is tried again: after 5xx, 429, a refused or broken connection, a timeout of a read."""
RETRY_FOR = timedelta(seconds=20)
"""No request is tried again after that."""
FIRST_BACKOFF, LONGEST_BACKOFF = timedelta(milliseconds=100), timedelta(seconds=3)
"""Waits between tries; they double, with jitter."""

CONTENT_TYPE = "Content-Type"
STANDARD = frozenset(
    ("Content-Type", "Content-Encoding", "Content-Language", "Content-Disposition", "Cache-Control")
)
"""Attributes that are no metadata."""
PROBE = "gojinn-probe-"
"""Begins the keys of objects that are written to find out what the store can do, and removed at once."""


def client_of(config: BlobConfig) -> S3Store:
    """Makes the client of a bucket; it connects when it is used."""
    options: dict[str, Any] = {"region": config.s3_region}
    if config.s3_endpoint:
        options["endpoint"] = config.s3_endpoint
    if config.s3_access_key:
        options["access_key_id"] = config.s3_access_key.reveal()
        options["secret_access_key"] = config.s3_secret_key.reveal()
    return S3Store(
        config.s3_bucket,
        config=options,  # type: ignore[arg-type]
        client_options={
            "allow_http": config.s3_endpoint.startswith("http://"),
            "connect_timeout": CONNECT,
            "timeout": TIMEOUT,
            "user_agent": "gojinn",
        },
        retry_config={
            "max_retries": RETRIES,
            "retry_timeout": RETRY_FOR,
            "backoff": {"init_backoff": FIRST_BACKOFF, "max_backoff": LONGEST_BACKOFF, "base": 2},
        },
    )


class Bucket:
    """A bucket, for all tenants that have objects in it."""

    def __init__(self, config: BlobConfig) -> None:
        self.config = config
        self.client = client_of(config)
        self.conditional: bool | None = None
        """Whether it keeps to conditions of writes; None while that is not known."""
        self.ranges = True
        """Whether it answers requests for a range as the standard says."""
        self.probing = asyncio.Lock()

    async def run(self, doing: Awaitable[T]) -> T:
        """Awaits an answer of the client. Raises BlobError."""
        try:
            return await doing
        except (exceptions.BaseError, OSError, ValueError) as error:
            raise failure(error, self.config.s3_bucket) from error

    async def probe(self) -> bool:
        """Finds out about conditions, once: creates an object twice, and the second must be refused."""
        async with self.probing:
            if self.conditional is None:
                key = PROBE + uuid4().hex
                try:
                    await self.run(obstore.put_async(self.client, key, b"1", mode="create"))
                    self.conditional = not await self.created(key)
                finally:
                    with suppress(BlobError):
                        await self.run(obstore.delete_async(self.client, key))
            return self.conditional

    async def created(self, key: str) -> bool:
        """Whether it creates an object that is there."""
        try:
            await self.run(obstore.put_async(self.client, key, b"2", mode="create"))
        except BlobError as error:
            if error.code == "exists":
                return False
            raise
        return True


class BucketStore:
    """The objects of a bucket whose keys begin with `folder`."""

    def __init__(self, bucket: Bucket, folder: str) -> None:
        self.bucket = bucket
        self.folder = folder
        """Empty, or ends with a slash; no key shows it."""
        self.client = bucket.client
        self.run = bucket.run

    async def put(self, key: str, body: bytes, facts: Facts, condition: Condition = ALWAYS) -> Stored:
        """Writes an object whole; in parts where it is long and the write has no condition."""
        options: dict[str, Any] = {}
        if condition != ALWAYS:
            if not await self.bucket.probe():
                raise BlobError("unsupported", "the object store does not keep to conditions of writes")
            options["mode"] = "create" if condition.absent else {"e_tag": condition.etag}
        else:
            options |= {"chunk_size": PART, "max_concurrency": PARTS_AT_ONCE}
        putting = obstore.put_async(
            self.client, self.folder + key, body, attributes=attributes(facts), **options
        )
        return stored(await self.run(putting))

    async def get(self, key: str, offset: int, length: int, version: str = "") -> Piece:
        """Reads a piece of an object."""
        if not length:
            return Piece(await self.head(key, version), offset, b"")
        try:
            if self.bucket.ranges:
                return await self.ranged(key, offset, length, version)
            return await self.skipped(key, offset, length, version)
        except BlobError as error:
            if error.code == "no-ranges":
                self.bucket.ranges = False
                return await self.skipped(key, offset, length, version)
            if error.code == "bad-range" and not offset:  # an empty object has no range at all
                return Piece(await self.head(key, version), 0, b"")
            raise

    async def ranged(self, key: str, offset: int, length: int, version: str) -> Piece:
        """Asks for no more than the piece."""
        options: GetOptions = {"range": (offset, offset + length)}
        found = await self.found(key, options, version)
        body = bytes(await self.run(found.bytes_async()))
        return Piece(self.info(found.meta, found.attributes), offset, body)

    async def skipped(self, key: str, offset: int, length: int, version: str) -> Piece:
        """Reads from the start and lets go after the piece, for servers that answer ranges with 200."""
        found = await self.found(key, {}, version)
        info = self.info(found.meta, found.attributes)
        if offset > info.size:
            raise BlobError("bad-range", f"the object has {info.size} bytes, given offset {offset}")
        body, at, pieces = bytearray(), 0, found.stream(SKIPPED)
        while len(body) < length and at < info.size:
            piece = await self.run(anext(pieces))
            body += piece[max(0, offset - at) :]
            at += len(piece)
        return Piece(info, offset, bytes(body[:length]))

    async def found(self, key: str, options: GetOptions, version: str) -> GetResult:
        """Asks for an object."""
        if version:
            options["version"] = version
        return await self.run(obstore.get_async(self.client, self.folder + key, options=options))

    async def head(self, key: str, version: str = "") -> Info:
        """Tells what is known of an object."""
        found = await self.found(key, {"head": True}, version)
        return self.info(found.meta, found.attributes)

    async def list(self, prefix: str, after: str, limit: int) -> Page:
        """Lists objects in order. The client knows folders only: the rest of a prefix is looked at here."""
        wanted = self.folder + prefix
        folder, _, rest = wanted.rpartition("/")
        before = wanted[:-1].rstrip(".") if rest else ""  # no path of the client's ends with '/.'
        start = max(self.folder + after if after else "", before, key=str.encode)
        chunks = obstore.list(self.client, folder or None, offset=start or None, chunk_size=limit + 1)
        objects: list[Info] = []
        while len(objects) <= limit:
            try:
                chunk = await self.run(anext(chunks))
            except StopAsyncIteration:
                return Page(objects)
            for meta in chunk:
                if meta["path"].startswith(wanted):
                    objects.append(self.info(meta))
                elif meta["path"].encode() > wanted.encode():
                    return cut(objects, limit)
        return cut(objects, limit)

    async def delete(self, key: str) -> None:
        """Removes an object."""
        try:
            await self.run(obstore.delete_async(self.client, self.folder + key))
        except BlobError as error:
            if error.code != "not-found":
                raise

    async def copy(self, source: str, target: str) -> None:
        """Has the store copy an object."""
        await self.run(obstore.copy_async(self.client, self.folder + source, self.folder + target))

    async def presign(self, method: str, key: str, seconds: int) -> str:
        """Makes an address with a signature."""
        signing = obstore.sign_async(
            self.client,
            method,  # type: ignore[call-overload]
            self.folder + key,
            timedelta(seconds=seconds),
        )
        return str(await self.run(signing))

    def upload(self, key: str, facts: Facts) -> BucketUpload:
        """Begins to write an object in parts."""
        return BucketUpload(self, self.folder + key, facts)

    def info(self, meta: Any, found: Any = None) -> Info:
        """Makes what is known of an object of what the client tells."""
        facts = None
        if found is not None:
            own = {name.lower(): value for name, value in found.items() if name not in STANDARD}
            facts = Facts(found.get(CONTENT_TYPE, ""), own)
        key = meta["path"].removeprefix(self.folder)
        version = meta["version"] or ""
        return Info(key, meta["size"], meta["last_modified"], meta["e_tag"] or "", version, facts)


class BucketUpload:
    """An object that is being written in parts, in a task that takes one piece after the other."""

    def __init__(self, store: BucketStore, key: str, facts: Facts) -> None:
        self.store = store
        self.pieces: asyncio.Queue[bytes | End] = asyncio.Queue(1)
        putting = obstore.put_async(
            store.client,
            key,
            self.taken(),
            attributes=attributes(facts),
            chunk_size=PART,
            max_concurrency=PARTS_AT_ONCE,
        )
        self.task = asyncio.ensure_future(putting)
        self.task.add_done_callback(look_at)

    async def write(self, data: bytes) -> None:
        """Adds to it."""
        await self.hand_over(data)

    async def finish(self) -> Stored:
        """Has the store put the parts together."""
        await self.hand_over(End.FINISH)
        return stored(await self.store.run(self.task))

    async def abort(self) -> None:
        """Has the store forget the parts."""
        if not self.task.done():
            while not self.pieces.empty():
                self.pieces.get_nowait()
            self.pieces.put_nowait(End.ABORT)
            await asyncio.wait([self.task])

    async def hand_over(self, piece: bytes | End) -> None:
        """Gives a piece to the task when it has taken the last one. Raises BlobError once that has failed."""
        handing = asyncio.ensure_future(self.pieces.put(piece))
        try:
            await asyncio.wait([handing, self.task], return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not handing.done():
                handing.cancel()
        if self.task.done():
            await self.store.run(self.task)

    async def taken(self) -> AsyncIterator[bytes]:
        """Yields the pieces as they come. Raising ends the upload so that nothing is left of it."""
        while isinstance(piece := await self.pieces.get(), bytes):
            yield piece
        if piece is End.ABORT:
            raise Aborted


class End(Enum):
    """How an upload ends."""

    FINISH = 1
    ABORT = 2


class Aborted(Exception):
    """The client then tells the store to forget the parts of an upload."""


def look_at(task: asyncio.Future[Any]) -> None:
    """Keeps asyncio from warning of an upload's failure that nobody asked for any more."""
    if not task.cancelled():
        task.exception()


def attributes(facts: Facts) -> Any:
    """Makes the client's attributes."""
    given = dict(facts.metadata)
    return given | ({CONTENT_TYPE: facts.content_type} if facts.content_type else {})


def stored(result: Any) -> Stored:
    """Makes what is known of a written object."""
    return Stored(result["e_tag"] or "", result["version"] or "")


def cut(objects: list[Info], limit: int) -> Page:
    """Makes a page of the objects that were found."""
    return Page(objects[:limit], objects[limit - 1].key if len(objects) > limit else "")
