"""Calls that follow one another, with stdio only: what one does to the next, as in wasmtime."""

import struct
from collections.abc import Callable, Sequence

import pytest

from gojinn.testing.preview1 import Call, Result, Script, call

SUCCESS, BADF, INVAL, SPIPE = 0, 8, 28, 70

IN, OUT, ERR, COUNT, EVENTS = 0x100, 0x108, 0x110, 0x800, 0x1000
BUFFER = 0x400
SUBSCRIPTIONS = 0x200


def vector(at: int, size: int) -> bytes:
    return struct.pack("<II", at, size)


MEMORY = {IN: vector(BUFFER, 4), OUT: vector(0x300, 3), ERR: vector(0x303, 2), 0x300: b"outer"}

READ = call("fd_read", 0, IN, 1, COUNT)
WRITE = call("fd_write", 1, OUT, 1, COUNT)
COMPLAIN = call("fd_write", 2, ERR, 1, COUNT)


def clock(userdata: int, timeout: int, *, clock: int = 1, flags: int = 0) -> bytes:
    return struct.pack("<QB7xI4xQQH6x", userdata, 0, clock, timeout, 0, flags)


def descriptor(userdata: int, kind: int, fd: int) -> bytes:
    return struct.pack("<QB7xI28x", userdata, kind, fd)


SEQUENCES: dict[str, tuple[Sequence[Call], Sequence[int]]] = {
    "stdin is read to its end": ([READ, READ, READ, READ], [0, 0, 0, 0]),
    "closed stdin is not read": ([READ, call("fd_close", 0), READ], [0, 0, BADF]),
    "closed stderr is not written": ([COMPLAIN, call("fd_close", 2), COMPLAIN], [0, 0, BADF]),
    "what is closed is closed once": ([call("fd_close", 2), call("fd_close", 2)], [0, BADF]),
    "what is closed has no status": (
        [
            *(call("fd_close", 2), call("fd_fdstat_get", 2, 0x600), call("fd_filestat_get", 2, 0x600)),
            *(call("fd_seek", 2, 0, 0, COUNT), call("fd_tell", 2, COUNT), call("sock_shutdown", 2, 1)),
            *(call("fd_prestat_get", 2, 0x600), call("fd_renumber", 2, 0), call("fd_renumber", 0, 2)),
        ],
        [0, *[BADF] * 8],
    ),
    "nothing else is hurt by closing": ([call("fd_close", 0), WRITE, COMPLAIN], [0, 0, 0]),
    "stderr renumbered to stdin writes": (
        [call("fd_renumber", 2, 0), call("fd_write", 0, ERR, 1, COUNT), COMPLAIN, READ],
        [0, 0, BADF, BADF],
    ),
    "stdin renumbered to stderr reads": (
        [call("fd_renumber", 0, 2), call("fd_read", 2, IN, 1, COUNT), READ, COMPLAIN],
        [0, 0, BADF, BADF],
    ),
    "renumbering to itself changes nothing": (
        [call("fd_renumber", 1, 1), call("fd_renumber", 0, 0), WRITE, READ],
        [0, 0, 0, 0],
    ),
    "renumbering to what is not open fails": (
        [call("fd_renumber", 0, 5), call("fd_renumber", 5, 0), READ],
        [BADF, BADF, 0],
    ),
    "stdio cannot seek": (
        [
            *(call("fd_seek", fd, 0, 1, COUNT) for fd in range(3)),
            *(
                call("fd_tell", 1, COUNT),
                call("fd_pread", 0, IN, 1, 0, COUNT),
                call("fd_pwrite", 1, OUT, 1, 0, COUNT),
            ),
        ],
        [SPIPE] * 6,
    ),
    "no directory is preopened": ([call("fd_prestat_get", 3, COUNT)], [BADF]),
    "writing nothing writes nothing": ([call("fd_write", 1, 0x600, 1, COUNT)], [0]),
    "output keeps its order": ([WRITE, WRITE, COMPLAIN, WRITE], [0, 0, 0, 0]),
}


@pytest.mark.parametrize("name", SEQUENCES)
async def test_sequence_comes_out_as_in_wasmtime(ours, theirs: Callable[[Script], Result], name: str):
    calls, errnos = SEQUENCES[name]
    script = Script(calls, MEMORY, b"0123456789")
    mine = await ours(script)
    assert mine.errnos == tuple(errnos)
    assert mine == theirs(script)


async def test_report_goes_to_stderr_where_stdout_is_closed(ours, theirs: Callable[[Script], Result]):
    script = Script([WRITE, call("fd_close", 1), WRITE], MEMORY, report_to=2)
    mine = await ours(script)
    assert mine == theirs(script)
    assert (mine.errnos, mine.other) == ((0, 0, BADF), b"out")


async def test_several_vectors_are_filled_in_order(ours):
    memory = {IN: vector(BUFFER, 3) + vector(BUFFER + 8, 0) + vector(BUFFER + 16, 4)}
    mine = await ours(Script([call("fd_read", 0, IN, 3, COUNT)], memory, b"abcdefghi"))
    assert mine.window[COUNT] == 7
    assert mine.window[BUFFER : BUFFER + 20] == b"abc" + bytes(13) + b"defg"


async def test_several_vectors_are_written_in_order(ours):
    memory = {IN: vector(0x300, 2) + vector(0x310, 0) + vector(0x304, 3), 0x300: b"ab--cde"}
    mine = await ours(Script([call("fd_write", 1, IN, 3, COUNT)], memory))
    assert (mine.printed, mine.window[COUNT]) == (b"abcde", 5)


async def test_more_vectors_than_fit_make_a_short_write(ours):
    memory = {0x2000: vector(0x300, 1) * 2000, 0x300: b"x"}
    mine = await ours(Script([call("fd_write", 1, 0x2000, 2000, COUNT)], memory))
    written = int.from_bytes(mine.window[COUNT : COUNT + 4], "little")
    assert 0 < written <= 2000
    assert mine.printed == b"x" * written


async def test_clocks_go_forward(ours):
    clocks = [call("clock_time_get", kind, 0, 8 * i) for i, kind in enumerate([0, 0, 1, 1])]
    times = struct.unpack_from("<4Q", (await ours(Script(clocks))).window)
    assert times[0] <= times[1]
    assert times[2] <= times[3]
    assert times[0] > 1_600_000_000_000_000_000


async def test_random_bytes_differ(ours):
    mine = await ours(Script([call("random_get", 0x400, 32), call("random_get", 0x500, 32)]))
    assert len({mine.window[0x400:0x420], mine.window[0x500:0x520], bytes(32)}) == 3


async def test_arguments_and_variables_keep_bytes_that_are_no_text(ours):
    odd = b"\xff\xfe\n=".decode("utf-8", "surrogateescape")
    calls = [call("args_get", 0x400, 0x500), call("environ_get", 0x600, 0x700)]
    mine = await ours(Script(calls, args=("guest", odd), env={f"A{odd[0]}": odd}))
    assert mine.window[0x500:0x50B] == b"guest\0\xff\xfe\n=\0"
    assert mine.window[0x700:0x708] == b"A\xff=\xff\xfe\n=\0"


async def test_nothing_is_random_where_nothing_is_asked_for(ours, theirs: Callable[[Script], Result]):
    script = Script([call("random_get", at, 0) for at in (0, 0x400, 0x2FFFF)])
    assert await ours(script) == theirs(script)


@pytest.mark.slow
async def test_a_large_range_is_filled_with_random_bytes(ours):
    mine = await ours(Script([call("random_get", 0x400, 0x7000)]))
    assert mine.errnos == (0,)
    assert mine.window[:0x400] == bytes(0x400)
    assert mine.window[0x400:0x7400].count(0) < 1000


POLLS: dict[str, list[bytes]] = {
    "a timer": [clock(9, 1_000_000)],
    "a timer of real time": [clock(9, 1_000_000, clock=0)],
    "a timer that is due": [clock(9, 0)],
    "a timer of the past": [clock(9, 5, flags=1)],
    "the earlier of two timers": [clock(9, 1_000_000), clock(10, 10**12)],
    "two timers at once": [clock(9, 1000), clock(10, 1000)],
    "a clock that cannot be waited for": [clock(9, 0, clock=2)],
    "a clock that there is not": [clock(9, 0, clock=4)],
    "a flag that there is not": [clock(9, 0, flags=2)],
    "a kind that there is not": [struct.pack("<QB39x", 1, 3)],
    "reading stdin": [descriptor(7, 1, 0)],
    "writing both": [descriptor(7, 2, 1), descriptor(8, 2, 2)],
    "reading stdout": [descriptor(7, 1, 1)],
    "writing stdin": [descriptor(7, 2, 0)],
    "what is not open": [descriptor(7, 1, 5), descriptor(8, 2, 1)],
    "writing or a long timer": [clock(9, 10**12), descriptor(8, 2, 1)],
}


@pytest.mark.parametrize("name", POLLS)
async def test_polling_reports_the_events_of_wasmtime(ours, theirs: Callable[[Script], Result], name: str):
    subscriptions = POLLS[name]
    polling = call("poll_oneoff", SUBSCRIPTIONS, EVENTS, len(subscriptions), COUNT)
    script = Script([polling], {SUBSCRIPTIONS: b"".join(subscriptions)}, b"input")
    mine, other = await ours(script), theirs(script)
    assert (mine.end, mine.errnos) == (other.end, other.errnos)
    assert events(mine) == events(other)


def events(result: Result) -> list[tuple[int, int, int]]:
    """User data, errno and type of each; how many bytes there are is any host's guess."""
    count = int.from_bytes(result.window[COUNT : COUNT + 4], "little")
    found = (struct.unpack_from("<QHB", result.window, EVENTS + 32 * i) for i in range(count))
    return [(userdata, errno, kind) for userdata, errno, kind in found]


async def test_polling_tells_how_much_stdin_has(ours):
    polling = call("poll_oneoff", SUBSCRIPTIONS, EVENTS, 1, COUNT)
    memory = {**MEMORY, SUBSCRIPTIONS: descriptor(7, 1, 0)}
    mine = await ours(Script([READ, polling], memory, b"0123456789"))
    assert struct.unpack_from("<QHB5xQH", mine.window, EVENTS) == (7, 0, 1, 6, 0)


async def test_polling_stdin_at_its_end_hangs_up(ours):
    polling = call("poll_oneoff", SUBSCRIPTIONS, EVENTS, 1, COUNT)
    mine = await ours(Script([polling], {SUBSCRIPTIONS: descriptor(7, 1, 0)}))
    assert struct.unpack_from("<QHB5xQH", mine.window, EVENTS) == (7, 0, 1, 0, 1)
