"""Frames over a Unix socket pair, each with at most one open file. What the frames say is `messages`'."""

from __future__ import annotations

import array
import asyncio
import socket
import struct
from collections import deque

HEADER = struct.Struct(">IB")
"""Length of the payload and the number of files that travel with the frame (0 or 1)."""

CHUNK = 256 * 1024
SMALL_FRAME = 16 * 1024 * 1024
"""What the supervisor accepts from a worker, which runs foreign code and may have gone mad."""
LARGE_FRAME = 1 << 31
"""What a worker accepts from its supervisor: a configuration of any size."""


class ChannelClosed(Exception):
    """The other side is gone; nothing more will arrive and nothing can be sent."""


class Channel:
    """One end of the control socket. One task may receive at a time; any number may send."""

    def __init__(self, sock: socket.socket, *, largest: int) -> None:
        sock.setblocking(False)
        self.sock = sock
        self.largest = largest
        self.buffer = bytearray()
        self.files: deque[int] = deque()
        self.sending = asyncio.Lock()
        self.closed = False

    async def send(self, payload: bytes, file: int | None = None) -> None:
        """Sends one frame whole. Raises ChannelClosed when the other side is gone."""
        frame = HEADER.pack(len(payload), 0 if file is None else 1) + payload
        async with self.sending:
            view = memoryview(frame)
            sent = await self.push(view, [] if file is None else [file])
            try:
                while sent < len(view):
                    sent += await self.push(view[sent:], [])
            except asyncio.CancelledError:
                # Half a frame is out: nothing after it could be understood.
                self.sock.shutdown(socket.SHUT_RDWR)
                raise

    async def push(self, view: memoryview, files: list[int]) -> int:
        """Writes what the kernel takes, waiting until it takes something."""
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", files))] if files else []
        while True:
            try:
                return self.open_socket().sendmsg([view], rights)
            except BlockingIOError:
                await self.writable()
            except OSError as error:
                raise ChannelClosed(str(error)) from error

    async def receive(self) -> tuple[bytes, socket.socket | None]:
        """Waits for one frame and the socket that came with it, now owned by the caller.

        Raises ChannelClosed at the end, also when that comes in the middle of a frame.
        """
        length, files = HEADER.unpack(await self.take(HEADER.size))
        if length > self.largest or files > 1:
            raise ChannelClosed(f"frame of {length} bytes with {files} files")
        payload = await self.take(length)
        if not files:
            return payload, None
        if not self.files:
            raise ChannelClosed("a frame came without the file that it announced")
        return payload, socket.socket(fileno=self.files.popleft())

    async def take(self, size: int) -> bytes:
        """Takes exactly `size` bytes off the stream."""
        while len(self.buffer) < size:
            await self.pull()
        taken = bytes(self.buffer[:size])
        del self.buffer[:size]
        return taken

    async def pull(self) -> None:
        """Reads what is there, waiting until something is. Files arrive with their frame's first byte."""
        while True:
            try:
                data, files, _, _ = socket.recv_fds(self.open_socket(), CHUNK, 8)
            except BlockingIOError:
                await self.readable()
                continue
            except OSError as error:
                raise ChannelClosed(str(error)) from error
            self.files.extend(files)
            if not data:
                raise ChannelClosed("end of stream")
            self.buffer += data
            return

    def open_socket(self) -> socket.socket:
        """Returns the socket while it is open."""
        if self.closed:
            raise ChannelClosed("closed")
        return self.sock

    async def readable(self) -> None:
        """Waits until the socket has something to read or has ended."""
        loop = asyncio.get_running_loop()
        ready = loop.create_future()
        loop.add_reader(self.sock, settle, ready)
        try:
            await ready
        finally:
            if not self.closed:
                loop.remove_reader(self.sock)

    async def writable(self) -> None:
        """Waits until the socket takes more."""
        loop = asyncio.get_running_loop()
        ready = loop.create_future()
        loop.add_writer(self.sock, settle, ready)
        try:
            await ready
        finally:
            if not self.closed:
                loop.remove_writer(self.sock)

    def close(self) -> None:
        """Closes this end and the files that nobody took. Call it when no task receives or sends any more."""
        if self.closed:
            return
        self.closed = True
        while self.files:
            socket.socket(fileno=self.files.popleft()).close()
        self.sock.close()


def settle(ready: asyncio.Future[None]) -> None:
    """Resolves a future once; the callback may fire again before it is taken away."""
    if not ready.done():
        ready.set_result(None)
