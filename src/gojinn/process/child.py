"""One worker process as its supervisor sees it: spawning, asking, ending it. When to is the `pool`'s."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

import gojinn
from gojinn.errors import GojinnError
from gojinn.process import messages
from gojinn.process.channel import SMALL_FRAME, Channel, ChannelClosed
from gojinn.process.messages import Reply, Request

if TYPE_CHECKING:
    from gojinn.edge.listeners import ListenerKey
    from gojinn.process.release import Release
    from gojinn.process.sockets import Listening

PREPARE_TIMEOUT = 60.0
"""Seconds for building a generation of any size."""
COMMIT_TIMEOUT = 10.0
EXIT_TIMEOUT = 1.0
"""Seconds between closing its channel and being a zombie."""
MEASURE_TIMEOUT = 2.0
KILL_DELAY = 5.0
"""Seconds beyond the grace period after which a stopping worker is killed."""


class WorkerGone(Exception):
    """The worker ended, or does not answer, before it has done what was asked."""


class Process(Protocol):
    """What runs a worker: a program that was started, or a copy of this one."""

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int | None:
        """How it ended, negative for a signal; None while it runs."""

    def kill(self) -> None:
        """Kills it at once."""

    async def wait(self) -> int:
        """Waits for its end; returns `returncode`."""


class Child:
    """A running worker."""

    def __init__(self, number: int, process: Process, control: socket.socket) -> None:
        self.number = number
        """Its place among the workers, which its successor gets."""
        self.process = process
        self.channel = Channel(control, largest=SMALL_FRAME)
        self.pid = process.pid
        self.started = time.monotonic()
        self.generation = 0
        """Number of the release that it serves; 0 before the first."""
        self.listening: frozenset[ListenerKey] = frozenset()
        self.ids = count(1)
        self.waiting: dict[int, asyncio.Future[Reply]] = {}
        self.gone = asyncio.Event()
        self.reader = asyncio.create_task(self.read(), name=f"worker {self.pid}")

    @classmethod
    async def spawn(cls, number: int, share: int, marks: int) -> Child:
        """Starts a worker process. It is not waited for: the first answer tells that it is up.

        `number` is its place in the shared files of connections and of watermarks, whose descriptors `share`
        and `marks` are.

        Raises WorkerGone when the system has no room for another process.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-P", "-m", "gojinn.process.worker"),
                    *map(str, (theirs.fileno(), share, marks, number, os.getpid())),
                    stdin=asyncio.subprocess.DEVNULL,
                    pass_fds=(theirs.fileno(), share, marks),
                    env=os.environ | {"PYTHONPATH": import_path()},
                    # In a session of its own, so that Ctrl-C reaches only the supervisor.
                    start_new_session=True,
                )
            except OSError as error:
                ours.close()
                reason = (error.strerror or str(error)).lower()
                raise WorkerGone(f"the system refused another process: {reason}") from error
        return cls(number, process, ours)

    async def prepare(self, release: Release, sockets: Mapping[ListenerKey, Listening]) -> None:
        """Has it build a generation. Raises what the worker says is wrong, or WorkerGone."""
        try:
            for key in sockets.keys() - self.listening:
                adopt = messages.Adopt(key.host, key.port, key.tls)
                await self.channel.send(messages.encode(adopt), sockets[key].socket.fileno())
        except ChannelClosed as error:
            raise WorkerGone("it ended") from error
        await self.ask(lambda id: messages.Prepare(id, release.packed), PREPARE_TIMEOUT)

    async def commit(self, release: Release, sockets: Iterable[ListenerKey]) -> None:
        """Has it serve the generation that it prepared, on these listeners."""
        await self.ask(messages.Commit, COMMIT_TIMEOUT)
        self.generation = release.number
        self.listening = frozenset(sockets)

    async def abort(self) -> None:
        """Has it forget the generation that it prepared, if any."""
        await self.ask(messages.Abort, COMMIT_TIMEOUT)

    async def ping(self, timeout: float) -> None:
        """Asks for a sign of life. Raises WorkerGone after `timeout` seconds."""
        await self.ask(messages.Ping, timeout)

    async def measure(self) -> dict[str, Any]:
        """Asks for its figures. Raises WorkerGone when it does not answer in time."""
        reply = await self.ask(messages.Measure, MEASURE_TIMEOUT)
        assert isinstance(reply, messages.Report)
        return reply.stats

    async def ask(self, command: Callable[[int], Request], timeout: float) -> Reply:
        """Sends a command with a fresh id and waits for its answer."""
        id = next(self.ids)
        answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self.waiting[id] = answer
        try:
            async with asyncio.timeout(timeout):
                await self.channel.send(messages.encode(command(id)))
                reply = await answer
        except (ChannelClosed, TimeoutError) as error:
            raise WorkerGone(
                "it ended" if isinstance(error, ChannelClosed) else "it does not answer"
            ) from error
        finally:
            del self.waiting[id]
        if isinstance(reply, messages.Refused):
            raise messages.error_of(reply.faults)
        return reply

    async def read(self) -> None:
        """Hands answers to who waits for them, until the worker's end closes the channel."""
        with suppress(ChannelClosed):
            while True:
                payload, file = await self.channel.receive()
                if file is not None:
                    file.close()
                self.deliver(payload)
        with suppress(TimeoutError):
            async with asyncio.timeout(EXIT_TIMEOUT):
                await self.process.wait()
        self.kill()
        await self.process.wait()
        self.gone.set()
        for answer in self.waiting.values():
            if not answer.done():
                answer.set_exception(ChannelClosed("end of stream"))

    def deliver(self, payload: bytes) -> None:
        """Resolves the request that this answers; one that gave up waiting is no longer there."""
        try:
            reply = messages.decode_reply(payload)
        except msgspec.MsgspecError:
            self.kill()  # beyond repair, whatever made it write this
            return
        answer = self.waiting.get(reply.id)
        if answer is not None and not answer.done():
            answer.set_result(reply)

    async def stop(self, grace: float) -> bool:
        """Lets it finish within `grace` seconds, then kills it. Returns whether it ended by itself."""
        with suppress(WorkerGone, GojinnError, TimeoutError):
            await self.ask(lambda id: messages.Stop(id, grace), grace + KILL_DELAY)
            async with asyncio.timeout(KILL_DELAY):
                await self.gone.wait()
        clean = self.process.returncode == 0
        await self.end()
        return clean

    async def end(self) -> None:
        """Kills what is left of it and reaps everything. May be called again."""
        self.kill()
        await self.reader
        self.channel.close()

    def kill(self) -> None:
        """Kills the process at once."""
        if self.process.returncode is None:
            self.process.kill()

    @property
    def uptime(self) -> float:
        """Seconds since it was spawned."""
        return time.monotonic() - self.started

    @property
    def end_reason(self) -> str:
        """How the process ended, such as `signal SIGKILL` or `exit code 1`."""
        code = self.process.returncode
        if code is None:
            return "running"
        return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"


def import_path() -> str:
    """Returns PYTHONPATH for a worker, so that it imports this very package wherever that was found."""
    root = Path(gojinn.__file__).resolve().parent.parent
    given = os.environ.get("PYTHONPATH", "")
    if root.name == "site-packages":
        return given
    return os.pathsep.join([str(root), given] if given else [str(root)])
