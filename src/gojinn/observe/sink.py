"""Lines written by a thread, so that no slow output holds up the event loop. What it says, others know."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress

from gojinn.errors import StartError
from gojinn.observe import log
from gojinn.observe.target import Target

DELAY = 0.05
"""Seconds for which lines are gathered into one write."""
ROOM = 16_384
"""Lines held for an output that is slow or broken; further ones are dropped and counted."""
FAREWELL = 2.0
"""Seconds that the last lines get at the end."""


class Sink:
    """One output, shared by all that log there."""

    def __init__(self, name: str) -> None:
        """Opens it. Raises StartError when the file cannot be opened."""
        self.name = name
        self.dropped = 0
        """Lines lost so far because the output was slow or broken."""
        self._target = Target(name)
        self._lines: deque[bytes] = deque()
        self._wake = threading.Event()
        self._end = threading.Event()
        self._done: Callable[[], object] = lambda: None
        threading.Thread(target=self._run, name=f"log {name}", daemon=True).start()

    def write(self, line: bytes) -> None:
        """Takes a line, with its line end; never blocks and never fails."""
        lines = self._lines
        if len(lines) >= ROOM:
            self.dropped += 1
            return
        lines.append(line)
        if len(lines) == 1:
            self._wake.set()

    async def close(self) -> None:
        """Writes what is left and closes the output. A reader that takes nothing is left after FAREWELL."""
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        self._done = lambda: loop.call_soon_threadsafe(done.set_result, None)
        self._end.set()
        self._wake.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(done, FAREWELL)

    def _run(self) -> None:
        while not self._end.is_set():
            self._wake.wait()
            self._wake.clear()
            self._end.wait(DELAY)
            self._write_lines()
        self._write_lines()
        self._target.close()
        with suppress(RuntimeError):  # the loop has not waited for us
            self._done()

    def _write_lines(self) -> None:
        """Writes what has gathered. If that fails these lines are lost, the next ones are tried again."""
        lines = list(self._taken())
        if not lines:
            return
        lost = self.dropped
        try:
            self._target.write_lines(lines)
        except (OSError, StartError) as error:
            self.dropped += len(lines)
            if lost == 0:
                log.get("gojinn.observe").error("log output failed", output=self.name, error=str(error))

    def _taken(self) -> Iterator[bytes]:
        """Empties the queue to its very end, so that the next line finds it empty and wakes the thread."""
        with suppress(IndexError):
            while True:
                yield self._lines.popleft()


class Sinks:
    """The outputs of a process, each open once for as long as somebody logs there."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[Sink, int]] = {}

    def acquire(self, name: str) -> Sink:
        """Opens an output, or returns the one that is open. Raises StartError."""
        sink, users = self._open.get(name) or (Sink(name), 0)
        self._open[name] = (sink, users + 1)
        return sink

    async def release(self, sink: Sink) -> None:
        """Gives an output back; its last user closes it."""
        _, users = self._open[sink.name]
        if users > 1:
            self._open[sink.name] = (sink, users - 1)
        else:
            del self._open[sink.name]
            await sink.close()
