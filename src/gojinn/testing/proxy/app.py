"""A handler of `wasi:http` for tests: tells what it was asked, or does what the path says. At `/script` it
runs the Python that it is sent, which has its files and requests of its own, and answers with what that
leaves as `said`.
"""

import json
import time
from collections.abc import Callable
from typing import Any

from componentize_py_types import Err, Ok
from wit_world import exports
from wit_world.imports import outgoing_handler, poll, preopens
from wit_world.imports import wasi_filesystem_types as files
from wit_world.imports import wasi_http_types as types
from wit_world.imports.streams import OutputStream, StreamError_Closed
from wit_world.imports.wasi_http_types import (
    ErrorCode_ConnectionTimeout,
    Fields,
    IncomingBody,
    OutgoingBody,
    OutgoingResponse,
    ResponseOutparam,
)


class IncomingHandler(exports.IncomingHandler):
    """The component's export."""

    def handle(self, request: types.IncomingRequest, response_out: ResponseOutparam) -> None:
        """Answers."""
        path = request.path_with_query() or ""
        if path == "/none":
            return
        if path == "/error":
            ResponseOutparam.set(response_out, Err(ErrorCode_ConnectionTimeout()))
            return
        if path == "/many":
            fields = Fields()
            while True:
                fields.append("x-many", b"x" * 10_000)
        print("printed")
        if path == "/sleep":
            time.sleep(0.05)
        body = read(request)
        if path in ("/short", "/unfinished"):
            cut(response_out, path == "/short")
            return
        if path == "/script":
            script(response_out, body)
            return
        answer(response_out, body if path == "/echo" else json.dumps(told(request, path)).encode())


def told(request: types.IncomingRequest, path: str) -> dict[str, object]:
    """What can be said of a request."""
    facts: dict[str, object] = {"path": path, "authority": request.authority()}
    facts["method"] = type(request.method()).__name__
    facts["fields"] = [[name, value.decode()] for name, value in request.headers().entries()]
    if path == "/mistakes":
        facts["mistakes"] = mistakes(request)
    return facts


def mistakes(request: types.IncomingRequest) -> list[str]:
    """The errors that fields have."""
    found = []
    for fields, name, value in (
        (Fields(), "a b", b"x"),
        (Fields(), "a", b"x\r\ny"),
        (Fields(), "Connection", b"close"),
        (request.headers(), "a", b"x"),
    ):
        try:
            fields.append(name, value)
        except Err as error:
            found.append(type(error.value).__name__)
    return found


def read(request: types.IncomingRequest) -> bytes:
    """Reads the body."""
    body = request.consume()
    pieces = []
    with body.stream() as stream:
        while True:
            try:
                pieces.append(stream.blocking_read(65536))
            except Err as error:
                if not isinstance(error.value, StreamError_Closed):
                    raise
                break
    trailers = IncomingBody.finish(body)
    with trailers.subscribe() as ready:
        ready.block()
    if not isinstance(trailers.get(), Ok):
        raise ValueError("trailers that nobody sent")
    return b"".join(pieces)


def answer(response_out: ResponseOutparam, data: bytes) -> None:
    """Answers with these bytes."""
    fields = Fields.from_list([("Content-Type", b"application/octet-stream"), ("Set-Cookie", b"a=1")])
    fields.append("set-cookie", b"b=2")
    response = OutgoingResponse(fields)
    response.set_status_code(201)
    body = response.body()
    ResponseOutparam.set(response_out, Ok(response))
    with body.write() as stream:
        for at in range(0, len(data), 4096):
            stream.blocking_write_and_flush(data[at : at + 4096])
    OutgoingBody.finish(body, None)


def cut(response_out: ResponseOutparam, finished: bool) -> None:
    """Writes four bytes of an answer of ten."""
    response = OutgoingResponse(Fields.from_list([("content-length", b"10")]))
    body = response.body()
    ResponseOutparam.set(response_out, Ok(response))
    with body.write() as stream:
        stream.blocking_write_and_flush(b"part")
    if finished:
        OutgoingBody.finish(body, None)


def script(response_out: ResponseOutparam, source: bytes) -> None:
    """Answers with what a script writes to `out`, and then with what it leaves as `said`."""
    response = OutgoingResponse(Fields())
    body = response.body()
    ResponseOutparam.set(response_out, Ok(response))
    with body.write() as out:
        said = left_by(source, out)
        for at in range(0, len(said), 4096):
            out.blocking_write_and_flush(said[at : at + 4096])
    OutgoingBody.finish(body, None)


def left_by(source: bytes, out: OutputStream) -> bytes:
    """Runs a script."""
    folders = {name: descriptor for descriptor, name in preopens.get_directories()}
    given: dict[str, Any] = {"files": files, "folders": folders, "out": out, "tried": tried}
    given |= {"http": types, "handle": outgoing_handler.handle, "poll": poll.poll, "Err": Err, "Ok": Ok}
    exec(source, given)
    return json.dumps(given["said"]).encode() if "said" in given else b""


def tried(call: Callable[..., Any], *args: Any) -> Any:
    """What a call returns, or the name of its error."""
    try:
        return call(*args)
    except Err as error:
        return getattr(error.value, "name", type(error.value).__name__)
