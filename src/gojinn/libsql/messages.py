"""What client and server say over WebSocket. What is asked of a stream is as over HTTP (`structs`)."""

from __future__ import annotations

from typing import Protocol

import msgspec
from msgspec import Struct

from gojinn.libsql.codec import read
from gojinn.libsql.faults import UNSUPPORTED, Fault, ProtocolViolated
from gojinn.libsql.structs import (
    Answer,
    Batch,
    BatchOf,
    CloseSql,
    Describe,
    Execute,
    GetAutocommit,
    Int32,
    Sequence,
    StoreSql,
    Uint32,
)


class OpenStream(Struct, tag="open_stream"):
    """Opens a stream under a number of the client's choice."""

    stream_id: Int32


class CloseStream(Struct, tag="close_stream"):
    """Ends it."""

    stream_id: Int32


class ExecuteOn(Execute, tag="execute", kw_only=True):
    stream_id: Int32


class BatchOn(Batch, tag="batch", kw_only=True):
    stream_id: Int32


class SequenceOn(Sequence, tag="sequence", kw_only=True):
    stream_id: Int32


class DescribeOn(Describe, tag="describe", kw_only=True):
    stream_id: Int32


class GetAutocommitOn(GetAutocommit, tag="get_autocommit", kw_only=True):
    stream_id: Int32


class OpenCursor(Struct, tag="open_cursor"):
    """Begins a batch whose results are fetched bit by bit. Since Hrana 3."""

    stream_id: Int32
    cursor_id: Int32
    batch: BatchOf


class CloseCursor(Struct, tag="close_cursor"):
    """Ends it."""

    cursor_id: Int32


class FetchCursor(Struct, tag="fetch_cursor"):
    """Asks for the next results."""

    cursor_id: Int32
    max_count: Uint32


OnStream = ExecuteOn | BatchOn | SequenceOn | DescribeOn | GetAutocommitOn
"""Requests that a stream has to do something for."""

Request = (
    OpenStream
    | CloseStream
    | ExecuteOn
    | BatchOn
    | SequenceOn
    | DescribeOn
    | GetAutocommitOn
    | OpenCursor
    | CloseCursor
    | FetchCursor
    | StoreSql
    | CloseSql
)


class Hello(Struct, tag="hello"):
    """Says who the client is."""

    jwt: str | None = None


class RequestMessage(Struct, tag="request"):
    """Asks for something; the answer has the same number."""

    request_id: Int32
    request: Request


ClientMessage = Hello | RequestMessage


class HelloOk(Struct, tag="hello_ok"):
    """The client is let in."""


class HelloFailed(Struct, tag="hello_error"):
    """The client is not let in."""

    error: Fault


class ResponseOk(Struct, tag="response_ok"):
    """What was asked for has been done."""

    request_id: int
    response: Answer


class ResponseFailed(Struct, tag="response_error"):
    """What was asked for has failed."""

    request_id: int
    error: Fault


ServerMessage = HelloOk | HelloFailed | ResponseOk | ResponseFailed


class MessageCodec(Protocol):
    """One encoding of messages."""

    text: bool
    """Whether they are text."""

    def read(self, message: str | bytes) -> ClientMessage:
        """Reads a message. Raises ProtocolViolated."""

    def write(self, message: ServerMessage) -> bytes:
        """Writes a message."""


class JsonMessages:
    """The canonical encoding."""

    text = True

    def __init__(self) -> None:
        self._decoder = msgspec.json.Decoder(ClientMessage)
        self._encode = msgspec.json.Encoder().encode

    def read(self, message: str | bytes) -> ClientMessage:
        if isinstance(message, bytes):
            raise ProtocolViolated(
                "Received a binary WebSocket message, which is not supported in this encoding", UNSUPPORTED
            )
        request: ClientMessage = read(self._decoder, message)
        return request

    def write(self, message: ServerMessage) -> bytes:
        return self._encode(message)


JSON_MESSAGES = JsonMessages()
