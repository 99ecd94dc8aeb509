"""Requests over HTTP, carried out on streams of this worker. Tokens and other workers are `server`'s."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from gojinn.libsql import batch as batches
from gojinn.libsql.batons import Batons
from gojinn.libsql.codec import Codec
from gojinn.libsql.cursors import entries
from gojinn.libsql.faults import ProtocolViolated, StatementFailed
from gojinn.libsql.requests import Job, Sqls
from gojinn.libsql.stream import Stream
from gojinn.libsql.streams import Held, Streams
from gojinn.libsql.structs import (
    Answer,
    Close,
    CloseSql,
    CursorRequest,
    CursorResponse,
    Failed,
    Ok,
    PipelineRequest,
    PipelineResponse,
    StoreSql,
    StreamRequest,
)

CHUNK = 32 << 10
"""Bytes of a cursor's results that are sent together."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How a request came."""

    version: int
    """Of the protocol."""
    readonly: bool
    """Whether its token allows to read only."""


class Pipelines:
    """Carries out what streams over HTTP are asked for."""

    def __init__(self, streams: Streams, batons: Batons) -> None:
        self.streams = streams
        self.batons = batons

    async def run(self, held: Held, request: PipelineRequest, terms: Terms) -> PipelineResponse:
        """Carries out a pipeline. Raises ProtocolViolated; the stream has then ended."""
        stream, sqls = held.stream, held.sqls
        sqls.version = terms.version
        results: list[Ok | Failed] = []
        try:
            async with stream.lock:
                stream.begin_request()
                for each in request.requests:
                    results.append(await answer(stream, sqls, each, readonly=terms.readonly))
                stream.end_request()
        except BaseException:
            self.streams.drop(held)
            raise
        if stream.closed:
            await self.streams.close(held)
            return PipelineResponse(None, None, results)
        return PipelineResponse(self.batons.write(self.streams.give_back(held)), None, results)

    async def cursor(
        self, held: Held, request: CursorRequest, terms: Terms, codec: Codec
    ) -> AsyncIterator[bytes]:
        """Begins a batch whose results come bit by bit. Raises ProtocolViolated."""
        held.sqls.version = terms.version
        try:
            texts = batches.check(request.batch, held.sqls.find, terms.version)
        except ProtocolViolated:
            self.streams.drop(held)
            raise
        baton = self.batons.write(self.streams.give_back(held))
        return self.chunks(held, request, texts, terms, codec, codec.entry(CursorResponse(baton, None)))

    async def chunks(
        self,
        held: Held,
        request: CursorRequest,
        texts: list[str],
        terms: Terms,
        codec: Codec,
        first: bytes,
    ) -> AsyncIterator[bytes]:
        """Executes the batch and writes what comes of it."""
        stream = held.stream
        try:
            async with stream.lock:
                stream.begin_request()
                pieces, size = [first], len(first)
                async for entry in entries(stream, request.batch, texts, readonly=terms.readonly):
                    pieces.append(codec.entry(entry))
                    size += len(pieces[-1])
                    if size > CHUNK:
                        yield b"".join(pieces)
                        pieces.clear()
                        size = 0
                stream.end_request()
            yield b"".join(pieces)
            self.streams.sent(held)
        except BaseException:
            self.streams.drop(held)
            raise


async def answer(stream: Stream, sqls: Sqls, request: StreamRequest, *, readonly: bool) -> Ok | Failed:
    """Carries out one request. Raises ProtocolViolated."""
    try:
        match request:
            case Close():
                await stream.close()
                return Ok(Answer("close"))
            case StoreSql():
                return Ok(sqls.store(request))
            case CloseSql():
                return Ok(sqls.close(request))
        if stream.closed:
            raise ProtocolViolated("Stream for this baton was closed")
        return Ok(await Job(request, sqls).run(stream, readonly=readonly))
    except StatementFailed as failed:
        return Failed(failed.fault)
