"""The embedded nats-server as a child process: started, watched, started again, stopped. Speaks no NATS.

Its streams are `streams`' business; whether all of them are there is asked by `checks`.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import Self

from gojinn.errors import StartError
from gojinn.fabric.files import write_private
from gojinn.fabric.program import check_version, environment, find_program
from gojinn.fabric.serverconfig import Listen, ServerSettings, render
from gojinn.fabric.unfinished import remove_unfinished
from gojinn.observe.log import get

READY_TIMEOUT, READY_NOTE = 600.0, 10.0
"""Seconds that a start may take, for a large store has to be read first, and between two notes about it."""
STOP_TIMEOUT = 20.0
"""Seconds between asking it to end and killing it."""
STABLE = 30.0
"""Seconds of life after which an end is no longer part of a crash loop."""
FIRST_DELAY, LAST_DELAY = 0.1, 10.0
"""Seconds before the second start in a row, doubling up to the last. The first comes at once."""
KEPT_LINES = 20
"""Lines of its log that an error may quote."""

LINE = re.compile(r"\[\d+\] \[(?P<level>[A-Z]{3})\] (?P<text>.*)")
LISTENS = re.compile(r"(?P<what>client connections|http monitor|MQTT clients) on (\w+://)?(?P<address>\S+)$")
NAMES = {"client connections": "clients", "http monitor": "monitor", "MQTT clients": "mqtt"}
READY = "Server is ready"

NO_SPACE = "no space left on device"
ROOM = 16 << 20
"""Bytes that must be free before a server is started anew on a disk that was full."""
LOOK_FOR_ROOM = 1.0
"""Seconds between two looks at a full disk."""

log = get("gojinn.nats")


class ServerEnded(StartError):
    """The server ended instead of getting ready."""


class Server:
    """A running nats-server. Entering returns when it listens; leaving when nothing of it is left.

    One that ends by itself is started again, with its ports; `run` does that. `guard` is called in the new
    process before it becomes the server: it makes sure that no server outlives this process.
    """

    def __init__(self, settings: ServerSettings, guard: Callable[[], None] | None = None) -> None:
        self.settings = settings
        self.guard = guard
        self.process: asyncio.subprocess.Process
        self.started = 0.0
        self.restarts = 0
        self.addresses: dict[str, Listen] = {}
        """Where it listens: for `clients`, for `mqtt`, and over HTTP for its figures (`monitor`)."""
        self.said: deque[str] = deque(maxlen=KEPT_LINES)
        self.ready = asyncio.Event()
        self.reader: asyncio.Task[None] | None = None
        self.keeper: asyncio.Task[None] | None = None
        self.making_room: asyncio.Task[None] | None = None
        """Waits for room on a full disk."""
        self.stopping = False
        self.restarted: list[Callable[[], Awaitable[None]]] = []
        """Called after each start but the first."""

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.kill()
            raise
        # The port stays: whoever was connected finds the next server where this one was.
        mqtt = self.settings.mqtt
        if mqtt is not None:
            mqtt = replace(mqtt, listen=self.addresses["mqtt"])
        self.settings = replace(self.settings, listen=self.addresses["clients"], mqtt=mqtt)
        self.keeper = asyncio.create_task(self.keep(), name="nats-server")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def pid(self) -> int:
        """The process id of the present server."""
        return self.process.pid

    @property
    def url(self) -> str:
        """Where clients of this machine connect."""
        return f"nats://{self.addresses['clients'].local}"

    @property
    def monitor(self) -> str:
        """Where its figures are."""
        return f"http://{self.addresses['monitor'].local}"

    async def start(self) -> None:
        """Starts the process and waits until it listens. Raises StartError."""
        settings = self.settings
        program = find_program()
        run = settings.run
        try:
            for folder in (settings.data, run, settings.store):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            remove_unfinished(settings.store)
            write_private(run / "nats.conf", render(settings))
            self.process = await asyncio.create_subprocess_exec(
                *(program, "-c", str(run / "nats.conf")),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
                env=environment() | settings.environment,
                preexec_fn=self.guard,
                start_new_session=True,
            )
        except OSError as error:
            where = f" '{error.filename}'" if error.filename else ""
            reason = (error.strerror or str(error)).lower()
            raise StartError(
                f"starting nats-server:{where} {reason}", hint="check the option 'data_dir' and its rights"
            ) from error
        self.started = time.monotonic()
        self.ready.clear()
        self.reader = asyncio.create_task(self.listen(self.process), name="log of nats-server")
        await self.until_ready()

    async def until_ready(self) -> None:
        """Waits until it says that it is ready. Raises StartError when it ends, or takes too long."""
        assert self.reader is not None
        waiting = asyncio.create_task(self.ready.wait())
        ends = {waiting, self.reader}
        try:
            while time.monotonic() < self.started + READY_TIMEOUT:
                done, _ = await asyncio.wait(ends, timeout=READY_NOTE, return_when=asyncio.FIRST_COMPLETED)
                if done:
                    break
                log.info("nats-server reads its store", seconds=round(time.monotonic() - self.started))
        finally:
            waiting.cancel()
        if self.ready.is_set():
            return
        if not self.reader.done():
            await self.kill()
            raise StartError(f"nats-server was not ready within {READY_TIMEOUT:g} s", hint="look at its log")
        await self.process.wait()
        await check_version(find_program())
        raise self.explain()

    def explain(self) -> ServerEnded:
        """Makes the error for a server that ended, from what it said."""
        text = "; ".join(self.said)
        address = self.settings.listen
        if "address already in use" in text:
            return ServerEnded(
                f"starting nats-server: port {address.port} of {address.host} is in use",
                hint="stop what uses it, or choose another 'nats_port'",
            )
        said = self.said[-1] if self.said else f"exit code {self.process.returncode}"
        return ServerEnded(f"starting nats-server: {said}", hint="look at the log for more")

    async def listen(self, process: asyncio.subprocess.Process) -> None:
        """Takes its log until its end."""
        assert process.stderr is not None
        while True:
            try:
                line = await process.stderr.readline()
            except ValueError:  # longer than anything that it says
                continue
            if not line:
                return
            self.take(line.decode(errors="replace").rstrip())

    def take(self, line: str) -> None:
        """Passes on what matters of its log."""
        found = LINE.match(line)
        level = found["level"] if found else ""
        text = found["text"] if found else line.removeprefix("nats-server: ")
        if READY in text:
            self.ready.set()
        elif found := LISTENS.search(text):
            host, _, port = found["address"].rpartition(":")
            self.addresses[NAMES[found["what"]]] = Listen(host.strip("[]"), int(port))
        if level in ("WRN", "ERR", "FTL", ""):
            self.said.append(text)
        if level == "WRN":
            log.warning("nats-server warns", text=text)
        elif level in ("ERR", "FTL"):
            self.report(text)

    def report(self, text: str) -> None:
        """Logs an error of the server. After a write that failed for want of room a stream refuses all
        others, also when there is room again, until the server is started anew."""
        if NO_SPACE not in text:
            log.error("nats-server reports an error", text=text)
        elif self.making_room is None and not self.stopping:
            log.error("the disk of the data directory is full", hint="make room; nothing else is to be done")
            self.making_room = asyncio.create_task(self.wait_for_room(), name="full disk")

    async def wait_for_room(self) -> None:
        """Ends the server once there is room again; `keep` then starts another one."""
        try:
            while shutil.disk_usage(self.settings.store).free < ROOM:  # noqa: ASYNC110  (nobody tells)
                await asyncio.sleep(LOOK_FOR_ROOM)
            await asyncio.sleep(LOOK_FOR_ROOM)
            log.warning("there is room on the disk again", pid=self.pid)
            if self.process.returncode is None:
                with suppress(ProcessLookupError):
                    self.process.terminate()
        finally:
            self.making_room = None

    async def keep(self) -> None:
        """Starts it again whenever it ends, for ever."""
        failures = 0
        while True:
            assert self.reader is not None
            await self.reader
            code = await self.process.wait()
            self.ready.clear()
            if self.stopping:
                return
            uptime = time.monotonic() - self.started
            failures = 0 if uptime > STABLE else failures + 1
            log.error("nats-server ended", pid=self.pid, exit_code=code, uptime=round(uptime, 3))
            failures = await self.restart(failures)
            self.restarts += 1
            log.warning("nats-server started again", pid=self.pid)
            for tell in self.restarted:
                await tell()

    async def restart(self, failures: int) -> int:
        """Starts it until it is ready, with growing pauses; returns the failures in a row."""
        while True:
            if failures > 1:
                delay = min(FIRST_DELAY * 2 ** (failures - 2), LAST_DELAY)
                log.error("nats-server keeps ending", in_a_row=failures, next_in=delay)
                await asyncio.sleep(delay)
            try:
                await self.start()
                return failures
            except StartError as error:
                failures += 1
                log.error("nats-server did not start", error=str(error))

    async def stop(self) -> None:
        """Ends it in good order, so that it starts quickly the next time."""
        self.stopping = True
        for task in (self.keeper, self.making_room):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        if self.process.returncode is None:
            with suppress(ProcessLookupError):
                self.process.terminate()
            with suppress(TimeoutError):
                async with asyncio.timeout(STOP_TIMEOUT):
                    await self.process.wait()
        await self.kill()

    def kill_now(self) -> None:
        """Kills the process at once; `keep` then starts another one."""
        if self.process.returncode is None:
            with suppress(ProcessLookupError):
                self.process.kill()

    async def kill(self) -> None:
        """Kills what is left of it and reaps it. May be called when it was never started."""
        if not hasattr(self, "process"):
            return
        self.kill_now()
        await self.process.wait()
        if self.reader is not None:
            await asyncio.gather(self.reader, return_exceptions=True)
