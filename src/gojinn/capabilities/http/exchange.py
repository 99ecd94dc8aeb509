"""One request of a guest from its beginning to its end: redirects, time and size. Sending is `service`'s."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gojinn.capabilities.capability import Caller
from gojinn.capabilities.http.answers import GZIP, PIECE, Answer, Parts, Room, decoded, table, text_of
from gojinn.capabilities.http.failure import Failure, unusable
from gojinn.capabilities.http.requests import Asked
from gojinn.capabilities.http.service import Requests
from gojinn.capabilities.http.urls import BadUrl, Url, joined
from gojinn.errors import clip

if TYPE_CHECKING:
    from aiohttp import ClientResponse

MOST_REDIRECTS = 10
REDIRECTS = frozenset((301, 302, 303, 307, 308))
SECRET = frozenset(("authorization", "cookie"))
"""Fields that are for the one server they were given for."""
OF_BODY = frozenset(("content-encoding", "content-language", "content-location", "content-type"))
"""Fields that go with the body where a redirect drops that."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to the last request of a row of redirects, its body unread."""

    response: ClientResponse
    asked: Asked
    """That last request."""
    redirected: bool
    decoding: bool
    """Whether we have asked for gzip, and not the guest."""

    @property
    def gzip(self) -> bool:
        """Whether the body is to be unpacked."""
        return self.decoding and self.response.headers.get("Content-Encoding", "").strip().lower() in GZIP


async def fetch(requests: Requests, caller: Caller, asked: Asked, room: Room) -> Answer:
    """Asks a server, follows where it sends us and reads the answer; `room` is for its body.

    Raises Refused and Failure. Cancelling it closes the connection.
    """
    async with in_time(asked), answered(requests, caller, asked) as reply:
        size = reply.response.content_length
        if size is not None and reply.asked.method != "HEAD" and not reply.gzip:
            Room(room.left, room.what).take(size)
        headers = table(reply.response.raw_headers, unpacked=reply.gzip)
        body = b"".join([piece async for piece in pieces(requests, reply, room)])
        return Answer(reply.response.status, headers, body, reply.asked.url, reply.redirected)


async def beginning(requests: Requests, caller: Caller, asked: Asked, limit: int) -> bytes:
    """The first bytes of the body of an answer, whatever comes behind them. Raises Refused and Failure."""
    found = bytearray()
    async with (
        in_time(asked),
        answered(requests, caller, asked) as reply,
        aclosing(pieces(requests, reply, Room(limit + 2 * PIECE))) as body,
    ):
        async for piece in body:
            found += piece
            if len(found) >= limit:
                break
    return bytes(found[:limit])


def pieces(requests: Requests, reply: Reply, room: Room) -> Parts:
    """What is in the body of an answer. Raises Failure."""
    return decoded(requests.parts(reply.response, reply.asked.url), room, gzip=reply.gzip)


@asynccontextmanager
async def in_time(asked: Asked) -> AsyncIterator[None]:
    """Raises Failure when what is done takes longer than the request says. Past the function's own time its
    end breaks everything off."""
    try:
        async with asyncio.timeout(asked.timeout):
            yield
    except TimeoutError as error:
        message = f"{asked.url.origin} has not answered within {asked.timeout:g} seconds"
        raise Failure("timeout", message, "HTTP-response-timeout") from error


@asynccontextmanager
async def answered(requests: Requests, caller: Caller, asked: Asked) -> AsyncIterator[Reply]:
    """Sends a request, and one more for each redirect; leaving closes what was not read to its end.

    Raises Refused and Failure.
    """
    decoding = not any(name.lower() == "accept-encoding" for name, _ in asked.headers)
    hops = 0
    while True:
        headers = [*asked.headers, *defaults(asked, decoding=decoding)]
        response = await requests.send(caller, asked.method, asked.url, headers, asked.body or None)
        try:
            location = response.headers.get("Location")
            if response.status not in REDIRECTS or location is None or asked.redirect == "manual":
                yield Reply(response, asked, hops > 0, decoding)
                return
            if asked.redirect == "error":
                raise unusable(f"{asked.url.origin} redirects, and the request says that it must not")
            if hops == MOST_REDIRECTS:
                raise unusable(f"{asked.url.origin} redirects once more after {MOST_REDIRECTS} times")
            asked = redirected(asked, response.status, target(asked.url, response))
            hops += 1
        finally:
            response.release()


def defaults(asked: Asked, *, decoding: bool) -> list[tuple[str, str]]:
    """What a request says besides what the guest has it say."""
    accepts = any(name.lower() == "accept" for name, _ in asked.headers)
    return [("Accept", "*/*")] * (not accepts) + [("Accept-Encoding", "gzip")] * decoding


def target(url: Url, response: ClientResponse) -> Url:
    """Reads where an answer sends us. Raises Failure."""
    raw = next(value for name, value in response.raw_headers if name.lower() == b"location")
    location = text_of(raw)
    try:
        return joined(url, location)
    except BadUrl as error:
        raise unusable(
            f"{url.origin} redirects to '{clip(location)}', which is no address: {error}"
        ) from error


def redirected(asked: Asked, status: int, to: Url) -> Asked:
    """Makes the next request, as Fetch says (https://fetch.spec.whatwg.org/#http-redirect-fetch)."""
    headers, method, body = asked.headers, asked.method, asked.body
    if (status == 303 and method not in ("GET", "HEAD")) or (status in (301, 302) and method == "POST"):
        method, body = "GET", b""
        headers = [field for field in headers if field[0].lower() not in OF_BODY]
    if to.origin != asked.url.origin:
        headers = [field for field in headers if field[0].lower() not in SECRET]
    return dataclasses.replace(asked, url=to, method=method, headers=headers, body=body)
