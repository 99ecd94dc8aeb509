"""What a route asks when a caller wants its answer later. Who keeps the jobs is above."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from gojinn.functions.config import FunctionConfig
from gojinn.functions.lines import DEFAULT_TENANT


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function that need not be carried out at once."""

    uri: str = ""
    headers: dict[str, list[str]] = field(default_factory=dict)
    body: bytes = b""
    tenant: str = DEFAULT_TENANT
    client_ip: str = ""
    trace: str = ""
    """W3C traceparent."""
    key: str = ""
    """Idempotency key: of two calls with the same one only the first is carried out."""


class Background(ABC):
    """Carries calls out later, durably."""

    @abstractmethod
    async def send(self, function: FunctionConfig, call: Call) -> str:
        """Stores a call and returns its job's id once that is on disk. Raises LimitExceeded, Unavailable."""
