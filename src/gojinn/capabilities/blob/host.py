"""What guests call for objects: the contract's two imports and the operations `blob.…`. Stores nothing.

Bodies travel as base64. Codes of errors beside those of every operation (`denied`, `bad-request`):
`bad-key`, `not-found`, `exists`, `conflict`, `bad-range`, `too-large`, `unsupported`, `store-refused`,
`unavailable`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from gojinn.capabilities.blob.capability import FAILED, WORD
from gojinn.capabilities.blob.config import BlobConfig
from gojinn.capabilities.blob.keys import fault
from gojinn.capabilities.blob.requests import (
    LARGEST_PIECE,
    Copy,
    Get,
    Key,
    List,
    Part,
    Presign,
    Put,
    expect,
    read,
    shown_info,
    shown_stored,
)
from gojinn.capabilities.blob.service import Blobs, blobs_opened, log
from gojinn.capabilities.blob.store import ALWAYS, BlobError, Condition, Facts, Store
from gojinn.capabilities.blob.uploads import Uploads
from gojinn.capabilities.capability import Caller, OperationError, Served, Services
from gojinn.engine.host import GuestCall
from gojinn.fabric.node import Node

T = TypeVar("T")

WARN = 2
MOST_UPLOADS = 8
"""Uploads that one invocation may have open at once: each holds some parts in memory."""


class BlobHost:
    """Serves the capability for one worker."""

    def __init__(self, blobs: Blobs) -> None:
        self.blobs = blobs

    async def s3_put(self, guest: GuestCall, key: int, key_length: int, body: int, length: int) -> int:
        """Writes an object; 0, or 1 where that failed."""
        caller: Caller = guest.context
        name = decoded(guest.read(key, key_length))
        if name is None or not caller.allows(WORD, "write", name):
            return FAILED
        try:
            await self.write(caller, name, guest.read(body, length), Facts())
        except OperationError as error:
            caller.note(WARN, f"host_s3_put of '{name}' failed: {error.message}")
            return FAILED
        return 0

    async def s3_get(self, guest: GuestCall, key: int, key_length: int, out: int, limit: int) -> int:
        """Reads an object's first `limit` bytes; returns how many those are, 0 also where there is none."""
        caller: Caller = guest.context
        name = decoded(guest.read(key, key_length))
        if name is None or not caller.allows(WORD, "read", name):
            return 0
        try:
            piece = await self.ask(caller, "get", self.store(caller).get(name, 0, limit))
        except OperationError as error:
            if error.code != "not-found":
                caller.note(WARN, f"host_s3_get of '{name}' failed: {error.message}")
            return 0
        self.blobs.count(caller.settings(BlobConfig), "get", len(piece.body))
        guest.write(out, piece.body)
        return len(piece.body)

    async def put(self, caller: Caller, request: Any) -> Any:
        """Writes an object: `{"key", "body", "content_type", "metadata": {…}, "if_match"}`, all but the key
        optional; with `if_match` only over the object with that etag. Answers `{"etag", "version"?}`."""
        asked = read(request, Put)
        caller.permit(WORD, "write", asked.key)
        return shown_stored(await self.write(caller, asked.key, asked.body, asked.facts(), asked.condition()))

    async def put_if_absent(self, caller: Caller, request: Any) -> Any:
        """Writes an object where none is: like `blob.put` without `if_match`. Fails as `exists` where one is,
        as `unsupported` where the store cannot be relied on for that."""
        asked = read(request, Put)
        expect(not asked.if_match, "if_match is given, expected none")
        caller.permit(WORD, "write", asked.key)
        condition = Condition(absent=True)
        return shown_stored(await self.write(caller, asked.key, asked.body, asked.facts(), condition))

    async def get(self, caller: Caller, request: Any) -> Any:
        """Reads an object or a piece of it: `{"key", "offset"?, "length"?, "version"?}`. At most 4 MiB at a
        time: a larger object fails as `too-large` unless `length` is given. Answers what `blob.head` does,
        with `offset` and `body`."""
        asked = read(request, Get)
        caller.permit(WORD, "read", asked.key)
        length = LARGEST_PIECE if asked.length is None else asked.length
        getting = self.store(caller).get(asked.key, asked.offset, length, asked.version)
        piece = await self.ask(caller, "get", getting)
        if asked.length is None and piece.info.size - asked.offset > LARGEST_PIECE:
            message = f"the object has {piece.info.size} bytes: ask for at most {LARGEST_PIECE} with 'length'"
            raise OperationError("too-large", message)
        self.blobs.count(caller.settings(BlobConfig), "get", len(piece.body))
        return {**shown_info(piece.info), "offset": piece.offset, "body": piece.body}

    async def head(self, caller: Caller, request: Any) -> Any:
        """Tells what is known of an object: `{"key", "version"?}`. Answers `{"key", "size", "modified",
        "etag", "version"?, "content_type", "metadata"}`."""
        asked = read(request, Get)
        caller.permit(WORD, "read", asked.key)
        found = await self.ask(caller, "head", self.store(caller).head(asked.key, asked.version))
        self.blobs.count(caller.settings(BlobConfig), "head")
        return shown_info(found)

    async def list(self, caller: Caller, request: Any) -> Any:
        """Lists objects in the order of their keys: `{"prefix"?, "after"?, "limit"?}`, at most 1,000. The
        prefix itself must be granted. Answers `{"objects": [{"key", "size", "modified", "etag"}…], "next"}`,
        `next` being the `after` for more, or empty."""
        asked = read(request, List)
        caller.permit(WORD, "read", asked.prefix)
        listing = self.store(caller).list(asked.prefix, asked.after, asked.limit)
        page = await self.ask(caller, "list", listing)
        self.blobs.count(caller.settings(BlobConfig), "list")
        return {"objects": [shown_info(info) for info in page.objects], "next": page.following}

    async def delete(self, caller: Caller, request: Any) -> Any:
        """Removes an object: `{"key"}`. One that is not there is no error. Answers `{}`."""
        asked = read(request, Key)
        caller.permit(WORD, "write", asked.key)
        await self.ask(caller, "delete", self.store(caller).delete(asked.key))
        self.blobs.count(caller.settings(BlobConfig), "delete")
        return {}

    async def copy(self, caller: Caller, request: Any) -> Any:
        """Copies an object with its content type and metadata: `{"source", "target"}`. Answers `{}`."""
        asked = read(request, Copy)
        caller.permit(WORD, "read", asked.source)
        caller.permit(WORD, "write", asked.target)
        await self.ask(caller, "copy", self.store(caller).copy(asked.source, asked.target))
        self.blobs.count(caller.settings(BlobConfig), "copy")
        return {}

    async def presign(self, caller: Caller, request: Any) -> Any:
        """Makes an address by which anybody may read or write an object for some time: `{"key", "method":
        "GET|PUT", "seconds"}`, 15 minutes unless said. Answers `{"url"}`. Buckets only."""
        asked = read(request, Presign)
        caller.permit(WORD, "read" if asked.method == "GET" else "write", asked.key)
        signing = self.store(caller).presign(asked.method, asked.key, asked.seconds)
        return {"url": await self.ask(caller, "presign", signing)}

    async def upload_begin(self, caller: Caller, request: Any) -> Any:
        """Begins an object that is written in pieces: what `blob.put` takes, without body and `if_match`.
        Answers `{"upload"}`, a number that ends with the invocation; an upload that is not complete then
        leaves nothing behind."""
        asked = read(request, Put)
        expect(not asked.body and not asked.if_match, "body or if_match is given, expected neither")
        caller.permit(WORD, "write", asked.key)
        largest = caller.settings(BlobConfig).blob_max_size
        uploads = self.uploads(caller)
        expect(len(uploads.open) < MOST_UPLOADS, f"{MOST_UPLOADS} uploads are open, expected fewer")
        return {"upload": uploads.begin(self.store(caller).upload(asked.key, asked.facts()), largest)}

    async def upload_part(self, caller: Caller, request: Any) -> Any:
        """Adds a piece, in order: `{"upload", "body"}`, at most 4 MiB. Answers `{"size"}` of all so far."""
        asked = read(request, Part)
        upload = self.uploads(caller).find(asked.upload)
        await self.ask(caller, "upload", upload.write(asked.body))
        return {"size": upload.size}

    async def upload_complete(self, caller: Caller, request: Any) -> Any:
        """Makes the pieces the object: `{"upload"}`. Answers as `blob.put` does."""
        asked = read(request, Part)
        expect(not asked.body, "body is given, expected none")
        uploads = self.uploads(caller)
        upload = uploads.find(asked.upload)
        del uploads.open[asked.upload]
        try:
            stored = await self.ask(caller, "upload", upload.finish())
        finally:
            await upload.abort()
        self.blobs.count(caller.settings(BlobConfig), "put", upload.size)
        return shown_stored(stored)

    async def upload_abort(self, caller: Caller, request: Any) -> Any:
        """Forgets an upload: `{"upload"}`. Answers `{}`."""
        asked = read(request, Part)
        uploads = self.uploads(caller)
        upload = uploads.find(asked.upload)
        del uploads.open[asked.upload]
        await upload.abort()
        return {}

    def uploads(self, caller: Caller) -> Uploads:
        """Finds the uploads of an invocation; they end with it."""
        return caller.own(Uploads, Uploads, Uploads.abort)

    async def write(
        self, caller: Caller, key: str, body: bytes, facts: Facts, condition: Condition = ALWAYS
    ) -> Any:
        """Writes an object whole. Raises OperationError."""
        config = caller.settings(BlobConfig)
        if len(body) > config.blob_max_size:
            message = f"the object has {len(body)} bytes, 'blob_max_size' is {config.blob_max_size}"
            raise OperationError("too-large", message)
        stored = await self.ask(caller, "put", self.store(caller).put(key, body, facts, condition))
        self.blobs.count(config, "put", len(body))
        return stored

    def store(self, caller: Caller) -> Store:
        """Finds where a caller's objects are. Raises OperationError."""
        try:
            return self.blobs.store(caller.settings(BlobConfig), caller.tenant)
        except BlobError as error:
            raise OperationError(error.code, error.message) from error

    async def ask(self, caller: Caller, what: str, doing: Awaitable[T]) -> T:
        """Awaits what a store does. What it says of its failures goes to the server's log only."""
        try:
            return await doing
        except BlobError as error:
            if error.detail and error.code in ("unavailable", "store-refused"):
                facts = {"function": caller.name, "tenant": caller.tenant, "operation": what}
                log.warning("object store failed", error=error.message, detail=error.detail, **facts)
            raise OperationError(error.code, error.message) from error


def decoded(raw: bytes) -> str | None:
    """Reads a key; None for what can be none."""
    try:
        key = raw.decode()
    except UnicodeDecodeError:
        return None
    return None if fault(key) else key


@asynccontextmanager
async def opened(services: Services) -> AsyncIterator[Served]:
    """Serves objects for as long as the worker lives."""
    async with blobs_opened(services[Node].blobs) as blobs:
        host = BlobHost(blobs)
        operations = (
            *(host.put, host.put_if_absent, host.get, host.head, host.list, host.delete, host.copy),
            *(host.presign, host.upload_begin, host.upload_part, host.upload_complete, host.upload_abort),
        )
        yield Served(
            calls={"host_s3_put": host.s3_put, "host_s3_get": host.s3_get},
            operations={f"{WORD}.{each.__name__}": each for each in operations},
            bound=blobs.bound,
            report=blobs.report,
        )
