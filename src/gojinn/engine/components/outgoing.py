"""`wasi:http/outgoing-handler`, and what of `wasi:http/types` belongs to requests of guests' own: Python has
those in either engine. Their tasks are `requests`', their bodies' bytes `bodies`', their answers `answers`'.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from gojinn.engine.components.answers import FUNCTIONS as ANSWERS
from gojinn.engine.components.answers import Future, parking, shared
from gojinn.engine.components.bodies import Departing
from gojinn.engine.components.errorcodes import BodyError, case_of, error_code
from gojinn.engine.components.fields import TOKEN
from gojinn.engine.components.http import plain
from gojinn.engine.components.link import ComponentFunction, Quick
from gojinn.engine.components.opened import OpenedOutput, failed
from gojinn.engine.components.requests import (
    MOST,
    MOST_HEADER_BYTES,
    Requests,
    Transfer,
    requests_of,
    size_of,
)
from gojinn.engine.components.resources import Guest, GuestTrap, Kind, Opened
from gojinn.engine.components.streams import CLOSED
from gojinn.engine.components.values import (
    U64,
    Case,
    Err,
    Handle,
    option,
    own,
    result,
    scalar,
    string,
    variant,
)
from gojinn.engine.outgoing import Entries, OutgoingError, OutgoingRequest, Sender

SECOND: Final = 1_000_000_000
"""In the nanoseconds that a `duration` counts."""
TARGET: Final = re.compile(r"(?:[/?][!-~]*)?")
"""A path with query. What a server makes of it is its own business."""
AUTHORITY: Final = re.compile(
    r"(?:[!-~]*@)?(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]+)(?::(\d{0,5}))?"
)
MOST_PORTS: Final = 65535
SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")


@dataclass(slots=True)
class Sent(Opened):
    """A request while it is made."""

    headers: Entries
    requests: Requests
    values: dict[str, Any] = field(default_factory=lambda: {"method": Case("get")})
    body: Departing | None = None

    def dropped(self) -> None:
        self.counted()
        if self.body is not None:
            self.body.stop()

    def counted(self) -> None:
        """It is counted no more among those that are not sent."""
        self.requests.header_bytes -= size_of(self.headers)
        self.requests.unsent -= self.body is not None


class Options(dict[str, int], Opened):
    """Timeouts of a request, in nanoseconds."""


class OutgoingBody(Opened):
    """A request's body, for the guest to write."""

    __slots__ = ("given", "inner")

    def __init__(self, inner: Departing) -> None:
        self.inner = inner
        self.given = False
        """Whether its stream was had."""

    def dropped(self) -> None:
        self.inner.breaks(OutgoingError("HTTP-protocol-error", "the body was dropped before it was finished"))


class BodyOutput(OpenedOutput):
    """The stream of that."""

    __slots__ = ("inner", "requests", "told")

    def __init__(self, inner: Departing, requests: Requests) -> None:
        self.inner = inner
        self.requests = requests
        self.told = False

    def ready(self) -> bool:
        return self.inner.ready()

    def room(self, guest: Guest) -> int | Err:
        return self.over(guest) if self.inner.closed else self.inner.room()

    def over(self, guest: Guest) -> Err:
        """Why nothing can be written: an error is told once."""
        if self.inner.broken is None or self.told:
            return CLOSED
        self.told = True
        return failed(guest, BodyError(self.inner.broken))

    async def write(self, guest: Guest, data: bytes) -> Err | None:
        if self.inner.closed:
            return self.over(guest)
        if len(data) > self.inner.room():
            raise GuestTrap(f"{len(data)} bytes written, expected at most the {self.inner.room()} allowed")
        try:
            self.inner.write(data)
        except OutgoingError:
            return self.over(guest)
        return None

    async def write_all(self, guest: Guest, data: bytes) -> Err | None:
        at = 0
        while True:
            if not self.inner.ready():
                self.check_sent()
                await self.requests.until(self.inner.ready)
            end = at + self.inner.room()
            if (problem := await self.write(guest, data[at:end])) is not None or end >= len(data):
                return problem
            at = end

    def check_sent(self) -> None:
        """Raises GuestTrap where the guest would wait for itself."""
        if not self.inner.sent:
            raise GuestTrap("the body of a request that is not sent yet takes no more: call 'handle' first")


def new_request(guest: Guest, headers: int) -> Handle:
    """Makes a request with these fields."""
    requests, entries = requests_of(guest), guest.take_fields(headers)
    if not requests.room(size_of(entries)):
        raise GuestTrap(f"more than {MOST_HEADER_BYTES} bytes of header fields of requests and answers")
    return guest.own(Sent(entries, requests), Kind.OUTGOING_REQUEST)


def request_body(guest: Guest, request: int) -> Handle | Err:
    """Gives its body, once."""
    found = guest.at(request, Sent)
    if found.body is not None:
        return Err()
    if found.requests.unsent >= MOST:
        raise GuestTrap(f"more than {MOST} bodies of requests that are not sent")
    found.requests.unsent += 1
    found.body = Departing(length_of(found.headers), found.requests.wake)
    return guest.own(OutgoingBody(found.body), Kind.OUTGOING_BODY)


def length_of(headers: Entries) -> int | None:
    """The length that fields announce; less than none for what is no length."""
    values = {value.strip() for name, value in headers if name == "content-length"}
    if not values:
        return None
    value = values.pop()
    return int(value) if not values and value.isdigit() and len(value) < 19 else -1


def getting(name: str) -> Callable[[Guest, int], Any]:
    """Makes what reads a property of a request."""
    return lambda guest, request: guest.at(request, Sent).values.get(name)


def setting(name: str, valid: Callable[[Any], bool]) -> Callable[[Guest, int, Any], Err | None]:
    """Makes what sets one."""

    def set_value(guest: Guest, request: int, value: Any) -> Err | None:
        found = guest.at(request, Sent)
        if value is not None and not valid(value):
            return Err()
        found.values[name] = value
        return None

    return set_value


def other(pattern: re.Pattern[str]) -> Callable[[Case], bool]:
    """Makes the check of a variant whose last case is a text."""
    return lambda case: case.name != "other" or pattern.fullmatch(case.value) is not None


def matching(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    """Makes the check of a text."""
    return lambda text: pattern.fullmatch(text) is not None


def is_authority(text: str) -> bool:
    """Whether a text is a host, with a port or without."""
    found = AUTHORITY.fullmatch(text)
    return found is not None and int(found[1] or 0) <= MOST_PORTS


def new_options(guest: Guest) -> Handle:
    """Makes options."""
    return guest.own(Options(), Kind.REQUEST_OPTIONS)


def timeout(name: str) -> dict[str, Quick]:
    """Getter and setter of one of a request's timeouts."""

    def change(guest: Guest, options: int, value: int | None) -> None:
        found = guest.at(options, Options)
        found.pop(name, None)
        if value is not None:
            found[name] = value

    return {
        f"[method]request-options.{name}": Quick(
            lambda guest, options: guest.at(options, Options).get(name), option(scalar(U64))
        ),
        f"[method]request-options.set-{name}": Quick(change, plain),
    }


def written(sent: Sent, options: dict[str, int]) -> OutgoingRequest:
    """A request as it is sent. Raises OutgoingError."""
    method, scheme = sent.values["method"], sent.values.get("scheme") or Case("HTTPS")
    if scheme.name == "other":
        raise OutgoingError("HTTP-protocol-error", f"the scheme is '{scheme.value}', expected http or https")
    if not sent.values.get("authority"):
        raise OutgoingError("HTTP-request-URI-invalid", "the request names no host")
    length = length_of(sent.headers)
    if length is not None and length < 0:
        raise OutgoingError("HTTP-protocol-error", "the request's 'content-length' is no length")
    if length and sent.body is None:
        raise OutgoingError("HTTP-request-body-size", f"'content-length' says {length}, but there is no body")

    def seconds(name: str) -> float | None:
        return options[name] / SECOND if name in options else None

    return OutgoingRequest(
        method.value if method.name == "other" else method.name.upper(),
        scheme.name.lower(),
        sent.values["authority"],
        sent.values.get("path") or "/",
        sent.headers,
        sent.body,
        length,
        seconds("connect-timeout"),
        seconds("first-byte-timeout"),
        seconds("between-bytes-timeout"),
    )


async def deny(guest: Guest, request: int, options: int | None) -> Err:
    """Sends a request: there is nobody who would."""
    guest.take(request, Sent).dropped()
    if options is not None:
        guest.take(options, Options)
    return Err(Case("HTTP-request-denied"))


def handling(sender: Sender) -> Callable[..., Any]:
    """Makes what sends a request."""

    async def handle(guest: Guest, request: int, options: int | None) -> Handle | Err:
        sent = guest.take(request, Sent)
        sent.counted()
        timeouts = {} if options is None else guest.take(options, Options)
        requests = sent.requests
        try:
            made = written(sent, timeouts)
            if requests.full():
                raise OutgoingError("connection-limit-reached")
        except OutgoingError as error:
            if sent.body is not None:
                sent.body.stop()
            return Err(case_of(error))
        transfer = Transfer(requests, sent.body)
        if sent.body is not None:
            sent.body.sent = True
        transfer.start(sender, guest.context, made)
        await asyncio.sleep(0)  # has it begin before the guest goes on
        return guest.own(Future(transfer), Kind.FUTURE_RESPONSE)

    return handle


async def body_output(guest: Guest, rep: int) -> Handle | Err:
    """Gives the stream of a request's body, once."""
    found = guest.at(rep, OutgoingBody)
    if found.given:
        return Err()
    found.given = True
    return guest.own(BodyOutput(found.inner, requests_of(guest)), Kind.OUTPUT)


async def finish_output(guest: Guest, rep: int, trailers: int | None) -> Err | None:
    """Is done with a request's body. Trailers are not sent."""
    body = guest.take(rep, OutgoingBody).inner
    if trailers is not None:
        guest.take_fields(trailers)
    try:
        body.finish()
    except OutgoingError as error:
        return Err(
            Case(error.case, body.written) if error.case == "HTTP-request-body-size" else case_of(error)
        )
    return None


methods, schemes = variant(other=string), variant(other=string)
maybe, maybe_scheme = option(string), option(schemes)

QUICK: Final = {
    "[constructor]outgoing-request": Quick(new_request, own),
    "[method]outgoing-request.body": Quick(request_body, result(own)),
    "[method]outgoing-request.headers": Quick(
        lambda guest, r: guest.give_fields(guest.at(r, Sent).headers), own
    ),
    "[method]outgoing-request.method": Quick(getting("method"), methods),
    "[method]outgoing-request.set-method": Quick(setting("method", other(TOKEN)), plain),
    "[method]outgoing-request.scheme": Quick(getting("scheme"), maybe_scheme),
    "[method]outgoing-request.set-scheme": Quick(setting("scheme", other(SCHEME)), plain),
    "[method]outgoing-request.path-with-query": Quick(getting("path"), maybe),
    "[method]outgoing-request.set-path-with-query": Quick(setting("path", matching(TARGET)), plain),
    "[method]outgoing-request.authority": Quick(getting("authority"), maybe),
    "[method]outgoing-request.set-authority": Quick(setting("authority", is_authority), plain),
    "[constructor]request-options": Quick(new_options, own),
    **timeout("connect-timeout"),
    **timeout("first-byte-timeout"),
    **timeout("between-bytes-timeout"),
}
"""What never waits, by its name."""


FUNCTIONS: Final = (
    *(parking(name, quick) for name, quick in QUICK.items()),
    shared("[method]outgoing-body.write", body_output),
    shared("[static]outgoing-body.finish", finish_output),
)


def functions(sender: Sender | None) -> tuple[ComponentFunction, ...]:
    """What components get that know HTTP."""
    handle = deny if sender is None else handling(sender)
    outgoing = ComponentFunction("wasi:http/outgoing-handler", "handle", handle, result(own, error_code))
    return (*FUNCTIONS, *ANSWERS, outgoing)
