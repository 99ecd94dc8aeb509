"""The capabilities as one worker serves them, each opened with what the worker has. They live elsewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from gojinn.capabilities.capability import (
    AtOnce,
    Capability,
    HostCall,
    Import,
    Operation,
    Served,
    Services,
)
from gojinn.capabilities.imports import CAPABILITIES, MODULE
from gojinn.engine.host import GuestCall, HostFunction


class Host:
    """What guests of this process may call: the functions to link, and the operations of `host_call`."""

    def __init__(
        self, served: Mapping[str, Served], capabilities: Iterable[Capability] = CAPABILITIES
    ) -> None:
        """Takes what serves the capabilities, by word; those that are missing answer their failures."""
        self.words = frozenset(served)
        self.operations: Mapping[str, Operation] = {
            name: operation for each in served.values() for name, operation in each.operations.items()
        }
        self.at_once: Mapping[bytes, AtOnce] = {
            name: operation for each in served.values() for name, operation in each.at_once.items()
        }
        self.watching = [each.bound for each in served.values() if each.bound is not None]
        self.reporting = {word: each.report for word, each in served.items() if each.report is not None}
        self.sender = next((each.sender for each in served.values() if each.sender is not None), None)
        """What sends the requests of components."""
        self.linked: dict[frozenset[str], tuple[HostFunction, ...]] = {}
        self.table = [
            (entry, own.calls.get(entry.name) or failing(entry), own.calls_at_once.get(entry.name))
            for each in capabilities
            for own in [served.get(each.word, Served())]
            for entry in each.imports
            if not entry.in_core
        ]

    def functions(self, granted: frozenset[str]) -> tuple[HostFunction, ...]:
        """What the engine is to link for a function with these permissions. What is not granted does not
        link."""
        found = self.linked.get(granted)
        if found is None:
            found = self.linked[granted] = tuple(
                HostFunction(MODULE, e.name, e.params, None if e.result is None else "either", call, at_once)
                for e, call, at_once in self.table
                if not e.permission or e.permission in granted
            )
        return found

    def bound(self, settings: Mapping[type, Any]) -> None:
        """Tells capabilities the options of a function that is going to run."""
        for watch in self.watching:
            watch(settings)

    def report(self) -> dict[str, Any]:
        """What the capabilities have open and have done, by word, for `status`."""
        return {word: dict(report()) for word, report in self.reporting.items()}

    def serves(self, capability: Capability) -> bool:
        """Whether something else than a failure answers for a capability."""
        return capability.word in self.words


@asynccontextmanager
async def host_opened(
    services: Services, capabilities: Iterable[Capability] = CAPABILITIES
) -> AsyncIterator[Host]:
    """Opens all capabilities that have what they need, in the order of their tuple."""
    served: dict[str, Served] = {}
    async with AsyncExitStack() as stack:
        for each in capabilities:
            if each.open is not None and all(need in services for need in each.needs):
                served[each.word] = await stack.enter_async_context(each.open(services))
        yield Host(served, capabilities)


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
