"""Problem details: what a client hears of an error, and what it does not."""

import json

import pytest

from gojinn.edge import problem
from gojinn.edge.handler import HttpError
from gojinn.edge.refusal import Refused
from gojinn.errors import BugError, ConfigError, Denied, FunctionError, Unauthorized, Unavailable
from gojinn.testing.edge import make_request


def test_document_has_every_member() -> None:
    request = make_request()
    response = problem.render(Denied("kv_write is not granted", hint="add permissions"), request)
    assert isinstance(response.body, bytes)
    assert json.loads(response.body) == {
        "type": "urn:gojinn:denied",
        "title": "Forbidden",
        "status": 403,
        "detail": "kv_write is not granted",
        "code": "denied",
        "hint": "add permissions",
        "id": request.problem,
        "trace_id": request.trace.trace_id,
    }


def test_members_of_an_error_are_added_but_replace_nothing() -> None:
    class Odd(FunctionError):
        @property
        def members(self) -> dict[str, str]:
            return {"function": "f", "status": "0", "id": "mine"}

    request = make_request()
    response = problem.render(Odd("bad", function="f", reason="trap"), request)
    assert isinstance(response.body, bytes)
    body = json.loads(response.body)
    assert (body["function"], body["status"], body["id"]) == ("f", 502, request.problem)


@pytest.mark.parametrize(
    "error", [ValueError("secret"), BugError("secret"), ConfigError("secret"), KeyError()]
)
def test_what_is_the_operators_business_is_not_told(error: Exception) -> None:
    response = problem.render(error, make_request())
    assert isinstance(response.body, bytes)
    assert response.status == 500
    assert b"secret" not in response.body


def test_http_error_is_a_bare_status() -> None:
    request = make_request()
    response = problem.render(HttpError(404, "secret"), request)
    assert (response.status, response.body, request.problem) == (404, b"", "")


@pytest.mark.parametrize(
    ("error", "field"), [(Unauthorized("who"), b"www-authenticate"), (Unavailable("full"), b"retry-after")]
)
def test_status_brings_the_field_it_asks_for(error: Exception, field: bytes) -> None:
    assert field in dict(problem.render(error, make_request()).headers)


def test_fields_of_the_answer_that_was_not_given_are_dropped() -> None:
    request = make_request()
    request.answer += [(b"x-kept", b"1"), (b"content-type", b"text/html"), (b"etag", b"1")]
    headers = problem.render(Denied("no"), request).headers
    assert [value for name, value in headers if name == b"content-type"] == [b"application/problem+json"]
    assert {name for name, _ in headers} == {b"server", b"x-kept", b"content-type"}


def test_odd_characters_of_a_message_do_no_harm() -> None:
    response = problem.render(Denied("no '\udcff\"\n'"), make_request())
    assert isinstance(response.body, bytes)
    assert json.loads(response.body)["detail"] == "no '?\"\n'"


def test_refusal_is_a_whole_answer() -> None:
    raw = problem.refusal(Refused(431, "limit", "too much"), b"date: now\r\n")
    head, _, body = raw.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
    assert b"connection: close" in head
    assert json.loads(body)["code"] == "limit"
