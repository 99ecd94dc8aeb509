"""One run of a function: what it is given and what came of it. Running it is `runner`'s."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from time import monotonic
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from gojinn.capabilities.capability import AtOnce, Operation, OperationError
from gojinn.engine.denials import CALLS, METHODS, denied_calls
from gojinn.engine.limits import Surroundings
from gojinn.engine.outcome import Outcome, Record
from gojinn.errors import GojinnError, clip
from gojinn.functions.denials import ADD, complaint
from gojinn.functions.lines import DEFAULT_TENANT
from gojinn.functions.reply import Reply
from gojinn.observe.log import get
from gojinn.trust.permissions import line_for

if TYPE_CHECKING:
    from gojinn.functions.function import Function

T = TypeVar("T")

NOTED = 64 << 10
"""Characters of log that operations may add to one invocation."""

LONGEST_NAME = 200
"""Characters of a name that a denial's log entry shows."""

NO_OPERATIONS: Mapping[str, Operation] = MappingProxyType({})
NONE_AT_ONCE: Mapping[bytes, AtOnce] = MappingProxyType({})

log = get("gojinn.trust")


class Invocation(msgspec.Struct, eq=False):
    """What one run is given. The engine's host calls see it as `GuestCall.context`."""

    function: Function
    stdin: bytes
    """The envelope, or the body for a CGI script."""
    tenant: str = DEFAULT_TENANT
    """Whose data it may see."""
    trace: str = ""
    """W3C traceparent."""
    timeout: float | None = None
    """Seconds it may take, waiting for its turn included; None for what its function may."""
    around: Surroundings | None = None
    """Arguments and environment of its own; None for those that its function's settings say."""
    answers: bool = True
    """Whether somebody waits for an answer; if not, a function that writes nothing has done well."""
    parts: bool = False
    """Whether who drives it takes the answer in parts."""
    begun: bool = False
    """Whether that has begun."""
    operations: Mapping[str, Operation] = NO_OPERATIONS
    """What `host_call` may name; the runner says."""
    at_once: Mapping[bytes, AtOnce] = NONE_AT_ONCE
    """What of that is answered without waiting; the runner says."""
    deadline: float = 0.0
    """When it is out of time, by the monotonic clock; set as it starts."""
    kept: dict[type, Any] | None = None
    """What capabilities keep for it."""
    ending: list[Callable[[], Awaitable[None]]] | None = None
    """What they want done once the guest has ended."""
    notes: list[Record] = []
    """Log entries of operations."""
    room: int = NOTED

    @property
    def name(self) -> str:
        """What the function is called."""
        return self.function.name

    def time_left(self) -> float:
        """Seconds until it is out of time."""
        return max(0.0, self.deadline - monotonic())

    def settings(self, kind: type[T]) -> T:
        """The function's own options of a capability."""
        found: T = self.function.settings[kind]
        return found

    def may(self, capability: str, action: str, name: str = "") -> bool:
        """Whether the function may do this."""
        return self.function.grants.allows(capability, action, name)

    def allows(self, capability: str, action: str, name: str = "") -> bool:
        """Whether the function may do this. A no is counted and logged."""
        if self.function.grants.allows(capability, action, name):
            return True
        self.deny(capability, action, name, line_for(capability, action, name))
        return False

    def deny(self, capability: str, action: str, name: str, add: str, times: int = 1) -> None:
        """Counts and logs a denial; `add` is the line that would allow it."""
        self.function.usage.denials[f"{capability} {action}"] += times
        self.complain(capability, action, name, add)

    def deny_files(self, noted: int) -> None:
        """Counts and logs file operations that the mounts did not allow, as `engine.denials` noted them."""
        component = self.function.compiled.info.component
        count, calls = denied_calls(noted, METHODS if component else CALLS)
        mounts = self.function.config.mounts
        self.deny("mount", "use", " ".join(calls), ADD, count)
        self.note(2, complaint(calls, mounts))

    def complain(self, capability: str, action: str, name: str, add: str) -> None:
        """Logs a denial with the line to add, as often as the function's allowance lets through."""
        complaints = self.function.complaints
        if not complaints.take(1):
            complaints.dropped += 1
            return
        facts = {"function": self.name, "tenant": self.tenant, "trace_id": self.trace[3:35]}
        log.warning(
            "denied",
            capability=capability,
            action=action,
            name=clip(name, LONGEST_NAME),
            add=clip(add, LONGEST_NAME),
            unlogged=complaints.dropped,
            **facts,
        )
        complaints.dropped = 0

    def permit(self, capability: str, action: str, name: str = "") -> None:
        """Raises OperationError unless the function may do this."""
        if not self.allows(capability, action, name):
            what = f"'{capability} {action}' of '{name}'" if name else f"'{capability} {action}'"
            add = f"add the line '{line_for(capability, action, name)}' to 'permissions' in its block"
            raise OperationError("denied", f"{what} is not granted to function '{self.name}': {add}")

    def own(
        self, kind: type[T], make: Callable[[], T], end: Callable[[T], Awaitable[None]] | None = None
    ) -> T:
        """Finds what a capability keeps for this invocation; makes it at the first time."""
        if self.kept is None:
            self.kept = {}
        if kind not in self.kept:
            made = self.kept[kind] = make()
            if end is not None:
                self.at_end(partial(end, made))
        found: T = self.kept[kind]
        return found

    def find(self, kind: type[T]) -> T | None:
        """Finds what `own` has made, if it has."""
        return None if self.kept is None else self.kept.get(kind)

    def at_end(self, action: Callable[[], Awaitable[None]]) -> None:
        """Has something awaited once the guest has ended."""
        if self.ending is None:
            self.ending = []
        self.ending.append(action)

    def note(self, level: int, text: str) -> None:
        """Adds to the log as long as there is room."""
        if self.room > 0:
            self.notes.append(Record(level, text[: self.room]))
            self.room -= len(text) + 1


class Result(msgspec.Struct, eq=False):
    """What came of an invocation: a reply or an error, and the log in any case."""

    outcome: Outcome | None
    """How the guest ended; None when it never started."""
    reply: Reply | None
    error: GojinnError | None
    log: list[Record]
    """Without secrets, and shortened when it is very long."""
