"""Runs a whole Gojinn for a test: `async with serve(caddyfile) as app`. The guests for it are in `guests`.

    async with serve(":0\\nrespond hello") as app:
        assert await app.get("/") == (200, b"hello")

It is the real program (`gojinn up`) in processes of its own, on ports that the system chose. Leaving stops it
in good order and fails when one of its processes is left.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp

import gojinn
from gojinn.errors import GojinnError, StartError

READY_TIMEOUT = 480.0
"""Seconds for a start that may have to compile the modules of all languages on a busy machine."""
STOP_TIMEOUT = 30.0
"""Seconds for a stop, grace period included."""

LONGEST_LINE = 1 << 20
"""Bytes of one line of the log."""

Record = dict[str, Any]
"""One line of the log."""


class Ended(StartError):
    """The program ended by itself. The message holds all that it said."""

    def __init__(self, exit_code: int, said: str) -> None:
        super().__init__(f"gojinn ended with exit code {exit_code}: {said}")
        self.exit_code = exit_code


@dataclass
class App:
    """A running Gojinn."""

    process: asyncio.subprocess.Process
    folder: Path
    """Where its Caddyfile stands; relative paths in that start here."""
    session: aiohttp.ClientSession
    urls: list[str] = field(default_factory=list)
    admin: str = ""
    """URL of the admin listener, empty when that is off."""
    records: list[Record] = field(default_factory=list)
    """Its log so far."""
    said: asyncio.Condition = field(default_factory=asyncio.Condition)
    ended: bool = False

    @property
    def url(self) -> str:
        """URL of the first site."""
        return self.urls[0]

    @property
    def pid(self) -> int:
        """Pid of the supervisor."""
        return self.process.pid

    @property
    def caddyfile(self) -> Path:
        """The file that it serves."""
        return self.folder / "Caddyfile"

    async def get(self, path: str = "/", *, method: str = "GET", **options: Any) -> tuple[int, bytes]:
        """Asks for a path of the first site; returns status and body. Options are those of aiohttp."""
        async with self.session.request(method, self.url + path, **options) as response:
            return response.status, await response.read()

    async def status(self) -> dict[str, Any]:
        """Asks the admin listener how it is."""
        async with self.session.get(f"{self.admin}/_sys/status") as response:
            response.raise_for_status()
            answer: dict[str, Any] = await response.json()
            return answer

    async def worker_pids(self) -> list[int]:
        """Pids of the workers that serve now."""
        return [worker["pid"] for worker in (await self.status())["workers"]]

    async def reload(self, caddyfile: str | None = None) -> int:
        """Has it read its Caddyfile anew, after writing another text if one is given.

        Returns the generation that serves then. Raises GojinnError with the answer's detail when the old one
        goes on serving.
        """
        if caddyfile is not None:
            self.caddyfile.write_text(with_nats(with_admin(caddyfile), self.folder))
        async with self.session.post(f"{self.admin}/_sys/reload") as response:
            answer = await response.json(content_type=None)
            if response.status != 200:
                raise GojinnError(answer["detail"])
            return int(answer["generation"])

    async def record(self, message: str, **fields: Any) -> Record:
        """Waits until it has logged this message with these fields, and returns the record."""

        def find() -> Record | None:
            wanted = {"msg": message, **fields}
            return next((r for r in self.records if wanted.items() <= r.items()), None)

        return await self.wait_for(find)

    async def wait_for(self, find: Callable[[], Record | None]) -> Record:
        """Waits until `find` returns a record, looking again after each line of the log."""
        async with asyncio.timeout(READY_TIMEOUT), self.said:
            while (found := find()) is None:
                if self.ended:
                    raise Ended(await self.process.wait(), self.log_text())
                await self.said.wait()
            return found

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Sends a signal and waits for the end; returns the exit code."""
        self.process.send_signal(number)
        return await self.wait()

    async def wait(self) -> int:
        """Waits for the end; returns the exit code."""
        async with asyncio.timeout(STOP_TIMEOUT):
            return await self.process.wait()

    def log_text(self) -> str:
        """Writes the log for a failed test."""
        plain = [r["msg"] if set(r) == {"msg"} else json.dumps(r, ensure_ascii=False) for r in self.records]
        return "\n".join(plain)

    async def listen(self, stream: asyncio.StreamReader) -> None:
        """Collects the log until its end."""
        async for line in stream:
            await self.take(line)
        async with self.said:
            self.ended = True
            self.said.notify_all()

    async def take(self, line: bytes) -> None:
        """Adds one line of the log; what is no JSON becomes a record with that message."""
        try:
            record = json.loads(line)
        except ValueError:
            record = {"msg": line.decode(errors="replace").rstrip()}
        async with self.said:
            self.records.append(record)
            self.said.notify_all()


@asynccontextmanager
async def serve(
    caddyfile: str,
    *options: str,
    folder: Path | None = None,
    workers: int = 1,
    env: Mapping[str, str] | None = None,
) -> AsyncIterator[App]:
    """Starts `gojinn up` with this Caddyfile and waits until it serves.

    Args:
        caddyfile: The text. Sites listen on port 0; an admin listener on port 0 is added unless it names one.
        options: More options of `gojinn up`, such as `--watch`.
        folder: Where the Caddyfile is written; None makes a temporary folder.
        workers: Worker processes.
        env: Environment variables beside those of this process.

    Raises:
        Ended: It ended instead of serving.
    """
    with TemporaryDirectory(prefix="gojinn-test-") as scratch:
        where = Path(scratch) if folder is None else folder
        (where / "Caddyfile").write_text(with_nats(with_admin(caddyfile), where))
        async with aiohttp.ClientSession() as session:
            app = App(await start(where, workers, options, env or {}), where, session)
            async with attended(app):
                ready = await app.record("serving")
                app.urls, app.admin = ready["urls"], ready["admin"] or ""
                yield app


async def start(
    folder: Path, workers: int, options: tuple[str, ...], env: Mapping[str, str]
) -> asyncio.subprocess.Process:
    """Starts the process."""
    root = str(Path(gojinn.__file__).parent.parent)
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "gojinn", "up"),
        *("--config", "Caddyfile", "--workers", str(workers), *options),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, **env},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        limit=LONGEST_LINE,
    )


@asynccontextmanager
async def attended(app: App) -> AsyncIterator[None]:
    """Collects the log, and sees that nothing of the program is left afterwards."""
    assert app.process.stderr is not None
    listening = asyncio.create_task(app.listen(app.process.stderr))
    try:
        yield
    finally:
        try:
            await end(app)
        finally:
            # The log ends when the last process that holds it does, so nothing is left then.
            async with asyncio.timeout(STOP_TIMEOUT):
                await listening


async def end(app: App) -> None:
    """Stops the program if the test has not, by force if it has to."""
    if app.process.returncode is not None:
        return
    try:
        await app.stop()
    except TimeoutError:
        app.process.kill()
        await app.process.wait()
        raise


def with_admin(caddyfile: str) -> str:
    """Adds `admin` with a port of the system's choice to a Caddyfile that does not say anything about it."""
    if any(line.split()[:1] == ["admin"] for line in caddyfile.splitlines()):
        return caddyfile
    rest = caddyfile.lstrip()
    if rest.startswith("{\n"):
        return "{\n\tadmin 127.0.0.1:0\n" + rest[2:]
    return "{\n\tadmin 127.0.0.1:0\n}\n" + caddyfile


NATS_VARIABLE = "GOJINN_TEST_NATS"
"""Where a NATS is that `serve` uses instead of the embedded one: its URLs, with spaces between. There is an
account `user<n>`, which is its password too, for each test folder."""
ACCOUNTS: dict[Path, int] = {}
"""The accounts that are taken, by the folder whose Caddyfile has them."""


def account_of(folder: Path) -> tuple[str, str] | None:
    """The URLs of the NATS that the environment names, and the folder's user there: its password too."""
    urls = os.environ.get(NATS_VARIABLE)
    return (urls, f"user{ACCOUNTS.setdefault(folder, len(ACCOUNTS))}") if urls else None


def with_nats(caddyfile: str, folder: Path) -> str:
    """Names the NATS that the environment wants to be used, in an account of the folder's own."""
    account = account_of(folder)
    if account is None:
        return caddyfile
    urls, user = account
    lines = f"\tnats {{\n\t\turl {urls}\n\t\tuser {user}\n\t\tpassword {user}\n\t\treplicas 3\n\t}}\n"
    options = re.match(r"\{[^{}]*\n\s+gojinn \{\n", caddyfile)
    if options:
        return options[0] + lines + caddyfile[options.end() :]
    return caddyfile.replace("{\n", "{\n\tgojinn {\n" + lines + "\t}\n", 1)
