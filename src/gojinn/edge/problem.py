"""Errors as RFC 9457 problem details. Which errors exist is the error tree's business; `site` logs them."""

from __future__ import annotations

from collections.abc import Mapping
from random import getrandbits
from types import MappingProxyType

import msgspec

from gojinn.edge.handler import HttpError
from gojinn.edge.message import Header, Request, Response
from gojinn.edge.wire import reason
from gojinn.errors import GojinnError

CONTENT_TYPE = (b"content-type", b"application/problem+json")
TYPE_BASE = "urn:gojinn:"
CHALLENGE = (b"www-authenticate", b'Bearer realm="gojinn"')
RETRY = (b"retry-after", b"1")
EXTRA: dict[int, Header] = {401: CHALLENGE, 503: RETRY}
"""Fields that a status asks for (RFC 9110, sections 11.6.1 and 10.2.3)."""
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
    if not isinstance(error, GojinnError):
        return document(request, 500, "internal", GENERIC)
    if error.status == 500:
        return document(request, 500, error.code, GENERIC)
    return document(request, error.status, error.code, error.message, error.hint, error.members)


def document(
    request: Request,
    status: int,
    code: str,
    detail: str,
    hint: str | None = None,
    members: Mapping[str, object] = MappingProxyType({}),
) -> Response:
    """Makes a problem document; `members` never replace the standard ones."""
    request.problem = f"{getrandbits(64):016x}"
    fields: dict[str, object] = {
        **members,
        "type": TYPE_BASE + code,
        "title": reason(status),
        "status": status,
        "detail": detail,
        "code": code,
        "id": request.problem,
        "trace_id": request.trace.trace_id,
    }
    if hint:
        fields["hint"] = hint
    headers = [field for field in request.answer if field[0] not in (b"content-type", b"content-encoding")]
    headers.append(CONTENT_TYPE)
    if status in EXTRA:
        headers.append(EXTRA[status])
    return Response(status, headers, msgspec.json.encode(fields))
