"""Protobuf as an encoding that clients may choose, over HTTP and over WebSocket."""

from __future__ import annotations

from collections.abc import Callable

from gojinn.libsql.faults import UNSUPPORTED, ProtocolViolated
from gojinn.libsql.messages import (
    BatchOn,
    ClientMessage,
    CloseCursor,
    CloseStream,
    DescribeOn,
    ExecuteOn,
    FetchCursor,
    GetAutocommitOn,
    Hello,
    HelloFailed,
    HelloOk,
    OpenCursor,
    OpenStream,
    Request,
    RequestMessage,
    ResponseOk,
    SequenceOn,
    ServerMessage,
)
from gojinn.libsql.protobuf import reading, writing
from gojinn.libsql.protobuf.reading import Content, Kinds, batch, close_sql, read, stmt, store_sql
from gojinn.libsql.protobuf.wire import (
    fields,
    message,
    put_bytes,
    put_number,
    put_varint,
    signed,
    text,
    unsigned,
)
from gojinn.libsql.structs import (
    BatchOf,
    CursorEntry,
    CursorRequest,
    CursorResponse,
    PipelineRequest,
    PipelineResponse,
    Stmt,
)


class Protobuf:
    """Over HTTP."""

    content_type = b"application/x-protobuf"
    cursor_type = b"application/octet-stream"

    def pipeline(self, body: bytes) -> PipelineRequest:
        return reading.pipeline(body)

    def cursor(self, body: bytes) -> CursorRequest:
        return reading.cursor(body)

    def results(self, response: PipelineResponse) -> bytes:
        return writing.pipeline(response)

    def entry(self, entry: CursorResponse | CursorEntry) -> bytes:
        data = writing.entry(entry)
        return put_number(len(data)) + data


STREAM: Kinds = {1: ("stream_id", signed)}
TEXT: Kinds = {**STREAM, 2: ("sql", text), 3: ("sql_id", signed)}
CURSOR: Kinds = {1: ("cursor_id", signed), 2: ("max_count", unsigned)}
OPEN: Kinds = {**STREAM, 2: ("cursor_id", signed), 3: ("batch", batch)}


def stream_of(content: Content) -> int:
    """Reads the number of the stream that a request is for."""
    number: int = read(message(content), STREAM).get("stream_id", 0)
    return number


def cursor_of(content: Content) -> int:
    """Reads the number of the cursor that a request is for."""
    number: int = read(message(content), CURSOR).get("cursor_id", 0)
    return number


def execute(content: Content) -> ExecuteOn:
    """Reads a request to run a statement."""
    found = read(message(content), {**STREAM, 2: ("stmt", stmt)})
    return ExecuteOn(found.get("stmt") or Stmt(), stream_id=found.get("stream_id", 0))


def run_batch(content: Content) -> BatchOn:
    """Reads a request to run a batch."""
    found = read(message(content), {**STREAM, 2: ("batch", batch)})
    return BatchOn(found.get("batch") or BatchOf([]), stream_id=found.get("stream_id", 0))


def open_cursor(content: Content) -> OpenCursor:
    """Reads a request to open a cursor."""
    found = read(message(content), OPEN)
    return OpenCursor(found.get("stream_id", 0), found.get("cursor_id", 0), found.get("batch") or BatchOf([]))


def fetch_cursor(content: Content) -> FetchCursor:
    """Reads a request for the next results of a cursor."""
    return FetchCursor(cursor_of(content), read(message(content), CURSOR).get("max_count", 0))


REQUESTS: dict[int, tuple[str, Callable[[Content], Request]]] = {
    2: ("open_stream", lambda content: OpenStream(stream_of(content))),
    3: ("close_stream", lambda content: CloseStream(stream_of(content))),
    4: ("execute", execute),
    5: ("batch", run_batch),
    6: ("open_cursor", open_cursor),
    7: ("close_cursor", lambda content: CloseCursor(cursor_of(content))),
    8: ("fetch_cursor", fetch_cursor),
    9: ("sequence", lambda content: SequenceOn(**{"stream_id": 0, **read(message(content), TEXT)})),
    10: ("describe", lambda content: DescribeOn(**{"stream_id": 0, **read(message(content), TEXT)})),
    11: ("store_sql", store_sql),
    12: ("close_sql", close_sql),
    13: ("get_autocommit", lambda content: GetAutocommitOn(stream_id=stream_of(content))),
}
"""Name and reader of a request; its answer has the same number."""
NUMBERS = {name: number for number, (name, _) in REQUESTS.items()}


class ProtobufMessages:
    """Over WebSocket."""

    text = False

    def read(self, message: str | bytes) -> ClientMessage:
        if isinstance(message, str):
            raise ProtocolViolated(
                "Received a text WebSocket message, which is not supported in this encoding", UNSUPPORTED
            )
        for number, content in fields(message):
            if number == 1:
                return hello(content)
            if number == 2:
                return request(content)
        raise ProtocolViolated("ClientMsg type not recognized")

    def write(self, message: ServerMessage) -> bytes:
        match message:
            case HelloOk():
                return put_bytes(1, b"")
            case HelloFailed():
                return put_bytes(2, put_bytes(1, writing.fault(message.error)))
            case ResponseOk():
                number = NUMBERS[message.response.type]
                answer = put_bytes(number, writing.content(message.response))
                return put_bytes(3, put_varint(1, message.request_id) + answer)
        error = put_bytes(2, writing.fault(message.error))
        return put_bytes(4, put_varint(1, message.request_id) + error)


def hello(content: Content) -> Hello:
    """Reads who the client is."""
    return Hello(**read(message(content), {1: ("jwt", text)}))


def request(content: Content) -> RequestMessage:
    """Reads a request with its number."""
    id, found = 0, None
    for number, inner in fields(message(content)):
        if number == 1:
            id = signed(inner)
        elif number in REQUESTS:
            found = REQUESTS[number][1](inner)
    if found is None:
        raise ProtocolViolated("Request type not recognized")
    return RequestMessage(id, found)
