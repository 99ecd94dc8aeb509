"""`poll_oneoff`: which events are reported when."""

import asyncio
import struct
import time
from typing import Any

import pytest

from gojinn.engine.host import GuestFault
from gojinn.engine.poll import (
    ABSOLUTE,
    BADF,
    CLOCK,
    EVENT,
    FD_READ,
    FD_WRITE,
    HANGUP,
    INVAL,
    MAX_SUBSCRIPTIONS,
    MONOTONIC,
    NOMEM,
    REALTIME,
    SUBSCRIPTION,
    SUCCESS,
    poll,
)

EVENTS, COUNT = 1 << 18, 1 << 19
MILLISECOND = 1_000_000


class Guest:
    """Memory and descriptors of a guest that is parked in poll_oneoff."""

    context: Any = None
    operation = 0
    arguments = ()
    files = False

    def __init__(self, stdin_left: int = 5, stdio: tuple[int, int, int] = (0, 1, 2)) -> None:
        self.memory = bytearray(1 << 20)
        self.stdin_left = stdin_left
        self.stdio = stdio

    def read(self, ptr: int, length: int) -> bytes:
        if ptr + length > len(self.memory):
            raise GuestFault
        return bytes(self.memory[ptr : ptr + length])

    def write(self, ptr: int, data: bytes) -> None:
        if ptr + len(data) > len(self.memory):
            raise GuestFault
        self.memory[ptr : ptr + len(data)] = data

    async def poll(self, *subscriptions: bytes) -> tuple[int, list[tuple[int, int, int, int, int]]]:
        """The errno, and of each event: userdata, errno, type, bytes, flags."""
        self.write(0, b"".join(subscriptions))
        errno = await poll(self, 0, EVENTS, len(subscriptions), COUNT, files=self.files)  # type: ignore[arg-type]
        count = int.from_bytes(self.read(COUNT, 4), "little")
        return errno, list(EVENT.iter_unpack(self.read(EVENTS, count * EVENT.size)))


def clock(userdata: int, timeout: int, clock_id: int = MONOTONIC, flags: int = 0) -> bytes:
    return SUBSCRIPTION.pack(userdata, CLOCK, clock_id, timeout, 0, flags)


def descriptor(userdata: int, kind: int, fd: int) -> bytes:
    return SUBSCRIPTION.pack(userdata, kind, fd, 0, 0, 0)


def test_structs_have_the_sizes_of_the_specification() -> None:
    assert (SUBSCRIPTION.size, EVENT.size) == (48, 32)


@pytest.mark.parametrize("clock_id", [REALTIME, MONOTONIC])
async def test_relative_timer_waits_its_time(clock_id: int) -> None:
    began = time.monotonic_ns()
    assert await Guest().poll(clock(7, 20 * MILLISECOND, clock_id)) == (SUCCESS, [(7, 0, CLOCK, 0, 0)])
    assert time.monotonic_ns() - began >= 19 * MILLISECOND


@pytest.mark.parametrize("clock_id", [REALTIME, MONOTONIC])
async def test_absolute_timer_waits_until_then(clock_id: int) -> None:
    now = time.time_ns() if clock_id == REALTIME else time.monotonic_ns()
    errno, events = await Guest().poll(clock(7, now + 20 * MILLISECOND, clock_id, ABSOLUTE))
    after = time.time_ns() if clock_id == REALTIME else time.monotonic_ns()
    assert (errno, len(events)) == (SUCCESS, 1)
    assert after >= now + 20 * MILLISECOND


async def test_absolute_time_in_the_past_is_due() -> None:
    assert (await Guest().poll(clock(1, 5, REALTIME, ABSOLUTE)))[1] == [(1, 0, CLOCK, 0, 0)]


async def test_first_timer_ends_the_wait() -> None:
    errno, events = await Guest().poll(clock(1, 3600 * 10**9), clock(2, 5 * MILLISECOND), clock(3, 0))
    assert (errno, events) == (SUCCESS, [(3, 0, CLOCK, 0, 0)])


async def test_longest_time_does_not_overflow() -> None:
    waiting = asyncio.ensure_future(Guest().poll(clock(1, 2**64 - 1)))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


async def test_descriptors_are_ready_at_once() -> None:
    errno, events = await Guest().poll(
        clock(1, 3600 * 10**9),
        descriptor(2, FD_READ, 0),
        descriptor(3, FD_WRITE, 1),
        descriptor(4, FD_WRITE, 2),
    )
    assert errno == SUCCESS
    assert [(event[0], event[1], event[2]) for event in events] == [
        (2, SUCCESS, FD_READ),
        (3, SUCCESS, FD_WRITE),
        (4, SUCCESS, FD_WRITE),
    ]
    assert events[0][3:] == (5, 0)


async def test_due_timer_is_reported_with_ready_descriptors() -> None:
    _, events = await Guest().poll(clock(1, 0), descriptor(2, FD_READ, 0))
    assert {event[0] for event in events} == {1, 2}


async def test_used_up_stdin_hangs_up() -> None:
    assert (await Guest(stdin_left=0).poll(descriptor(2, FD_READ, 0)))[1] == [(2, 0, FD_READ, 0, HANGUP)]


async def test_renumbered_descriptor_is_followed() -> None:
    guest = Guest(stdio=(3, 0, 2))
    assert (await guest.poll(descriptor(1, FD_READ, 1)))[0] == SUCCESS
    assert (await guest.poll(descriptor(1, FD_READ, 0)))[0] == BADF


async def test_file_is_always_ready() -> None:
    guest = Guest()
    guest.files = True
    assert (await guest.poll(descriptor(1, FD_READ, 5)))[1] == [(1, 0, FD_READ, 1, 0)]
    assert (await guest.poll(descriptor(1, FD_READ, 1)))[0] == BADF


@pytest.mark.parametrize(
    ("subscription", "errno"),
    [
        (descriptor(1, FD_READ, 1), BADF),
        (descriptor(1, FD_WRITE, 0), BADF),
        (descriptor(1, FD_WRITE, 3), BADF),
        (descriptor(1, FD_READ, 2**32 - 1), BADF),
        (descriptor(1, 3, 0), INVAL),
        (descriptor(1, 255, 0), INVAL),
        (clock(1, 0, 2), INVAL),
        (clock(1, 0, 2**32 - 1), INVAL),
        (clock(1, 0, MONOTONIC, 2), INVAL),
    ],
)
async def test_wrong_subscription_fails_the_call(subscription: bytes, errno: int) -> None:
    assert await Guest().poll(clock(0, 0), subscription) == (errno, [])


async def test_nothing_to_wait_for_is_invalid() -> None:
    assert (await Guest().poll())[0] == INVAL


async def test_absurd_number_of_subscriptions_is_refused() -> None:
    for count in (MAX_SUBSCRIPTIONS + 1, 2**32 - 1):
        assert await poll(Guest(), 0, EVENTS, count, COUNT, files=False) == NOMEM  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("subscriptions", "events", "count"),
    [(4, EVENTS, COUNT), (0, 4, COUNT), (0, EVENTS, 2), (1 << 20, EVENTS, COUNT), (0, 1 << 20, COUNT)],
)
async def test_bad_pointer_is_a_fault(subscriptions: int, events: int, count: int) -> None:
    guest = Guest()
    guest.write(0, clock(1, 0))
    with pytest.raises(GuestFault):
        await poll(guest, subscriptions, events, 1, count, files=False)  # type: ignore[arg-type]


async def test_unwritable_count_is_a_fault() -> None:
    guest = Guest()
    guest.write(0, clock(1, 0))
    with pytest.raises(GuestFault):
        await poll(guest, 0, EVENTS, 1, 1 << 20, files=False)  # type: ignore[arg-type]


async def test_random_subscriptions_never_raise_anything_else() -> None:
    guest = Guest()
    for seed in range(200):
        noise = struct.pack("<48s", bytes((seed * 31 + i * 7) % 256 for i in range(48)))
        noise = noise[:8] + bytes([seed % 4]) + noise[9:24] + bytes(8) + noise[32:]
        errno, _ = await guest.poll(noise)
        assert errno in (SUCCESS, BADF, INVAL)
