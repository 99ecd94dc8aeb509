"""Answers to guests' own requests, as guests have them: what `wasi:http/types` says of those. Python has them
in either engine; what comes in is `requests`' and `bodies`'.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from gojinn.engine.components.errorcodes import BodyError, case_of, error_code
from gojinn.engine.components.http import INCOMING, RESPONSE
from gojinn.engine.components.link import ComponentFunction, Quick
from gojinn.engine.components.opened import OpenedError, OpenedInput, either, failed
from gojinn.engine.components.requests import Transfer
from gojinn.engine.components.resources import Guest, Kind, Opened
from gojinn.engine.components.streams import CLOSED, Condition
from gojinn.engine.components.values import U16, Case, Err, Handle, Ok, option, own, result, scalar

TYPES: Final = "wasi:http/types"


class Future(Opened):
    """An answer that is awaited."""

    __slots__ = ("taken", "transfer")

    def __init__(self, transfer: Transfer) -> None:
        self.transfer = transfer
        self.taken = False

    def dropped(self) -> None:
        if not self.taken:
            self.transfer.release()
            self.transfer.cancel()


class Response(Opened):
    """An answer."""

    __slots__ = ("consumed", "transfer")

    def __init__(self, transfer: Transfer) -> None:
        self.transfer = transfer
        self.consumed = False

    def dropped(self) -> None:
        self.transfer.release()
        if not self.consumed:
            self.transfer.cancel()


class ResponseBody(Opened):
    """Its body."""

    __slots__ = ("read", "transfer")

    def __init__(self, transfer: Transfer) -> None:
        self.transfer = transfer
        self.read = False

    def dropped(self) -> None:
        self.transfer.cancel()


class BodyInput(OpenedInput):
    """The stream of that."""

    __slots__ = ("told", "transfer")

    def __init__(self, transfer: Transfer) -> None:
        self.transfer = transfer
        self.told = False

    def ready(self) -> bool:
        return self.transfer.arriving.left() > 0 or self.transfer.over

    async def read(self, guest: Guest, length: int) -> bytes | Err:
        transfer = self.transfer
        if transfer.arriving.left():
            return transfer.arriving.take(length)
        if not transfer.over:
            return b""
        if transfer.failure is None or self.told:
            return CLOSED
        self.told = True
        return failed(guest, BodyError(transfer.failure))

    async def next(self, guest: Guest, length: int) -> bytes | Err:
        await self.transfer.requests.until(self.ready)
        return await self.read(guest, length)


class Trailers(Opened):
    """What comes behind it."""

    __slots__ = ("taken", "transfer")

    def __init__(self, transfer: Transfer) -> None:
        self.transfer = transfer
        self.taken = False

    def dropped(self) -> None:
        self.transfer.cancel()


def subscribe_future(guest: Guest, rep: int) -> Handle:
    """Makes what is ready when there is an answer."""
    return guest.own(Condition(guest.at(rep, Future).transfer.answered), Kind.POLLABLE)


def get_future(guest: Guest, rep: int) -> Any:
    """The answer, or what went wrong, once."""
    future = guest.at(rep, Future)
    transfer = future.transfer
    if not transfer.answered():
        return None
    if future.taken:
        return Err()
    future.taken = True
    if transfer.answer is None:
        assert transfer.failure is not None
        return Ok(Err(case_of(transfer.failure)))
    return Ok(guest.own(Response(transfer), Kind.INCOMING_RESPONSE))


def response_status(guest: Guest, rep: int) -> int:
    """The status of an answer."""
    answer = guest.at(rep, Response).transfer.answer
    assert answer is not None
    return answer.status


def response_headers(guest: Guest, rep: int) -> Handle:
    """Its fields."""
    answer = guest.at(rep, Response).transfer.answer
    assert answer is not None
    return guest.give_fields(answer.headers)


def consume(guest: Guest, rep: int) -> Handle | Err:
    """Gives its body, once."""
    found = guest.at(rep, Response)
    if found.consumed:
        return Err()
    found.consumed = True
    return guest.own(ResponseBody(found.transfer), Kind.INCOMING_BODY)


async def body_input(guest: Guest, rep: int) -> Handle | Err:
    """Gives the stream of an answer's body, once."""
    found = guest.at(rep, ResponseBody)
    if found.read:
        return Err()
    found.read = True
    return guest.own(BodyInput(found.transfer), Kind.INPUT)


async def finish_input(guest: Guest, rep: int) -> Handle:
    """Is done with an answer's body."""
    return guest.own(Trailers(guest.take(rep, ResponseBody).transfer), Kind.TRAILERS)


async def subscribe_trailers(guest: Guest, rep: int) -> Handle:
    """Makes what is ready when the body has ended; what was not read of it is read for nothing."""
    transfer = guest.at(rep, Trailers).transfer
    transfer.arriving.discard()
    return guest.own(Condition(lambda: transfer.over), Kind.POLLABLE)


async def get_trailers(guest: Guest, rep: int) -> Any:
    """What came behind the body, or what went wrong, once."""
    found = guest.at(rep, Trailers)
    transfer = found.transfer
    transfer.arriving.discard()
    if not transfer.over:
        return None
    if found.taken:
        return Err()
    found.taken = True
    if transfer.failure is not None:
        return Ok(Err(case_of(transfer.failure)))
    return Ok(None if transfer.trailers is None else Ok(guest.give_fields(transfer.trailers)))


async def http_error_code(guest: Guest, rep: int) -> Case | None:
    """Why a stream failed, if it is a body's."""
    found = guest.at(rep, OpenedError)
    return found.case if isinstance(found, BodyError) else None


def parking(name: str, quick: Quick) -> ComponentFunction:
    """One of those: guests of the native library wait for Python there."""

    async def call(guest: Guest, *given: Any) -> Any:
        return quick.call(guest, *given)

    return ComponentFunction(TYPES, name, call, quick.answer, quick.call)


def shared(name: str, call: Callable[..., Any]) -> ComponentFunction:
    """One that is also for the request that is handled and its answer."""
    return either(TYPES, name, call, {**INCOMING, **RESPONSE}[name])


QUICK: Final = {
    "[method]future-incoming-response.subscribe": Quick(subscribe_future, own),
    "[method]future-incoming-response.get": Quick(get_future, option(result(result(own, error_code)))),
    "[method]incoming-response.status": Quick(response_status, scalar(U16)),
    "[method]incoming-response.headers": Quick(response_headers, own),
    "[method]incoming-response.consume": Quick(consume, result(own)),
}
"""What never waits, by its name."""

FUNCTIONS: Final = (
    *(parking(name, quick) for name, quick in QUICK.items()),
    shared("[method]incoming-body.stream", body_input),
    shared("[static]incoming-body.finish", finish_input),
    shared("[method]future-trailers.subscribe", subscribe_trailers),
    shared("[method]future-trailers.get", get_trailers),
    ComponentFunction(TYPES, "http-error-code", http_error_code, option(error_code)),
)
