"""What guests call to ask other servers: the contract's import and the operations `http.…`. Sends nothing.

Codes of errors beside those of every operation (`denied`, `bad-request`): `unavailable` for a name that leads
nowhere, a connection that fails, a certificate that is not trusted and an answer that is cut or broken;
`timeout`; `too-large`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from gojinn.capabilities.capability import Caller, OperationError, Served, Services
from gojinn.capabilities.http.answers import LARGEST, Room
from gojinn.capabilities.http.exchange import beginning, fetch
from gojinn.capabilities.http.failure import Failure, Refused
from gojinn.capabilities.http.requests import Cancel, Fetch, Wait, looked_through
from gojinn.capabilities.http.sender import ComponentSender
from gojinn.capabilities.http.service import WORD, Requests, refusal, requests_opened
from gojinn.capabilities.http.underway import LARGEST_TOGETHER, Underway
from gojinn.capabilities.http.urls import LONGEST
from gojinn.capabilities.request import read
from gojinn.engine.host import GuestCall

WARN = 2
"""Level of a log entry."""


class HttpHost:
    """Serves the capability for one worker."""

    def __init__(self, requests: Requests) -> None:
        self.requests = requests

    async def http_get(self, guest: GuestCall, url: int, length: int, out: int, limit: int) -> int:
        """Asks by GET; writes the first `limit` bytes of the body of any answer and returns how many those
        are, 0 where there is no answer."""
        caller: Caller = guest.context
        given = guest.read(url, min(length, LONGEST + 1)).decode("utf-8", "replace")
        try:
            asked = looked_through(Fetch(given))
            body = await told(caller, beginning(self.requests, caller, asked, min(limit, LARGEST_TOGETHER)))
        except OperationError as error:
            caller.note(WARN, f"host_http_get failed: {error.message}")
            return 0
        guest.write(out, body)
        return len(body)

    async def fetch(self, caller: Caller, request: Any) -> Any:
        """Asks a server: `{"url", "method": "GET", "headers": {name: [values]}, "body" or "body_base64",
        "timeout", "redirect": "follow|manual|error"}`, all but the url optional; `timeout` in seconds, else
        what the function has left. Answers `{"status", "headers", "body" or "body_base64", "url",
        "redirected"}`, whatever the status is. A body has at most 6,000,000 bytes. Errors: `denied`,
        `unavailable`, `timeout`, `too-large`."""
        asked = looked_through(read(Fetch, request))
        return (await told(caller, fetch(self.requests, caller, asked, Room(LARGEST)))).shown()

    async def start(self, caller: Caller, request: Any) -> Any:
        """Begins the same request as `http.fetch` and does not wait: answers `{"id"}`, a number for
        `http.wait`. At most 32 may be under way, with 32 MiB of bodies; the function's end breaks them
        off."""
        asked = looked_through(read(Fetch, request))

        async def ask(room: Room) -> dict[str, Any]:
            try:
                return {"answer": (await told(caller, fetch(self.requests, caller, asked, room))).shown()}
            except OperationError as error:
                return {"error": {"code": error.code, "message": error.message}}

        try:
            return {"id": underway(caller).begin(ask, len(asked.body))}
        except Failure as failure:
            raise OperationError(failure.code, failure.message) from failure

    async def wait(self, caller: Caller, request: Any) -> Any:
        """Waits for the first of some requests: `{"ids": [id…], "timeout"?}`. Answers `{"id", "answer"}` with
        what `http.fetch` would have answered, or `{"id", "error": {"code", "message"}}`; that request is
        gone then. Answers `{}` when `timeout` seconds are over before one is done."""
        asked = read(Wait, request)
        found = await underway(caller).first(asked.ids, asked.timeout)
        return {} if found is None else {"id": found[0], **found[1]}

    async def cancel(self, caller: Caller, request: Any) -> Any:
        """Breaks a request off: `{"id"}`. One that is not under way is no error. Answers `{}`."""
        await underway(caller).cancel(read(Cancel, request).id)
        return {}


def underway(caller: Caller) -> Underway:
    """Finds the requests that an invocation has under way; they end with it."""
    return caller.own(Underway, Underway, Underway.cancel_all)


async def told(caller: Caller, asking: Any) -> Any:
    """Awaits a request. Raises OperationError for what goes wrong with it."""
    try:
        return await asking
    except Refused as refused:
        raise OperationError("denied", refusal(refused, caller)) from refused
    except Failure as failure:
        raise OperationError(failure.code, failure.message) from failure


@asynccontextmanager
async def opened(services: Services) -> AsyncIterator[Served]:
    """Serves requests for as long as the worker lives."""
    async with requests_opened() as requests:
        host = HttpHost(requests)
        operations = (host.fetch, host.start, host.wait, host.cancel)
        yield Served(
            calls={"host_http_get": host.http_get},
            operations={f"{WORD}.{each.__name__}": each for each in operations},
            report=requests.report,
            sender=ComponentSender(requests),
        )
