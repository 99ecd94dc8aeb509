"""Sends what components ask by `wasi:http/outgoing-handler`. The connections are `service`'s.

Bodies are streamed both ways, as they are; redirects are the guests' own business.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from gojinn.capabilities.capability import Caller, OperationError
from gojinn.capabilities.http.answers import HOP, text_of
from gojinn.capabilities.http.failure import Failure, Refused
from gojinn.capabilities.http.requests import Fields, checked_method, checked_value, fitting
from gojinn.capabilities.http.service import Requests, refusal
from gojinn.capabilities.http.urls import BadUrl, Url, parse_url
from gojinn.engine.outgoing import Entries, OutgoingError, OutgoingRequest

if TYPE_CHECKING:
    from aiohttp import ClientResponse


class ComponentSender:
    """`engine.outgoing.Sender` for one worker."""

    def __init__(self, requests: Requests) -> None:
        self.requests = requests

    async def send(self, context: Any, request: OutgoingRequest) -> ComponentAnswer:
        """Sends a request, if its function may. Raises OutgoingError."""
        caller: Caller = context
        url, method, headers = checked(request)
        body = None if request.body is None else Body(request.body, request.length)
        waiting = (request.connect_timeout, request.first_byte_timeout)
        try:
            response = await self.requests.send(caller, method, url, headers, body, waiting)
        except Refused as refused:
            raise OutgoingError(refused.case, refusal(refused, caller)) from refused
        except Failure as failure:
            if body is not None and body.failure is not None:
                raise body.failure from failure
            late = failure.case == "connection-read-timeout"
            raise OutgoingError(
                "HTTP-response-timeout" if late else failure.case, failure.message
            ) from failure
        if response.connection is not None and response.connection.protocol is not None:
            response.connection.protocol.read_timeout = request.between_bytes_timeout
            response.connection.protocol.start_timeout()
        answer = ComponentAnswer(self.requests, response, url, kept(caller))
        answer.kept.add(answer)
        return answer


class ComponentAnswer:
    """`engine.outgoing.OutgoingAnswer`."""

    trailers: Entries | None = None
    """The client library leaves them out."""

    def __init__(self, requests: Requests, response: ClientResponse, url: Url, kept: Kept) -> None:
        self.requests = requests
        self.response = response
        self.url = url
        self.kept = kept

    @property
    def status(self) -> int:
        """The status code."""
        return self.response.status

    @property
    def headers(self) -> Entries:
        """Without those of the connection, names in lower case."""
        named = ((name.decode("latin-1").lower(), value) for name, value in self.response.raw_headers)
        return [(name, value) for name, value in named if name not in HOP]

    async def parts(self) -> AsyncIterator[bytes]:
        """Yields the body as it comes. Raises OutgoingError."""
        try:
            async with aclosing(self.requests.parts(self.response, self.url)) as parts:
                async for part in parts:
                    yield part
        except Failure as failure:
            raise OutgoingError(failure.case, failure.message) from failure

    async def close(self) -> None:
        """Lets the connection go to be used again where all of the answer was read, else closes it."""
        self.kept.discard(self)
        self.response.release()


class Kept(set[ComponentAnswer]):
    """The answers of an invocation that are not closed yet."""

    async def close(self) -> None:
        """Closes them."""
        for answer in list(self):
            await answer.close()


def kept(caller: Caller) -> Kept:
    """Finds those of an invocation; they end with it."""
    return caller.own(Kept, Kept, Kept.close)


class Body:
    """A body that is neither shorter nor longer than its request says: what is too much would be read as the
    next request."""

    def __init__(self, parts: AsyncIterator[bytes], length: int | None) -> None:
        self.parts = parts
        self.length = length
        self.failure: OutgoingError | None = None
        """What broke it off."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = self.length
        try:
            async for part in self.parts:
                if left is not None:
                    left -= len(part)
                    if left < 0:
                        raise OutgoingError("HTTP-request-body-size", "the body is longer than it was said")
                yield part
            if left:
                raise OutgoingError("HTTP-request-body-size", f"the body lacks {left} bytes of its length")
        except OutgoingError as error:
            self.failure = error
            raise


def checked(request: OutgoingRequest) -> tuple[Url, str, Fields]:
    """Looks a request through. Raises OutgoingError."""
    try:
        url = parse_url(f"{request.scheme}://{request.authority}{request.target}")
    except BadUrl as error:
        raise OutgoingError("HTTP-request-URI-invalid", str(error)) from error
    try:
        method = checked_method(request.method)
    except OperationError as error:
        raise OutgoingError("HTTP-request-method-invalid", error.message) from error
    try:
        headers = fitting([(name, checked_value(name, text_of(value))) for name, value in request.headers])
    except OperationError as error:
        raise OutgoingError("HTTP-request-header-section-size", error.message) from error
    if request.length is not None:
        headers.append(("Content-Length", str(request.length)))
    return url, method, headers
