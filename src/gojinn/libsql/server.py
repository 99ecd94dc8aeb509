"""The libSQL server of one worker: what all its databases share, and one database as clients see it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import apsw

import gojinn
from gojinn.capabilities.sql.errors import SqlError
from gojinn.capabilities.sql.sqlite import SqliteFile
from gojinn.capabilities.sql.turns import Turns
from gojinn.libsql import legacy
from gojinn.libsql.batons import BatonKey, Batons
from gojinn.libsql.codec import JSON, Codec
from gojinn.libsql.config import LibsqlConfig
from gojinn.libsql.faults import (
    Fault,
    ProtocolViolated,
    StatementFailed,
    StreamGone,
    expired,
    statement_failed,
)
from gojinn.libsql.files import Files
from gojinn.libsql.gate import AuthFailed
from gojinn.libsql.pipeline import Pipelines, Terms
from gojinn.libsql.protobuf.codec import Protobuf
from gojinn.libsql.relay import Errand, Head, Relay, Reply
from gojinn.libsql.requests import Job, Sqls
from gojinn.libsql.stream import Stream
from gojinn.libsql.streams import Held, Streams
from gojinn.libsql.structs import Batch, CursorRequest, Execute, PipelineRequest
from gojinn.libsql.talk import Visit
from gojinn.libsql.walls import Walls

CODECS: dict[str, Codec] = {"json": JSON, "protobuf": Protobuf()}
"""By the name under which an errand has them."""
TEXT = b"text/plain"
VERSION = f"SQLite {apsw.sqlite_lib_version()} (Gojinn {gojinn.__version__})\n"
"""What we are, in the form that sqld tells it in."""


@dataclass(frozen=True)
class Asked:
    """A request over HTTP, by somebody who was let in."""

    endpoint: str
    """`pipeline` or `cursor`."""
    encoding: str
    version: int
    readonly: bool
    body: bytes

    @property
    def codec(self) -> Codec:
        """What its body and its answer are encoded with."""
        return CODECS[self.encoding]

    @cached_property
    def request(self) -> PipelineRequest | CursorRequest:
        """What is in its body. Raises ProtocolViolated."""
        return self.codec.cursor(self.body) if self.endpoint == "cursor" else self.codec.pipeline(self.body)


class LibsqlServer:
    """What the databases of a worker share."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.tenants: Path | None = None
        """Folder of the tenants' databases; None where there is no data directory."""
        self.files: Files | None = None
        """What is open; None while nobody uses the server."""
        self.streams = Streams()
        self.relay = Relay(self.streams.worker, self.serve)
        self.pipelines: Pipelines | None = None
        self.users = 0

    @asynccontextmanager
    async def used(self) -> AsyncIterator[None]:
        """Serves until the last of those who use it has left."""
        self.users += 1
        try:
            if self.users == 1:
                self.files = Files(self.tenants, self.turns)
                await self.relay.start()
            yield
        finally:
            self.users -= 1
            if self.users == 0:
                await self.relay.stop()
                await self.streams.close_all()
                files, self.files = self.files, None
                if files is not None:
                    await files.close()

    def trust(self, key: BatonKey) -> None:
        """Takes the key of the batons, which never changes while the program runs."""
        if self.pipelines is None:
            self.relay.batons = Batons(key)
            self.pipelines = Pipelines(self.streams, self.relay.batons)

    async def open(self, database: str, tenant: str, walls: Walls) -> Stream:
        """Opens a stream on a database. Raises SqlError."""
        return Stream(*await self.use(database, tenant), walls)

    async def use(self, database: str, tenant: str) -> tuple[SqliteFile, Callable[[], None]]:
        """Opens a database until the function that is returned too is called. Raises SqlError."""
        assert self.files is not None
        return await self.files.use(database, tenant)

    async def serve(self, errand: Errand) -> Reply:
        """Carries out a request that came to another worker."""
        asked = Asked(errand.endpoint, errand.encoding, errand.version, errand.readonly, errand.body)
        return await answered(self.resume(errand.database, asked))

    async def resume(self, database: str, asked: Asked) -> Reply:
        """Carries out a request on a stream that there is. Raises ProtocolViolated, StreamGone."""
        baton = self.held_pipelines().batons.read(asked.request.baton or "")
        if baton.worker != self.streams.worker:
            errand = Errand(
                database=database,
                endpoint=asked.endpoint,
                encoding=asked.encoding,
                version=asked.version,
                readonly=asked.readonly,
                body=asked.body,
            )
            return await self.relay.send(baton.worker, errand)
        return await self.carry_out(self.streams.take(baton, database), asked)

    async def carry_out(self, held: Held, asked: Asked) -> Reply:
        """Carries out a request on a stream of this worker. Raises ProtocolViolated."""
        pipelines, codec, request = self.held_pipelines(), asked.codec, asked.request
        terms = Terms(asked.version, asked.readonly)
        if isinstance(request, CursorRequest):
            chunks = await pipelines.cursor(held, request, terms, codec)
            return Head(200, codec.cursor_type, whole=False), chunks
        response = await pipelines.run(held, request, terms)
        return Head(200, codec.content_type), once(codec.results(response))

    def held_pipelines(self) -> Pipelines:
        """The pipelines, which are there once a generation has been built."""
        if self.pipelines is None:
            raise expired()
        return self.pipelines


class LibsqlDatabase:
    """A database of the Caddyfile."""

    def __init__(self, server: LibsqlServer, config: LibsqlConfig) -> None:
        self.server = server
        self.database = config.database
        self.walls = config.walls
        self.most = config.max_streams
        """Streams over HTTP."""

    def key(self, tenant: str) -> str:
        """What batons are bound to."""
        return f"{self.database}\n{tenant}"

    async def stream(self, tenant: str) -> Stream:
        """Opens a stream. Raises SqlError."""
        return await self.server.open(self.database, tenant, self.walls)

    async def visit(self, tenant: str) -> Visit:
        """Opens the database for a conversation. Raises StatementFailed."""
        try:
            return Visit(*await self.server.use(self.database, tenant), self.walls)
        except SqlError as error:
            raise statement_failed(error) from error

    async def ask(self, asked: Asked, tenant: str) -> Reply:
        """Answers a request of Hrana 2 or 3."""
        return await answered(self._ask(asked, tenant))

    async def _ask(self, asked: Asked, tenant: str) -> Reply:
        if asked.request.baton is not None:
            return await self.server.resume(self.key(tenant), asked)
        stream = await self.stream(tenant)
        try:
            held = self.server.streams.add(self.key(tenant), stream, self.walls.idle, self.most)
        except StreamGone:
            await stream.close()
            raise
        return await self.server.carry_out(held, asked)

    async def ask_once(self, endpoint: str, body: bytes, tenant: str, *, readonly: bool) -> Reply:
        """Answers a request of Hrana 1 over HTTP, or of the time before: each has a stream of its own."""
        return await answered(self._ask_once(endpoint, body, tenant, readonly=readonly))

    async def _ask_once(self, endpoint: str, body: bytes, tenant: str, *, readonly: bool) -> Reply:
        stream = await self.stream(tenant)
        try:
            if endpoint == "queries":
                results = await legacy.run(stream, legacy.read_queries(body), readonly=readonly)
                return Head(200, JSON.content_type), once(JSON.anything(results))
            request = (
                Execute(JSON.execute(body).stmt) if endpoint == "execute" else Batch(JSON.batch(body).batch)
            )
            answer = await Job(request, Sqls(version=1)).run(stream, readonly=readonly)
            return Head(200, JSON.content_type), once(JSON.anything({"result": answer.result}))
        finally:
            await stream.close()


async def answered(work: Awaitable[Reply]) -> Reply:
    """Makes an answer of what goes wrong with a request as a whole."""
    try:
        return await work
    except ProtocolViolated as violation:
        return Head(400, TEXT), once(str(violation).encode())
    except (StreamGone, StatementFailed) as failed:
        return fault(400, failed.fault)
    except AuthFailed as failed:
        return fault(401, failed.fault)
    except SqlError as error:
        return fault(503, statement_failed(error).fault)


def fault(status: int, what: Fault) -> Reply:
    """Makes an answer of an error; DBeaver's driver looks for it under another name than the others."""
    body = {"message": what.message, "code": what.code, "error": what.message}
    return Head(status, JSON.content_type), once(JSON.anything(body))


async def once(body: bytes) -> AsyncIterator[bytes]:
    """A body in one piece."""
    yield body
