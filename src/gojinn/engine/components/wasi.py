"""The rest of WASI 0.2 as functions get it: command line, clocks, randomness. Streams are in `streams`.

There are no sockets: opening one is denied. Nor are there files without mounts (with some: `filesystem`).
What can be called with something only that is never given is left to trap (`link`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

from gojinn.engine.components.link import Interface, Quick
from gojinn.engine.components.resources import Guest, GuestTrap, Kind
from gojinn.engine.components.streams import Input, Output, Pollable
from gojinn.engine.components.values import (
    U32,
    U64,
    Err,
    Handle,
    enum,
    listing,
    octets,
    option,
    own,
    pair,
    record,
    result,
    scalar,
    string,
)

MAX_RANDOM = 1 << 20
"""Bytes that one call may ask for."""
NANOSECONDS = 1_000_000_000

u64 = scalar(U64)
datetime = record(seconds=u64, nanoseconds=scalar(U32))


def exit_with(guest: Guest, status: Any) -> None:
    """Ends the guest: with its code, or whether it went well."""
    guest.leave(int(isinstance(status, Err)) if not isinstance(status, int) else status)
    raise GuestTrap("exit")


def stdin(guest: Guest) -> Handle:
    """Gives it its input."""
    return guest.own(Input(guest.input()), Kind.INPUT)


def printing(*, error: bool) -> Callable[[Guest], Handle]:
    """Makes what gives a guest its stdout or stderr."""

    def stream(guest: Guest) -> Handle:
        return guest.own(Output(lambda data: guest.print(data, error=error)), Kind.OUTPUT)

    return stream


def random_bytes(guest: Guest, length: int) -> bytes:
    """Bytes of the system's."""
    if length > MAX_RANDOM:
        raise GuestTrap(f"{length} random bytes asked for, expected at most {MAX_RANDOM}")
    return os.urandom(length)


def random_number(guest: Guest) -> int:
    """64 random bits."""
    return int.from_bytes(os.urandom(8), "little")


def timer(guest: Guest, instant: int) -> Handle:
    """Something that is ready at an instant."""
    return guest.own(Pollable(max(1, instant)), Kind.POLLABLE)


def absent(guest: Guest) -> None:
    """There is no terminal."""


def denied(guest: Guest, *_: Any) -> Err:
    """There are no sockets."""
    return Err("access-denied")


def cli(name: str, functions: dict[str, Quick], **resources: int) -> Interface:
    """An interface of `wasi:cli`."""
    return Interface(f"wasi:cli/{name}", functions, resources)


maybe_own, refused = option(own), result(own, enum)

INTERFACES = (
    cli(
        "environment",
        {
            "get-environment": Quick(lambda guest: guest.env, listing(pair(string, string))),
            "get-arguments": Quick(lambda guest: guest.args, listing(string)),
            "initial-cwd": Quick(absent, option(string)),
        },
    ),
    cli("exit", {"exit": Quick(exit_with), "exit-with-code": Quick(exit_with)}),
    cli("stdin", {"get-stdin": Quick(stdin, own)}),
    cli("stdout", {"get-stdout": Quick(printing(error=False), own)}),
    cli("stderr", {"get-stderr": Quick(printing(error=True), own)}),
    cli("terminal-input", {}, **{"terminal-input": Kind.TERMINAL_INPUT}),
    cli("terminal-output", {}, **{"terminal-output": Kind.TERMINAL_OUTPUT}),
    cli("terminal-stdin", {"get-terminal-stdin": Quick(absent, maybe_own)}),
    cli("terminal-stdout", {"get-terminal-stdout": Quick(absent, maybe_own)}),
    cli("terminal-stderr", {"get-terminal-stderr": Quick(absent, maybe_own)}),
    Interface(
        "wasi:clocks/monotonic-clock",
        {
            "now": Quick(lambda guest: time.monotonic_ns(), u64),
            "resolution": Quick(lambda guest: 1, u64),
            "subscribe-instant": Quick(timer, own),
            "subscribe-duration": Quick(lambda guest, ns: timer(guest, time.monotonic_ns() + ns), own),
        },
    ),
    Interface(
        "wasi:clocks/wall-clock",
        {
            "now": Quick(lambda guest: divmod(time.time_ns(), NANOSECONDS), datetime),
            "resolution": Quick(lambda guest: (0, 1), datetime),
        },
    ),
    Interface(
        "wasi:random/random",
        {"get-random-bytes": Quick(random_bytes, octets), "get-random-u64": Quick(random_number, u64)},
    ),
    Interface(
        "wasi:random/insecure",
        {
            "get-insecure-random-bytes": Quick(random_bytes, octets),
            "get-insecure-random-u64": Quick(random_number, u64),
        },
    ),
    Interface(
        "wasi:random/insecure-seed",
        {"insecure-seed": Quick(lambda guest: (random_number(guest), random_number(guest)), pair(u64, u64))},
    ),
    Interface(
        "wasi:filesystem/types",
        {},
        {"descriptor": Kind.DESCRIPTOR, "directory-entry-stream": Kind.DIRECTORY_STREAM},
    ),
    Interface(
        "wasi:filesystem/preopens",
        {"get-directories": Quick(lambda guest: (), listing(pair(own, string)))},
    ),
    Interface("wasi:sockets/network", {}, {"network": Kind.NETWORK}),
    Interface(
        "wasi:sockets/instance-network",
        {"instance-network": Quick(lambda guest: guest.own(object(), Kind.NETWORK), own)},
    ),
    Interface("wasi:sockets/tcp-create-socket", {"create-tcp-socket": Quick(denied, refused)}),
    Interface("wasi:sockets/udp-create-socket", {"create-udp-socket": Quick(denied, refused)}),
    Interface("wasi:sockets/ip-name-lookup", {"resolve-addresses": Quick(denied, refused)}),
)
