"""What a component can be to this host, and what it may import. Reading that from a binary is `outside`'s.

Names are those of WIT: `package:interface@version`. WASI 0.2 has many patch versions that are compatible; a
component is linked with whichever it was built for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final

HOST_CALL: Final = "gojinn:host/call"
"""What components import for `host_call`; `wit/` has its text."""
HOST_VERSION: Final = "1.0.0"


class World(Enum):
    """How a component is run; the value is the interface that it exports for that, without version."""

    COMMAND = "wasi:cli/run"
    """A program: the request on stdin, the answer on stdout."""
    HANDLER = "gojinn:host/handler"
    """A function from the request's text to the answer's."""
    PROXY = "wasi:http/incoming-handler"
    """A handler of HTTP requests, as `wasmtime serve` runs it."""


FUNCTIONS: Final = {World.COMMAND: "run", World.HANDLER: "handle", World.PROXY: "handle"}
"""What is called of the interface."""

PACKAGES: Final = ("wasi:cli", "wasi:clocks", "wasi:filesystem", "wasi:io", "wasi:random", "wasi:sockets")
"""Of WASI 0.2. Files are there with mounts only, and sockets refuse to open."""
HTTP: Final = ("wasi:http/types", "wasi:http/outgoing-handler")
"""Interfaces of `wasi:http`."""

WASI: Final = re.compile(r"(wasi:[a-z-]+)/([a-z0-9-]+)@(\d+\.\d+)\.\d+(?:-[0-9A-Za-z.-]+)?")
VERSIONS: Final = {World.COMMAND: "0.2.", World.HANDLER: "1.", World.PROXY: "0.2."}


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a component is entered, and what it has to be given for that."""

    world: World
    interface: str
    """With its version."""
    imports: tuple[str, ...] = ()
    """The interfaces that it imports, with their versions."""


def entry_of(exports: Iterable[str], imports: Iterable[str] = ()) -> Entry | None:
    """Finds what a component with these exports is; a handler of HTTP requests where it is several things."""
    found: Entry | None = None
    wanted = tuple(imports)
    for export in exports:
        name, _, version = export.partition("@")
        for world in World:
            if name == world.value and version.startswith(VERSIONS[world]):
                entry = Entry(world, export, wanted)
                found = entry if found is None or world is World.PROXY else found
    return found


def unserved(exports: Iterable[str]) -> tuple[str, str]:
    """Why a component of which `entry_of` makes nothing cannot be run, and what to do about it."""
    hint = "build it for the world 'wasi:cli/command' or 'wasi:http/proxy' of WASI 0.2"
    for export in exports:
        if (match := WASI.fullmatch(export)) is not None and match[3] != "0.2":
            return f"is a component that exports '{export}', expected WASI 0.2", hint
    worlds = " nor ".join(f"'{world.value}'" for world in World)
    return f"is a component that exports neither {worlds}", hint


def offered(interface: str) -> bool:
    """Whether this host has an interface that a component imports."""
    if interface == f"{HOST_CALL}@{HOST_VERSION}":
        return True
    match = WASI.fullmatch(interface)
    if match is None or match[3] != "0.2":
        return False
    return match[1] in PACKAGES or f"{match[1]}/{match[2]}" in HTTP
