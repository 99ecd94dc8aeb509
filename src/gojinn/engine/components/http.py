"""`wasi:http/types`: the request that is handled, answers and their bodies, whole in memory. Header fields
are `fields`, requests of guests' own `outgoing`.

What can be called only with an answer to such a request is left to trap (`link`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from gojinn.engine.components.errorcodes import error_code
from gojinn.engine.components.exchange import Exchange, method
from gojinn.engine.components.fields import FIELDS, Fields, fixed
from gojinn.engine.components.link import Interface, Quick
from gojinn.engine.components.resources import Guest, Kind
from gojinn.engine.components.streams import Input, Output, always
from gojinn.engine.components.values import (
    U16,
    Case,
    Err,
    Handle,
    Ok,
    option,
    own,
    result,
    scalar,
    string,
    variant,
)


@dataclass(slots=True)
class Request:
    """The request that is handled."""

    exchange: Exchange
    consumed: bool = False


@dataclass(slots=True)
class Incoming:
    """The body of a request."""

    data: bytes
    read: bool = False


@dataclass(slots=True)
class Response:
    """An answer while it is made. A handler may make several, and write their bodies before it gives one."""

    headers: Fields
    status: int = 200
    body: bool = False
    finished: bool = False


@dataclass(slots=True)
class Outgoing:
    """The body of an answer."""

    response: Response
    written: bool = False


class Outparam:
    """Where the answer goes."""


class Trailers:
    """What comes behind a body: nothing."""


def consume(guest: Guest, request: int) -> Handle | Err:
    """Gives a request's body, once."""
    found = guest.at(request, Request)
    if found.consumed:
        return Err()
    found.consumed = True
    return guest.own(Incoming(found.exchange.request.body), Kind.INCOMING_BODY)


def body_stream(guest: Guest, body: int) -> Handle | Err:
    """Gives the stream of a request's body, once."""
    found = guest.at(body, Incoming)
    if found.read:
        return Err()
    found.read = True
    return guest.own(Input(found.data), Kind.INPUT)


def finish_incoming(guest: Guest, body: int) -> Handle:
    """Is done with a request's body."""
    guest.take(body, Incoming)
    return guest.own(Trailers(), Kind.TRAILERS)


def new_response(guest: Guest, headers: int) -> Handle:
    """Makes an answer with these fields."""
    taken = guest.take(headers, Fields)
    return guest.own(Response(Fields(taken.entries, mutable=False)), Kind.RESPONSE)


def set_status(guest: Guest, response: int, status: int) -> Err | None:
    """Sets the status of an answer."""
    if not 200 <= status <= 599:
        return Err()
    guest.at(response, Response).status = status
    return None


def response_body(guest: Guest, response: int) -> Handle | Err:
    """Gives the body of an answer, once."""
    found = guest.at(response, Response)
    if found.body:
        return Err()
    found.body = True
    return guest.own(Outgoing(found), Kind.OUTGOING_BODY)


def write_body(guest: Guest, body: int) -> Handle | Err:
    """Gives the stream of a body, once."""
    found = guest.at(body, Outgoing)
    if found.written:
        return Err()
    found.written = True
    return guest.own(Output(partial(write_part, guest, found.response)), Kind.OUTPUT)


def write_part(guest: Guest, response: Response, data: bytes) -> None:
    """Adds to a body, unless it is for nobody: that of an answer that was not given."""
    exchange: Exchange = guest.http
    if exchange.set and response is not exchange.answer:
        return
    guest.write_output(data)
    if not exchange.set:
        exchange.writers.append(response)


def finish_outgoing(guest: Guest, body: int, trailers: int | None) -> None:
    """Is done with a body. Trailers are not sent."""
    found = guest.take(body, Outgoing)
    found.response.finished = True
    guest.http.finished |= found.response is guest.http.answer
    if trailers is not None:
        guest.take(trailers, Fields)


def answer(guest: Guest, outparam: int, response: Any) -> None:
    """Answers the request: with a response, or an error."""
    guest.take(outparam, Outparam)
    exchange: Exchange = guest.http
    exchange.set = True
    if isinstance(response, Err):
        exchange.failure = response.value.name
        return
    taken = guest.take(response, Response)
    exchange.status, exchange.headers = taken.status, taken.headers.entries
    exchange.begun, exchange.finished = taken.body, taken.finished
    exchange.answer = taken
    for writer, data in zip(exchange.writers, guest.take_output(), strict=True):
        if writer is taken:
            guest.write_output(data)


def exchange_of(guest: Guest, request: int) -> Exchange:
    """What a request belongs to."""
    return guest.at(request, Request).exchange


methods, schemes = variant(other=string), variant(other=string)
plain = result()
maybe, maybe_scheme = option(string), option(schemes)
trailers = option(result(result(option(own), error_code)))


INCOMING = {
    "[method]incoming-request.method": Quick(
        lambda guest, r: method(exchange_of(guest, r).request.method), methods
    ),
    "[method]incoming-request.path-with-query": Quick(
        lambda guest, r: exchange_of(guest, r).request.target, maybe
    ),
    "[method]incoming-request.scheme": Quick(lambda guest, r: Case("HTTP"), maybe_scheme),
    "[method]incoming-request.authority": Quick(
        lambda guest, r: exchange_of(guest, r).request.authority, maybe
    ),
    "[method]incoming-request.headers": Quick(
        lambda guest, r: fixed(guest, exchange_of(guest, r).request_headers), own
    ),
    "[method]incoming-request.consume": Quick(consume, result(own)),
    "[method]incoming-body.stream": Quick(body_stream, result(own)),
    "[static]incoming-body.finish": Quick(finish_incoming, own),
    "[method]future-trailers.subscribe": Quick(always, own),
    "[method]future-trailers.get": Quick(lambda guest, _: Ok(), trailers),
}
RESPONSE = {
    "[constructor]outgoing-response": Quick(new_response, own),
    "[method]outgoing-response.status-code": Quick(
        lambda guest, r: guest.at(r, Response).status, scalar(U16)
    ),
    "[method]outgoing-response.set-status-code": Quick(set_status, plain),
    "[method]outgoing-response.headers": Quick(
        lambda guest, r: fixed(guest, guest.at(r, Response).headers.entries), own
    ),
    "[method]outgoing-response.body": Quick(response_body, result(own)),
    "[method]outgoing-body.write": Quick(write_body, result(own)),
    "[static]outgoing-body.finish": Quick(finish_outgoing, result(None, error_code)),
    "[static]response-outparam.set": Quick(answer),
}
INTERFACES = (
    Interface(
        "wasi:http/types",
        {**FIELDS, **INCOMING, **RESPONSE},
        {
            "fields": Kind.FIELDS,
            "incoming-request": Kind.REQUEST,
            "response-outparam": Kind.OUTPARAM,
            "incoming-body": Kind.INCOMING_BODY,
            "future-trailers": Kind.TRAILERS,
            "outgoing-response": Kind.RESPONSE,
            "outgoing-body": Kind.OUTGOING_BODY,
            "outgoing-request": Kind.OUTGOING_REQUEST,
            "request-options": Kind.REQUEST_OPTIONS,
            "future-incoming-response": Kind.FUTURE_RESPONSE,
            "incoming-response": Kind.INCOMING_RESPONSE,
        },
    ),
    Interface("wasi:http/outgoing-handler"),
)


def arguments(guest: Guest) -> tuple[Handle, Handle]:
    """What a handler is called with: its request, and where to answer."""
    exchange: Exchange = guest.http
    return guest.own(Request(exchange), Kind.REQUEST), guest.own(Outparam(), Kind.OUTPARAM)


def unanswered(exchange: Exchange) -> str:
    """Why there is no answer; empty when there is one."""
    if exchange.failure:
        return f"the handler answered with the error '{exchange.failure}'"
    if not exchange.set:
        return "the handler returned without an answer"
    cut = exchange.begun and not exchange.finished
    return "the handler returned without finishing its answer's body" if cut else ""
