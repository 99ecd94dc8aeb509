"""Runs compile processes, a core each, bounded in time and memory. What they do is `compile`'s."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import msgspec

from gojinn.engine.compile import Answer, Done, Job, Refused

BASE_SECONDS = 120.0
SECONDS_PER_MIB = 10.0
"""Bounds on compiling one module: many times what any takes, so that only what hangs is caught."""
MAX_LINE = 256 << 20
"""Bytes of one answer; a module may have a million imports."""
SAID = 400
"""Characters of a dead compiler's last words that are passed on."""


class CompilerDied(Exception):
    """The compile process ended or was ended instead of answering; the text says how."""


class CompilerProcess:
    """One compile process, from `async with` to its end."""

    def __init__(self, root: Path, memory: int, threads: int) -> None:
        self.root, self.memory, self.threads = root, memory, threads

    async def __aenter__(self) -> Self:
        self.errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115, closed in __aexit__
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "gojinn.engine.compile", str(self.root), str(self.memory)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=self.errors,
            limit=MAX_LINE,
            env=os.environ | {"PYTHONPATH": python_path(), "RAYON_NUM_THREADS": str(self.threads)},
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()
        self.errors.close()

    async def answer(self, job: Job, seconds: float) -> Answer:
        """Does a job. Raises CompilerDied, after which the process is of no more use."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            async with asyncio.timeout(seconds):
                self.process.stdin.write(msgspec.json.encode(job) + b"\n")
                await self.process.stdin.drain()
                line = await self.process.stdout.readline()
        except TimeoutError as error:
            raise CompilerDied(f"it takes longer than {seconds:.0f} s") from error
        except ConnectionError:
            line = b""
        if not line.endswith(b"\n"):
            raise CompilerDied(await self.last_words())
        answer: Answer = msgspec.json.decode(line, type=Done | Refused)
        return answer

    async def last_words(self) -> str:
        code = await self.process.wait()
        self.errors.seek(0)
        said = " ".join(self.errors.read().decode("utf-8", "replace").split())
        if "memory allocation" in said or code == -signal.SIGKILL:
            return f"it needs more memory than {self.memory >> 20} MiB"
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return f"the compiler ended with {how}: {said[-SAID:]}"


class Compilers:
    """Compile processes for the cache at `root`; `memory` is what each may take, in bytes."""

    def __init__(self, root: Path, memory: int | None = None) -> None:
        self.root = root
        self.memory = memory or default_memory()

    async def run(self, jobs: Iterable[Job], done: Callable[[Job, Answer], None]) -> None:
        """Does all jobs and reports each. Cancellation ends the processes."""
        waiting = deque(jobs)
        cores = len(os.sched_getaffinity(0))
        processes = min(cores, len(waiting))
        async with asyncio.TaskGroup() as group:
            for _ in range(processes):
                group.create_task(self.serve(waiting, cores // processes, done))

    async def serve(self, waiting: deque[Job], threads: int, done: Callable[[Job, Answer], None]) -> None:
        while waiting:
            async with CompilerProcess(self.root, self.memory, threads) as process:
                with suppress(CompilerDied):
                    await self.serve_with(process, waiting, done)

    async def serve_with(
        self, process: CompilerProcess, waiting: deque[Job], done: Callable[[Job, Answer], None]
    ) -> None:
        """Does jobs until none waits. Raises CompilerDied once the process is lost, its job reported."""
        while waiting:
            job = waiting.popleft()
            try:
                answer = await process.answer(job, time_for(job.path))
            except CompilerDied as error:
                done(job, Refused(f"module '{job.path}' does not compile: {error}", None))
                raise
            done(job, answer)


def time_for(path: str) -> float:
    """Seconds that compiling a module may take."""
    try:
        size = os.stat(path).st_size
    except OSError:
        size = 0
    return BASE_SECONDS + SECONDS_PER_MIB * (size >> 20)


def default_memory() -> int:
    """Half of the machine's memory, between 1 and 8 GiB."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min(8 << 30, max(1 << 30, machine // 2))


def python_path() -> str:
    """Our own module search path: the compile process must find the very same packages."""
    return os.pathsep.join(os.path.abspath(p) for p in sys.path)
