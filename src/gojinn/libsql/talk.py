"""Hrana over WebSocket: one client's connection with any number of streams. The socket itself is the edge's.

Requests on one stream are carried out in their order, those on different streams side by side.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Protocol

from gojinn.capabilities.sql.errors import SqlError
from gojinn.capabilities.sql.sqlite import SqliteFile
from gojinn.libsql import batch as batches
from gojinn.libsql.cursors import entries
from gojinn.libsql.faults import Fault, ProtocolViolated, StatementFailed
from gojinn.libsql.gate import Access, AuthFailed
from gojinn.libsql.messages import (
    CloseCursor,
    CloseStream,
    FetchCursor,
    Hello,
    HelloFailed,
    HelloOk,
    MessageCodec,
    OpenCursor,
    OpenStream,
    RequestMessage,
    ResponseFailed,
    ResponseOk,
    ServerMessage,
)
from gojinn.libsql.requests import Job, Sqls
from gojinn.libsql.stream import Stream
from gojinn.libsql.structs import Answer, CloseSql, CursorEntry, Row, StoreSql
from gojinn.libsql.walls import Walls
from gojinn.observe import log

OUTSTANDING = 128
"""Requests of one connection that are carried out; more are not received until some are answered."""
STREAMS = 1_000
"""Streams of one connection."""
HELLO_TIME = 15.0
"""Seconds in which a client has to say who it is."""
FETCHED = 100_000
"""Values that one fetch from a cursor returns at most."""

GOING_AWAY = 1001
"""The code that a WebSocket of a stopping server is closed with (RFC 6455, section 7.4.1)."""

Work = Callable[[], Awaitable[Answer]]
Admitted = tuple[Access, "Visit"]
"""What somebody may do, and with which database."""
Admit = Callable[[str | None], Awaitable[Admitted]]
"""Judges a token. Raises AuthFailed, and StatementFailed for a database that cannot be opened."""

logger = log.get("gojinn.libsql")


class Socket(Protocol):
    """What a conversation needs of a WebSocket. Sending raises OSError when the client is gone."""

    @property
    def leaving(self) -> bool:
        """Whether the server is stopping."""

    def when_leaving(self, action: Callable[[], None]) -> None:
        """Has something called when that comes true."""

    async def receive(self) -> str | bytes | None:
        """Returns the next message, None when there will be none."""

    async def send(self, data: bytes, *, text: bool) -> None:
        """Sends a message."""

    async def close(self, code: int, reason: str) -> None:
        """Says goodbye."""


class Visit:
    """The database of a conversation, open for as long as that lasts."""

    __slots__ = ("file", "leave", "walls")

    def __init__(self, file: SqliteFile, leave: Callable[[], None], walls: Walls) -> None:
        self.file = file
        self.leave = leave
        self.walls = walls

    def open_stream(self) -> Stream:
        """Opens a stream."""
        return Stream(self.file, lambda: None, self.walls)


class Lane:
    """A stream of the connection, with its cursor."""

    __slots__ = ("cursor", "cursor_id", "stream")

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.cursor_id: int | None = None
        self.cursor: AsyncGenerator[CursorEntry, None] | None = None


class Talk:
    """One connection."""

    def __init__(
        self,
        socket: Socket,
        codec: MessageCodec,
        version: int,
        admit: Admit,
    ) -> None:
        self.socket = socket
        self.codec = codec
        self.version = version
        self.admit = admit
        self.access: Access | None = None
        self.visit: Visit | None = None
        self.visits: list[Visit] = []
        """All there have been: those before may still have streams."""
        self.sqls = Sqls(version)
        self.lanes: dict[int, Lane] = {}
        self.cursors: dict[int, Lane] = {}
        self.room = asyncio.Semaphore(OUTSTANDING)
        self.tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Talks until either side has had enough; then all streams end. Raises OSError."""
        self.socket.when_leaving(self.leave_if_idle)
        try:
            await self.listen()
        except ProtocolViolated as violation:
            await self.violated(violation)
        finally:
            for task in self.tasks:
                task.cancel()
            await asyncio.gather(*self.tasks, return_exceptions=True)
            for lane in self.lanes.values():
                await end(lane)
            for visit in self.visits:
                visit.leave()

    async def listen(self) -> None:
        """Receives messages until the end. Raises ProtocolViolated."""
        try:
            async with asyncio.timeout(HELLO_TIME) as patience:
                while (message := await self.socket.receive()) is not None:
                    request = self.codec.read(message)
                    if isinstance(request, RequestMessage):
                        await self.take(request)
                    elif await self.hello(request):
                        patience.reschedule(None)
                    else:
                        return
        except TimeoutError:
            raise ProtocolViolated("Received no hello message in time") from None

    async def hello(self, message: Hello) -> bool:
        """Lets the client in, or not."""
        if self.access is not None:
            self.sqls.since(2, "Repeated hello message")
        try:
            self.access, visit = await self.admit(message.jwt)
        except (AuthFailed, StatementFailed) as failed:
            await self.send(HelloFailed(failed.fault))
            return False
        self.stay(visit)
        await self.send(HelloOk())
        return True

    def stay(self, visit: Visit) -> None:
        """Opens streams on this database from now on; another token may be for another tenant's."""
        self.visits.append(visit)
        self.visit = visit

    async def take(self, message: RequestMessage) -> None:
        """Begins to carry out a request. What concerns the connection is done at once, in order."""
        if self.access is None:
            raise ProtocolViolated("Received a request before hello message")
        await self.room.acquire()
        try:
            self.access.check()
            work = self.prepare(message, self.access)
        except (StatementFailed, AuthFailed) as failed:
            work = partial(fail, failed.fault)
        except ProtocolViolated:
            self.room.release()
            raise
        task = asyncio.create_task(self.carry_out(message.request_id, work))
        self.tasks.add(task)
        task.add_done_callback(self.answered)

    async def carry_out(self, number: int, work: Work) -> None:
        """Carries out a request and answers it."""
        try:
            answer: ServerMessage
            try:
                answer = ResponseOk(number, await work())
            except StatementFailed as failed:
                answer = ResponseFailed(number, failed.fault)
            await self.send(answer)
        except ProtocolViolated as violation:
            await self.violated(violation)
        except OSError:
            pass  # the client is gone, which `listen` notices
        except Exception as error:
            logger.error("request failed", exc_info=error)
            with suppress(OSError):
                await self.send(ResponseFailed(number, Fault("Internal server error", "INTERNAL_ERROR")))
        finally:
            self.room.release()

    def answered(self, task: asyncio.Task[None]) -> None:
        """Takes note of the end of a request."""
        self.tasks.discard(task)
        self.leave_if_idle()

    def prepare(self, message: RequestMessage, access: Access) -> Work:
        """Finds what a request is about. Raises ProtocolViolated, StatementFailed."""
        request = message.request
        match request:
            case StoreSql():
                return partial(ready, self.sqls.store(request))
            case CloseSql():
                return partial(ready, self.sqls.close(request))
            case OpenStream():
                return partial(ready, self.add_stream(request.stream_id))
            case CloseStream():
                return partial(self.close_stream, self.remove_stream(request.stream_id))
            case OpenCursor():
                return self.prepare_cursor(request, access)
            case FetchCursor():
                self.sqls.since(3, "The `fetch_cursor` request")
                return partial(fetch, self.cursor_lane(request.cursor_id), request.max_count)
            case CloseCursor():
                self.sqls.since(3, "The `close_cursor` request")
                lane = self.cursor_lane(request.cursor_id)
                del self.cursors[request.cursor_id]
                lane.cursor_id = None
                return partial(close_cursor, lane)
        return partial(on_stream, self.lane(request.stream_id), Job(request, self.sqls), access)

    def add_stream(self, number: int) -> Answer:
        """Opens a stream."""
        if number in self.lanes:
            raise ProtocolViolated(f"Stream {number} already exists")
        if len(self.lanes) >= STREAMS:
            raise StatementFailed("STREAM_TOO_MANY", f"A connection cannot have more than {STREAMS} streams")
        assert self.visit is not None
        self.lanes[number] = Lane(self.visit.open_stream())
        return Answer("open_stream")

    def remove_stream(self, number: int) -> Lane:
        """Forgets a stream, which is still to be closed."""
        lane = self.lane(number)
        del self.lanes[number]
        if lane.cursor_id is not None:
            del self.cursors[lane.cursor_id]
        return lane

    async def close_stream(self, lane: Lane) -> Answer:
        """Ends a stream."""
        await end(lane)
        return Answer("close_stream")

    def prepare_cursor(self, request: OpenCursor, access: Access) -> Work:
        """Opens a cursor."""
        self.sqls.since(3, "The `open_cursor` request")
        lane = self.lane(request.stream_id)
        if lane.cursor_id is not None:
            raise ProtocolViolated(f"Stream {request.stream_id} already has an open cursor")
        if request.cursor_id in self.cursors:
            raise ProtocolViolated(f"Cursor {request.cursor_id} already exists")
        texts = batches.check(request.batch, self.sqls.find, self.version)
        lane.cursor_id = request.cursor_id
        self.cursors[request.cursor_id] = lane
        return partial(open_cursor, lane, request, texts, access)

    def lane(self, number: int) -> Lane:
        """Finds a stream. Raises ProtocolViolated."""
        lane = self.lanes.get(number)
        if lane is None:
            raise ProtocolViolated(f"Stream {number} not found")
        return lane

    def cursor_lane(self, number: int) -> Lane:
        """Finds the stream of a cursor. Raises ProtocolViolated."""
        lane = self.cursors.get(number)
        if lane is None:
            raise ProtocolViolated(f"Cursor {number} not found")
        return lane

    async def send(self, message: ServerMessage) -> None:
        """Sends a message."""
        await self.socket.send(self.codec.write(message), text=self.codec.text)

    async def violated(self, violation: ProtocolViolated) -> None:
        """Ends the conversation, saying why."""
        with suppress(OSError):
            await self.socket.close(violation.close_code, str(violation))

    def leave_if_idle(self) -> None:
        """Ends the conversation of a server that is stopping, unless something is under way."""
        idle = not self.tasks and all(lane.stream.autocommit for lane in self.lanes.values())
        if self.socket.leaving and idle:
            task = asyncio.create_task(self.leave())
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def leave(self) -> None:
        """Says that the server is stopping."""
        with suppress(OSError):
            await self.socket.close(GOING_AWAY, "The server is stopping")


async def ready(answer: Answer) -> Answer:
    """Answers what has been done already."""
    return answer


async def fail(fault: Fault) -> Answer:
    """Fails as something has failed already."""
    raise StatementFailed(fault.code or "", fault.message)


async def on_stream(lane: Lane, job: Job, access: Access) -> Answer:
    """Has a stream carry out a request, after those before it."""
    stream = lane.stream
    async with stream.lock:
        stream.begin_request()
        try:
            return await job.run(stream, readonly=access.readonly)
        finally:
            stream.end_request()


async def open_cursor(lane: Lane, request: OpenCursor, texts: list[str], access: Access) -> Answer:
    """Begins a batch, after the requests before it; it goes on as it is fetched."""
    async with lane.stream.lock:
        lane.cursor = entries(lane.stream, request.batch, texts, readonly=access.readonly)
    return Answer("open_cursor")


async def fetch(lane: Lane, count: int) -> Answer:
    """Fetches from a cursor."""
    stream = lane.stream
    async with stream.lock:
        if lane.cursor is None:
            raise StatementFailed("CURSOR_NOT_OPEN", "The cursor has failed to open")
        stream.begin_request()
        found: list[CursorEntry] = []
        size, done = 0, False
        try:
            while len(found) < count and size < FETCHED:
                entry = await anext(lane.cursor, None)
                if entry is None:
                    done = True
                    break
                found.append(entry)
                size += len(entry.row) if isinstance(entry, Row) else 1
        finally:
            stream.end_request()
    return Answer("fetch_cursor", entries=found, done=done)


async def close_cursor(lane: Lane) -> Answer:
    """Ends a cursor; what has not been executed never is."""
    async with lane.stream.lock:
        await stop(lane)
    return Answer("close_cursor")


async def stop(lane: Lane) -> None:
    """Ends the cursor of a stream, if it has one."""
    if lane.cursor is not None:
        await lane.cursor.aclose()
        lane.cursor = None


async def end(lane: Lane) -> None:
    """Ends a stream, after the requests before; what is not committed is undone."""
    async with lane.stream.lock:
        await stop(lane)
        with suppress(SqlError):
            await lane.stream.close()
