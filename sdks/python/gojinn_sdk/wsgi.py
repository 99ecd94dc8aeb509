"""WSGI applications (PEP 3333), such as Flask's, as functions. ASGI's are `asgi`'s.

app = flask.Flask(__name__)
handle = wsgi.handler(app)
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote_to_bytes

from gojinn_sdk.request import Request
from gojinn_sdk.response import Response

Environ = dict[str, Any]
StartResponse = Callable[..., Callable[[bytes], Any]]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


def handler(application: Application) -> Callable[[Request], Response]:
    """Makes an application the function's handler."""
    return lambda request: answer(application, request)


def answer(application: Application, request: Request) -> Response:
    """Has an application answer a request. What it raises is raised."""
    head: list[Any] = []
    written: list[bytes] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        if head and exc_info is None:
            raise RuntimeError("the application has called start_response already")
        head[:] = [status, headers]
        return written.append

    given = application(environ(request), start_response)
    try:
        written.extend(given)
    finally:
        close = getattr(given, "close", None)
        if close is not None:
            close()
    if not head:
        raise RuntimeError("the application has not called start_response")
    fields: dict[str, list[str]] = {}
    for name, value in head[1]:
        fields.setdefault(name, []).append(value)
    return Response(b"".join(written), int(head[0].split(None, 1)[0]), fields)


def environ(request: Request) -> Environ:
    """What an application is given of a request: path and fields as bytes in Latin-1, as the PEP says."""
    path, _, query = request.uri.partition("?")
    host, _, port = request.headers.get("host", "localhost").rpartition(":")
    scheme = request.headers.get("x-forwarded-proto", "http")
    if not host or not port.isdecimal():
        host, port = request.headers.get("host", "localhost"), "443" if scheme == "https" else "80"
    given: Environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "REQUEST_URI": request.uri,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": request.client_ip,
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scheme,
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": True,
        "gojinn.request": request,
    }
    for name in request.headers:
        value = ",".join(request.headers.all(name)).encode().decode("latin-1")
        if name == "content-type":
            given["CONTENT_TYPE"] = value
        elif name != "content-length":
            given[f"HTTP_{name.upper().replace('-', '_')}"] = value
    return given
