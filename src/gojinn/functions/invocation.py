"""One run of a function: what it is given and what came of it. Running it is `runner`'s."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gojinn.capabilities.capability import Operation
from gojinn.capabilities.imports import OPERATIONS
from gojinn.engine.outcome import Outcome, Record
from gojinn.errors import GojinnError
from gojinn.functions.config import DEFAULT_TENANT
from gojinn.functions.reply import Reply

if TYPE_CHECKING:
    from gojinn.functions.function import Function

NOTED = 64 << 10
"""Characters of log that operations may add to one invocation."""


class Invocation:
    """What one run is given. The engine's host calls see it as `GuestCall.context`."""

    __slots__ = ("answer", "function", "notes", "room", "stdin", "tenant", "timeout", "trace")

    def __init__(
        self,
        function: Function,
        stdin: bytes,
        *,
        tenant: str = DEFAULT_TENANT,
        trace: str = "",
        timeout: float | None = None,
    ) -> None:
        self.function = function
        self.stdin = stdin
        """The envelope."""
        self.tenant = tenant
        """Whose data it may see."""
        self.trace = trace
        """W3C traceparent."""
        self.timeout = function.config.timeout if timeout is None else timeout
        """Seconds it may take, waiting for its turn included."""
        self.answer = b""
        """What `host_take` hands out."""
        self.notes: list[Record] = []
        """Log entries of operations."""
        self.room = NOTED

    @property
    def operations(self) -> Mapping[str, Operation]:
        """What `host_call` may name."""
        return OPERATIONS

    def note(self, level: int, text: str) -> None:
        """Adds to the log as long as there is room."""
        if self.room > 0:
            self.notes.append(Record(level, text[: self.room]))
            self.room -= len(text) + 1


class Result:
    """What came of an invocation: a reply or an error, and the log in any case."""

    __slots__ = ("error", "log", "outcome", "reply")

    def __init__(
        self,
        outcome: Outcome | None,
        reply: Reply | None,
        error: GojinnError | None,
        log: list[Record],
    ) -> None:
        self.outcome = outcome
        """How the guest ended; None when it never started."""
        self.reply = reply
        self.error = error
        self.log = log
        """Without secrets, and shortened when it is very long."""
