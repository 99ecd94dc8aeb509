"""Preview 1's `poll_oneoff`, served on the event loop: a guest that sleeps costs no thread and stops
nobody."""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import Sequence
from typing import NamedTuple

from gojinn.engine.host import GuestFault, HostFunction
from gojinn.engine.sandbox import Sandbox
from gojinn.engine.wasi import FUNCTIONS, MODULE

SUCCESS, BADF, INVAL, NOMEM = 0, 8, 28, 48

CLOCK, FD_READ, FD_WRITE = 0, 1, 2
"""`eventtype`"""

REALTIME, MONOTONIC = 0, 1
"""`clockid` of the two clocks that can be waited for."""

ABSOLUTE = 1
"""`subclockflags`"""

HANGUP = 1
"""`eventrwflags`"""

STDIN, STDOUT, STDERR, CLOSED = range(4)

SUBSCRIPTION = struct.Struct("<QB7xIxxxxQQHxxxxxx")
"""userdata, type, then clock id or descriptor, timeout, precision, flags."""

EVENT = struct.Struct("<QHB5xQHxxxxxx")
"""userdata, errno, type, bytes, flags."""

MAX_SUBSCRIPTIONS = 4096
"""More are refused: each costs the loop some microseconds."""

WRITABLE = 1 << 16
"""Bytes that stdout and stderr say they would take."""

LONGEST_SLEEP = 86_400.0
SHORTEST_SLEEP = 0.001
"""Seconds; the loop's timers count in milliseconds."""


class Timer(NamedTuple):
    """A clock subscription: an event is due when `clock` shows `deadline` nanoseconds."""

    userdata: int
    clock: int
    deadline: int

    def left(self) -> int:
        return self.deadline - now(self.clock)

    def event(self) -> bytes:
        return EVENT.pack(self.userdata, SUCCESS, CLOCK, 0, 0)


class Refused(Exception):
    """The whole call fails with this errno, as it does in wasmtime."""

    def __init__(self, errno: int) -> None:
        super().__init__(errno)
        self.errno = errno


def poll_oneoff(*, files: bool) -> HostFunction:
    """The host function. With `files`, descriptors past stdio count as open, and files never keep one
    waiting."""

    async def call(guest: Sandbox, subscriptions: int, events: int, count: int, events_count: int) -> int:
        return await poll(guest, subscriptions, events, count, events_count, files=files)

    return HostFunction(MODULE, "poll_oneoff", FUNCTIONS["poll_oneoff"].params, "i32", call)


async def poll(
    guest: Sandbox, subscriptions: int, events: int, count: int, events_count: int, *, files: bool
) -> int:
    """Waits for the first of the subscribed events and reports all that are due by then."""
    if subscriptions % 8 or events % 8 or events_count % 4:
        raise GuestFault("misaligned pointer")
    if count == 0:
        return INVAL
    if count > MAX_SUBSCRIPTIONS:
        return NOMEM
    try:
        ready, timers = sort(guest, guest.read(subscriptions, count * SUBSCRIPTION.size), files=files)
    except Refused as refused:
        return refused.errno
    if not ready:
        await first_due(timers)
    ready += [timer.event() for timer in timers if timer.left() <= 0]
    guest.write(events, b"".join(ready))
    guest.write(events_count, len(ready).to_bytes(4, "little"))
    return SUCCESS


def sort(guest: Sandbox, subscriptions: bytes, *, files: bool) -> tuple[list[bytes], list[Timer]]:
    """Events of descriptors, which are always ready, and what has to be waited for."""
    ready, timers = [], []
    for userdata, kind, target, timeout, _, flags in SUBSCRIPTION.iter_unpack(subscriptions):
        if kind == CLOCK:
            timers.append(timer(userdata, target, timeout, flags))
        elif kind in (FD_READ, FD_WRITE):
            ready.append(descriptor_event(guest, userdata, kind, target, files=files))
        else:
            raise Refused(INVAL)
    return ready, timers


def timer(userdata: int, clock: int, timeout: int, flags: int) -> Timer:
    if clock not in (REALTIME, MONOTONIC) or flags & ~ABSOLUTE:
        raise Refused(INVAL)
    return Timer(userdata, clock, timeout if flags & ABSOLUTE else now(clock) + timeout)


def descriptor_event(guest: Sandbox, userdata: int, kind: int, fd: int, *, files: bool) -> bytes:
    if files and fd >= len(guest.stdio):
        return EVENT.pack(userdata, SUCCESS, kind, 1, 0)
    stands_for = guest.stdio[fd] if fd < len(guest.stdio) else CLOSED
    if kind == FD_READ and stands_for == STDIN:
        return EVENT.pack(userdata, SUCCESS, kind, guest.stdin_left, 0 if guest.stdin_left else HANGUP)
    if kind == FD_WRITE and stands_for in (STDOUT, STDERR):
        return EVENT.pack(userdata, SUCCESS, kind, WRITABLE, 0)
    raise Refused(BADF)


async def first_due(timers: Sequence[Timer]) -> None:
    """Sleeps until a timer is due. The loop may wake a little early, and the real time may be set."""
    while (left := min(timer.left() for timer in timers)) > 0:  # noqa: ASYNC110, a clock sets no event
        await asyncio.sleep(min(max(left / 1e9, SHORTEST_SLEEP), LONGEST_SLEEP))


def now(clock: int) -> int:
    return time.time_ns() if clock == REALTIME else time.monotonic_ns()
