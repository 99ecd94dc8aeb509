"""The table of all imports from module `gojinn`, from the one tuple of capabilities. Serves none itself."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from gojinn.capabilities import call, log, unserved
from gojinn.capabilities.capability import Capability, HostCall, Import, Operation
from gojinn.engine.host import GuestCall, HostFunction

MODULE = "gojinn"

CAPABILITIES: tuple[Capability, ...] = (
    log.CAPABILITY,
    call.CAPABILITY,
    unserved.SQL,
    unserved.KV,
    unserved.LOCK,
    unserved.BLOB,
    unserved.QUEUE,
    unserved.AI,
    unserved.SOCKET,
    unserved.HTTP,
)
"""Serving one more capability is a module or folder beside this one and its line here."""

OWNERS: Mapping[str, Capability] = MappingProxyType({i.name: c for c in CAPABILITIES for i in c.imports})
"""Whose an import is, by its name."""

IMPORTS: Mapping[str, Import] = MappingProxyType({i.name: i for c in CAPABILITIES for i in c.imports})
"""The imports by name."""

OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {name: operation for c in CAPABILITIES for name, operation in c.operations.items()}
)
"""What `host_call` may name."""


def fits(entry: Import, params: tuple[str, ...], results: tuple[str, ...]) -> bool:
    """Whether a module declares an import as the contract does; its result may have either integer width."""
    if entry.result is None:
        return params == entry.params and results == ()
    return params == entry.params and results in (("i32",), ("i64",))


@lru_cache(maxsize=64)
def host_functions(granted: frozenset[str]) -> tuple[HostFunction, ...]:
    """What the engine is to link for a function with these permissions. What is not granted does not link."""
    return tuple(
        HostFunction(MODULE, i.name, i.params, None if i.result is None else "either", serving(c, i))
        for c in CAPABILITIES
        if not c.in_core
        for i in c.imports
        if not i.permission or i.permission in granted
    )


def serving(capability: Capability, entry: Import) -> HostCall:
    """What serves an import, or answers its failure while nothing does."""
    return capability.calls.get(entry.name) or failing(entry)


def failing(entry: Import) -> HostCall:
    """Makes the call that answers an import's failure."""

    async def fail(guest: GuestCall, *arguments: int) -> int | None:
        if entry.failure_text:
            out, limit = arguments[-2:]
            text = entry.failure_text[:limit]
            guest.write(out, text)
            return len(text)
        return entry.failure if entry.result is not None else None

    return fail
