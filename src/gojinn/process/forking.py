"""The first workers: copies of the supervisor, made before it has an event loop. Later ones are `child`'s.

Both import nearly the same, which takes longer than all the rest of a start, so it is done once. With a loop,
threads and connections no copy would be sound any more: from then on a worker is a program of its own.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn

from gojinn.errors import StartError
from gojinn.process import worker


class Forked:
    """A worker that was forked, seen from the supervisor as asyncio shows programs that it has started."""

    def __init__(self, pid: int, control: socket.socket) -> None:
        self.pid = pid
        self.control = control
        """Our end of its control socket."""
        self.handle = os.pidfd_open(pid)
        self.returncode: int | None = None
        """How it ended, negative for a signal; None before `wait` has returned."""

    def kill(self) -> None:
        """Kills it at once."""
        signal.pidfd_send_signal(self.handle, signal.SIGKILL)

    async def wait(self) -> int:
        """Waits for its end and reaps it; returns the exit code. For one task at a time."""
        if self.returncode is None:
            await self.until_dead()
            _, status = os.waitpid(self.pid, 0)  # noqa: ASYNC222 - it is dead
            os.close(self.handle)
            self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    async def until_dead(self) -> None:
        """Waits until its handle is readable, which it is from its end on."""
        loop = asyncio.get_running_loop()
        dead = asyncio.Event()
        loop.add_reader(self.handle, dead.set)
        try:
            await dead.wait()
        finally:
            loop.remove_reader(self.handle)


def fork_workers(count: int, share: int, marks: int) -> list[Forked]:
    """Makes workers, with the places from 0 on in the shared files. Raises StartError when the system has no
    room for so many. This process may have one thread only.
    """
    made: list[Forked] = []
    try:
        for number in range(count):
            made.append(fork_worker(number, share, marks, made))
    except OSError as error:
        for each in made:
            each.control.close()  # which ends it
        reason = f"the system refused another process: {(error.strerror or str(error)).lower()}"
        raise StartError(f"a worker did not start: {reason}") from error
    return made


def fork_worker(number: int, share: int, marks: int, others: Sequence[Forked]) -> Forked:
    """Makes one, which must not keep open what leads to `others`."""
    parent = os.getpid()
    ours, theirs = socket.socketpair()
    with theirs:
        try:
            pid = os.fork()
        except OSError:
            ours.close()
            raise
        if pid == 0:
            ours.close()
            for each in others:
                each.control.close()
                os.close(each.handle)
            become_worker(theirs.detach(), share, marks, number, parent)
    return Forked(pid, ours)


def become_worker(control: int, share: int, marks: int, number: int, parent: int) -> NoReturn:
    """Is the worker from now on. Nothing of what the supervisor was about to do may happen here."""
    code = 1
    try:
        os.setsid()  # so that Ctrl-C reaches only the supervisor
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        worker.run(control, share, marks, number, parent)
        code = 0
    except BaseException:  # noqa: BLE001 - beyond this are the supervisor's frames
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
