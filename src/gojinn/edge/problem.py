"""Errors as RFC 9457 problem details. Which errors there are is the error tree's business."""

from __future__ import annotations

from collections.abc import Mapping
from random import getrandbits

import msgspec

from gojinn.edge.handler import HttpError
from gojinn.edge.message import SERVER, Header, Request, Response
from gojinn.edge.refusal import Refused
from gojinn.edge.wire import head, reason
from gojinn.errors import GojinnError

CONTENT_TYPE: Header = (b"content-type", b"application/problem+json")
TYPE_BASE = "urn:gojinn:"
EXTRA: Mapping[int, Header] = {
    401: (b"www-authenticate", b'Bearer realm="gojinn"'),
    503: (b"retry-after", b"1"),
}
"""Fields that a status asks for (RFC 9110, sections 11.6.1 and 10.2.3)."""
OF_THE_BODY = frozenset((b"content-type", b"content-encoding", b"content-length", b"etag", b"last-modified"))
"""Fields that described an answer which is not given now."""
GENERIC = "the server failed to answer this request"
"""All that a client hears of an error that nobody planned."""


def render(error: BaseException, request: Request) -> Response:
    """Makes the answer to a failed request and notes its id in `request.problem`.

    A GojinnError becomes a problem document, an HttpError its bare status. What is the operator's business
    alone (any other exception, and a GojinnError that is a plain 500) does not say what happened: that is for
    the log, under the same id.
    """
    if isinstance(error, HttpError):
        return Response(error.status, request.answer)
    request.problem = new_id()
    status, fields = describe(error)
    fields["id"] = request.problem
    fields["trace_id"] = request.trace.trace_id
    headers = [field for field in request.answer if field[0] not in OF_THE_BODY]
    headers.append(CONTENT_TYPE)
    if status in EXTRA:
        headers.append(EXTRA[status])
    return Response(status, headers, encode(fields))


def refusal(error: Refused, date: bytes) -> bytes:
    """Makes the whole answer to what never became a request; it ends the connection."""
    status, fields = describe(error)
    body = encode({**fields, "id": new_id()})
    framing = b"content-length: %d\r\nconnection: close\r\n" % len(body)
    return head(status, [SERVER, CONTENT_TYPE], framing, date) + body


def describe(error: BaseException) -> tuple[int, dict[str, object]]:
    """Returns an error's status and members; its own ones never replace the standard ones."""
    if not isinstance(error, GojinnError):
        return 500, members(500, "internal", GENERIC)
    if error.status == 500:
        return 500, members(500, error.code, GENERIC)
    fields = {**error.members, **members(error.status, error.code, error.message)}
    if error.hint:
        fields["hint"] = error.hint
    return error.status, fields


def members(status: int, code: str, detail: str) -> dict[str, object]:
    """Makes the members that every problem document has."""
    return {
        "type": TYPE_BASE + code,
        "title": reason(status),
        "status": status,
        "detail": detail.encode("utf-8", "replace").decode(),
        "code": code,
    }


def encode(fields: Mapping[str, object]) -> bytes:
    """Writes a document, for people to read too."""
    return msgspec.json.format(msgspec.json.encode(fields), indent=2) + b"\n"


def new_id() -> str:
    """Makes the id by which a client's report is found in the log."""
    return f"{getrandbits(64):016x}"
