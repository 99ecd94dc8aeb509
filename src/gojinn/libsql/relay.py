"""Passes requests on to the worker that holds their stream, over a Unix socket. Carries none out itself.

Each worker listens under an abstract name (Linux) that its batons lead to: nothing is left in a folder when
a worker is killed. Both ends are processes of one user (SO_PEERCRED), and a request is sealed with the key of
the batons.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from time import monotonic

import msgspec

from gojinn.libsql.batons import SEAL, Batons
from gojinn.libsql.faults import expired
from gojinn.observe import log

PREFIX = "\0gojinn-libsql-"
LENGTH = struct.Struct(">I")
CREDENTIALS = struct.Struct("3i")
BACKLOG = 4_096
PATIENCE = 2.0
"""Seconds in which a worker has to take a connection."""
RETRY = 0.005
"""Seconds until a queue of connections that was full is tried again."""

logger = log.get("gojinn.libsql")


class Errand(msgspec.Struct):
    """A request on its way to another worker."""

    database: str
    endpoint: str
    encoding: str
    version: int
    readonly: bool
    body: bytes


class Head(msgspec.Struct):
    """The beginning of an answer; its body follows in pieces, the last of which is empty."""

    status: int
    content_type: bytes
    whole: bool = True
    """Whether the body is there already."""


Reply = tuple[Head, AsyncIterator[bytes]]
Serve = Callable[[Errand], Awaitable[Reply]]

encode = msgspec.msgpack.Encoder().encode
read_errand = msgspec.msgpack.Decoder(Errand).decode
read_head = msgspec.msgpack.Decoder(Head).decode


class Relay:
    """The socket of this worker."""

    def __init__(self, worker: bytes, serve: Serve) -> None:
        self.name = PREFIX + worker.hex()
        self.serve = serve
        self.batons: Batons | None = None
        """What errands are sealed with; set once the workers' key is known."""
        self.server: asyncio.Server | None = None
        self.tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begins to listen."""
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        sock.bind(self.name)
        self.server = await asyncio.start_unix_server(self.accept, sock=sock, backlog=BACKLOG)

    async def stop(self) -> None:
        """Stops; errands under way break off."""
        assert self.server is not None
        self.server.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Begins to serve one errand."""
        task = asyncio.create_task(self.receive(reader, writer))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves one errand; whoever sent it may go away meanwhile."""
        try:
            if same_user(writer):
                await self.attend(reader, writer)
        except* (OSError, asyncio.IncompleteReadError, msgspec.MsgspecError) as errors:
            logger.debug("errand broke off", error=str(errors.exceptions[0]))
        finally:
            writer.close()

    async def attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Reads an errand and answers it, until done or until the other end is gone."""
        assert self.batons is not None
        data = await read_frame(reader)
        if data[:SEAL] != self.batons.seal(data[SEAL:]):
            return
        errand = read_errand(data[SEAL:])
        async with asyncio.TaskGroup() as group:
            answering = group.create_task(self.answer(errand, writer))
            gone = group.create_task(reader.read(1))
            await asyncio.wait((answering, gone), return_when=asyncio.FIRST_COMPLETED)
            answering.cancel()
            gone.cancel()

    async def answer(self, errand: Errand, writer: asyncio.StreamWriter) -> None:
        """Sends the answer to an errand."""
        head, body = await self.serve(errand)
        write_frame(writer, encode(head))
        async for piece in body:
            if piece:
                write_frame(writer, piece)
                await writer.drain()
        write_frame(writer, b"")
        await writer.drain()

    async def send(self, worker: bytes, errand: Errand) -> Reply:
        """Has another worker carry out an errand. Raises StreamGone when that worker has ended."""
        assert self.batons is not None
        data = encode(errand)
        try:
            reader, writer = await connect(PREFIX + worker.hex())
        except OSError as error:
            raise expired() from error
        try:
            if not same_user(writer):
                raise expired()
            write_frame(writer, self.batons.seal(data) + data)
            await writer.drain()
            head = read_head(await read_frame(reader))
        except (OSError, asyncio.IncompleteReadError) as error:
            writer.close()
            raise expired() from error
        except BaseException:
            writer.close()
            raise
        return head, body_of(reader, writer)


async def connect(name: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connects to a worker. Raises OSError."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    try:
        until = monotonic() + PATIENCE
        while True:
            try:
                sock.connect(name)  # at once, or not at all: the queue of connections is full
                break
            except BlockingIOError:
                if monotonic() > until:
                    raise
            await asyncio.sleep(RETRY)
        return await asyncio.open_unix_connection(sock=sock)
    except BaseException:
        sock.close()
        raise


async def body_of(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> AsyncIterator[bytes]:
    """Yields the pieces of an answer's body."""
    try:
        while piece := await read_frame(reader):
            yield piece
    finally:
        writer.close()


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    """Reads one frame. Raises IncompleteReadError."""
    (length,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
    return await reader.readexactly(length)


def write_frame(writer: asyncio.StreamWriter, data: bytes) -> None:
    """Writes one frame."""
    writer.write(LENGTH.pack(len(data)) + data)


def same_user(writer: asyncio.StreamWriter) -> bool:
    """Tells whether the other end is a process of our own user."""
    sock: socket.socket = writer.get_extra_info("socket")
    data = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
    return bool(CREDENTIALS.unpack(data)[1] == os.getuid())
