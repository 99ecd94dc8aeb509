"""The request as a function reads it on stdin, one JSON object. What it answers is `reply`'s."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from functools import lru_cache

import msgspec

from gojinn.engine.components.exchange import packed


class Envelope(msgspec.Struct, omit_defaults=True):
    """The members of the request object, in the order they are written."""

    method: str
    """HTTP method, or the trigger's word such as `CRON`."""
    uri: str
    """Path with query, as received."""
    headers: dict[str, list[str]]
    """Every value under its `Title-Case` name."""
    body: str
    trace_id: str
    """W3C traceparent of the invocation."""
    tenant: str
    client_ip: str
    trigger: str
    """What started the invocation, such as `http`."""
    attempt: int
    """Which delivery of the same event this is, from 1."""
    body_encoding: str = ""
    """`base64`, or left out where `body` is the text itself."""


write = msgspec.json.Encoder().encode


def encode(
    method: str,
    uri: str,
    headers: dict[str, list[str]],
    body: bytes,
    *,
    trace: str,
    tenant: str,
    client_ip: str,
    trigger: str,
    attempt: int = 1,
    bare: bool = False,
) -> bytes:
    """Makes the bytes for stdin. A body that is not UTF-8 travels as base64.

    A handler of `wasi:http` is told nothing but the `bare` request, which it gets as it is.
    """
    if not uri.isascii():
        uri = uri.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if bare:
        return packed(method, uri, headers, body)
    encoding = ""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text, encoding = b64encode(body).decode(), "base64"
    return write(Envelope(method, uri, headers, text, trace, tenant, client_ip, trigger, attempt, encoding))


def header_table(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, list[str]]:
    """Gathers header fields by canonical name, every value kept in its order."""
    table: dict[str, list[str]] = {}
    for name, value in raw:
        key = canonical(name)
        text = value.decode() if value.isascii() else decoded(value)
        if key in table:
            table[key].append(text)
        else:
            table[key] = [text]
    return table


@lru_cache(maxsize=1024)
def canonical(name: bytes) -> str:
    """Writes a field name as Go does: `x-request-id` becomes `X-Request-Id`."""
    return "-".join(part[:1].upper() + part[1:].lower() for part in name.decode("latin-1").split("-"))


def decoded(value: bytes) -> str:
    """Reads a field value as UTF-8, or as Latin-1 (which is what RFC 9110 allowed once) when it is not."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
