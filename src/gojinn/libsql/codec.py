"""Bodies and messages as bytes: the encodings that clients may choose. What is in them, `structs` says."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

import msgspec

from gojinn.libsql.faults import INVALID, ProtocolViolated
from gojinn.libsql.structs import (
    BatchRequest,
    CursorEntry,
    CursorRequest,
    CursorResponse,
    ExecuteRequest,
    PipelineRequest,
    PipelineResponse,
)

T = TypeVar("T")


class Codec(Protocol):
    """One encoding of what goes over HTTP."""

    content_type: bytes
    cursor_type: bytes

    def pipeline(self, body: bytes) -> PipelineRequest:
        """Reads a pipeline. Raises ProtocolViolated."""

    def cursor(self, body: bytes) -> CursorRequest:
        """Reads a request for a cursor. Raises ProtocolViolated."""

    def results(self, response: PipelineResponse) -> bytes:
        """Writes what came of a pipeline."""

    def entry(self, entry: CursorResponse | CursorEntry) -> bytes:
        """Writes one piece of a cursor's results, such that its end can be found."""


class Json:
    """The canonical encoding."""

    content_type = b"application/json"
    cursor_type = b"text/plain"

    def __init__(self) -> None:
        self._pipeline = msgspec.json.Decoder(PipelineRequest)
        self._cursor = msgspec.json.Decoder(CursorRequest)
        self._execute = msgspec.json.Decoder(ExecuteRequest)
        self._batch = msgspec.json.Decoder(BatchRequest)
        self._encode = msgspec.json.Encoder().encode

    def pipeline(self, body: bytes) -> PipelineRequest:
        return read(self._pipeline, body)

    def cursor(self, body: bytes) -> CursorRequest:
        return read(self._cursor, body)

    def execute(self, body: bytes) -> ExecuteRequest:
        """Reads a request of Hrana 1. Raises ProtocolViolated."""
        return read(self._execute, body)

    def batch(self, body: bytes) -> BatchRequest:
        """Reads a request of Hrana 1. Raises ProtocolViolated."""
        return read(self._batch, body)

    def results(self, response: PipelineResponse) -> bytes:
        return self._encode(response)

    def entry(self, entry: CursorResponse | CursorEntry) -> bytes:
        return self._encode(entry) + b"\n"

    def anything(self, value: Any) -> bytes:
        """Writes any of the structures."""
        return self._encode(value)


def read(decoder: msgspec.json.Decoder[T], data: bytes | str) -> T:
    """Reads JSON. Raises ProtocolViolated for what is none, or not what is expected."""
    try:
        return decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise unreadable(str(error)) from error
    except RecursionError as error:
        raise unreadable("it is too deep") from error


def unreadable(reason: str) -> ProtocolViolated:
    """Makes the error for what is no message."""
    return ProtocolViolated(f"Cannot deserialize client message from JSON: {reason}", INVALID)


JSON = Json()
