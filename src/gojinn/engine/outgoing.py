"""What components ask of whoever sends their requests to other servers, as Protocols. Nothing is sent here.

The guests' side of it is `components` (`wasi:http/outgoing-handler`), the senders' a capability above.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Protocol

Entries = list[tuple[str, bytes]]
"""Header fields in their order, names in lower case."""


class OutgoingError(Exception):
    """A request failed, or the reading of its answer."""

    def __init__(self, case: str, detail: str = "") -> None:
        super().__init__(detail or case)
        self.case = case
        """Which of wasi:http's `error-code`, such as `HTTP-request-denied`, `DNS-error`,
        `connection-refused`, `connection-timeout`, `TLS-certificate-error`."""
        self.detail = detail
        """What happened, in a sentence for the function's log; it may be empty."""


@dataclass(frozen=True, slots=True)
class OutgoingRequest:
    """A request as a component has made it. Nothing of it has been checked."""

    method: str
    """As it is sent, such as `GET`."""
    scheme: str
    """`http` or `https`; any other is refused."""
    authority: str
    """Host, and the port where one was given."""
    target: str
    """Path with query, beginning with a slash."""
    headers: Entries = field(default_factory=list)
    """Without Host and what else belongs to the connection; that, the sender refuses."""
    body: AsyncIterator[bytes] | None = None
    """Pieces of the body, taken one at a time as the server takes them: also after `send` has returned. Where
    it raises OutgoingError, the request is broken off, and fails with that where it has no answer yet."""
    length: int | None = None
    """Bytes of the body where the guest has said so in `content-length`; without it the body is chunked."""
    connect_timeout: float | None = None
    """Seconds until there is a connection; None for as long as the invocation may take, here as below."""
    first_byte_timeout: float | None = None
    """Seconds from there until the answer's header is there."""
    between_bytes_timeout: float | None = None
    """Seconds between two pieces of the answer's body."""


class OutgoingAnswer(Protocol):
    """What a server answers. Redirects are answers too, and bodies are as they were sent, not decoded."""

    @property
    def status(self) -> int:
        """100 to 599."""

    @property
    def headers(self) -> Entries:
        """Without those that belong to the connection."""

    @property
    def trailers(self) -> Entries | None:
        """What came behind the body, once the last part was there; None where nothing came."""

    def parts(self) -> AsyncIterator[bytes]:
        """Yields the body as it comes, once; no more is read ahead than one window.

        Raises OutgoingError where the body is cut (`HTTP-response-incomplete`) or does not come
        (`connection-read-timeout`).
        """

    async def close(self) -> None:
        """Is done with it, read to its end or not: what is still sent or received is broken off. May be
        called again."""


class Sender(Protocol):
    """Sends requests of guests, as far as their functions may. One for all guests of a worker."""

    async def send(self, context: Any, request: OutgoingRequest) -> OutgoingAnswer:
        """Sends a request and waits for the answer's header; `context` is what was given to `invoke`.

        The answer is the caller's to close; what is left when the invocation has ended is closed by then.
        Cancelling it leaves no connection behind. Raises OutgoingError.
        """
