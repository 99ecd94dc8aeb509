"""ASGI applications (https://asgi.readthedocs.io), such as Starlette's, as functions. WSGI's are `wsgi`'s.

app = Starlette(routes=[Route("/", home)])
handle = asgi.handler(app)
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import unquote

from gojinn_sdk.request import Request
from gojinn_sdk.response import Response

Message = dict[str, Any]
Application = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]


def handler(application: Application) -> Callable[[Request], Awaitable[Response]]:
    """Makes an application the function's handler. It is not told of a lifespan: it has none."""

    async def handle(request: Request) -> Response:
        return await answer(application, request)

    return handle


async def answer(application: Application, request: Request) -> Response:
    """Has an application answer a request. What it raises is raised."""
    coming: list[Message] = [{"type": "http.request", "body": request.body, "more_body": False}]
    head: list[Message] = []
    body: list[bytes] = []

    async def receive() -> Message:
        return coming.pop(0) if coming else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            head.append(message)
        elif message["type"] == "http.response.body":
            body.append(bytes(message.get("body", b"")))

    await application(scope(request), receive, send)
    if not head:
        raise RuntimeError("the application has sent no 'http.response.start'")
    fields: dict[str, list[str]] = {}
    for name, value in head[0].get("headers", ()):
        fields.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
    return Response(b"".join(body), head[0]["status"], fields)


def scope(request: Request) -> Message:
    """What an application is told of a request."""
    path, _, query = request.uri.partition("?")
    fields = [(name, value) for name in request.headers for value in request.headers.all(name)]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.headers.get("x-forwarded-proto", "http"),
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode("latin-1"), value.encode()) for name, value in fields],
        "client": (request.client_ip, 0) if request.client_ip else None,
        "server": (request.headers.get("host", "localhost"), None),
        "extensions": {},
    }
