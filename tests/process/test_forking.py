"""Workers that are copies of the supervisor. That they serve, and end with it, is the lifecycle's."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from gojinn.process.forking import Forked
from gojinn.process.worker import NAME
from gojinn.testing.app import App, serve

IMPORTED = """
import os
import gojinn.process.supervisor
print(len(os.listdir("/proc/self/task")))
"""

CROWDED = """
import os, resource
from gojinn.edge.share import make_share
from gojinn.errors import StartError
from gojinn.fabric.watermarks import make_watermarks
from gojinn.process.forking import fork_workers
share, marks = make_share(40), make_watermarks(41)
resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))
try:
    fork_workers(40, share, marks)
except StartError as error:
    print(error)
try:
    while True:
        os.waitpid(-1, 0)
except ChildProcessError:
    print("nothing is left")
"""


def run(code: str) -> str:
    """Runs Python code and returns what it printed."""
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


@pytest.mark.slow
def test_nothing_that_is_imported_before_a_fork_starts_a_thread() -> None:
    assert run(IMPORTED) == "1\n"


@pytest.mark.slow
def test_a_system_without_room_for_so_many_is_told_and_those_that_were_made_end() -> None:
    told, left = run(CROWDED).splitlines()
    assert told == "a worker did not start: the system refused another process: too many open files"
    assert left == "nothing is left"


def started(code: int) -> Forked:
    """Makes a process that waits for the end of its input, upon which it exits with a code."""
    ours, theirs = socket.socketpair()
    with theirs:
        command = ["sh", "-c", f"read line; exit {code}"]
        actions = [(os.POSIX_SPAWN_DUP2, theirs.fileno(), 0)]
        return Forked(os.posix_spawn("/bin/sh", command, os.environ, file_actions=actions), ours)


async def test_its_exit_code_is_told() -> None:
    forked = started(7)
    assert forked.returncode is None
    forked.control.close()
    assert await forked.wait() == 7
    assert (await forked.wait(), forked.returncode) == (7, 7)


async def test_a_wait_that_is_given_up_can_be_made_again() -> None:
    forked = started(0)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(forked.wait(), 0.01)
    forked.kill()
    assert await forked.wait() == -signal.SIGKILL
    forked.control.close()


def opened(pid: int) -> set[str]:
    """Lists the sockets and pipes that a process has open."""
    links = (os.readlink(entry) for entry in Path(f"/proc/{pid}/fd").iterdir())
    return {link for link in links if link.startswith(("socket:", "pipe:"))}


def name(pid: int) -> str:
    """Returns what the system calls a process."""
    return Path(f"/proc/{pid}/comm").read_text().strip()


async def standing(app: App) -> list[tuple[str, int, str]]:
    """Tells of each worker what it is called, whose session it is in, and where its input comes from."""
    pids = await app.worker_pids()
    return [(name(pid), os.getsid(pid) - pid, os.readlink(f"/proc/{pid}/fd/0")) for pid in pids]


@pytest.mark.slow
async def test_a_copy_is_like_a_worker_that_was_started_later() -> None:
    async with serve(":0\nrespond hello\n", workers=2) as app:
        as_copies = await standing(app)
        assert as_copies == [(NAME, 0, os.devnull)] * 2
        first, second = await app.worker_pids()
        # The log and the listener; what leads to one worker is not open in another, nor in itself.
        assert opened(first) & opened(app.pid) == opened(second) & opened(app.pid)
        os.kill(first, signal.SIGKILL)
        await app.record("worker ended", pid=first)
        await app.record("worker started")
        assert await standing(app) == as_copies
        assert await app.get() == (200, b"hello")
