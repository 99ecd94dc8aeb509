"""Write functions for Gojinn in Python.

    from gojinn_sdk import Request, Response, kv

    def handle(request: Request) -> Response:
        return Response.json({"hello": request.query.get("name", "world")})

What the host keeps for functions is in modules of their own: `kv`, `lock`, `sql`, `blob`, `queue`, `log`,
`http`, `ai`; `host` has any operation.
"""

from __future__ import annotations

from gojinn_sdk import ai, blob, host, http, kv, lock, log, queue, sql
from gojinn_sdk.errors import (
    BadRequest,
    Conflict,
    Denied,
    Error,
    Exists,
    LimitReached,
    NotFound,
    Timeout,
    TooLarge,
    Unavailable,
    UnknownOperation,
)
from gojinn_sdk.request import Headers, Query, Request
from gojinn_sdk.response import Response

__all__ = [
    "BadRequest",
    "Conflict",
    "Denied",
    "Error",
    "Exists",
    "Headers",
    "LimitReached",
    "NotFound",
    "Query",
    "Request",
    "Response",
    "Timeout",
    "TooLarge",
    "Unavailable",
    "UnknownOperation",
    "ai",
    "blob",
    "host",
    "http",
    "kv",
    "lock",
    "log",
    "queue",
    "sql",
]
