"""Hostile bodies: each is refused with its reason, and the next client notices nothing."""

from __future__ import annotations

import pytest

from gojinn.testing.libsql import Hrana, execute, integer, serve_database

pytestmark = pytest.mark.slow


def request(text: bytes) -> bytes:
    """A pipeline with one request."""
    return b'{"requests": [' + text + b"]}"


def statement(text: bytes) -> bytes:
    """A pipeline that runs a statement."""
    return request(b'{"type": "execute", "stmt": ' + text + b"}")


def argument(text: bytes) -> bytes:
    """A pipeline with one argument."""
    return statement(b'{"sql": "select ?", "args": [' + text + b"]}")


def condition(text: bytes) -> bytes:
    """A pipeline with a batch whose only step has a condition."""
    step = b'{"stmt": {"sql": "select 1"}, "condition": ' + text + b"}"
    return request(b'{"type": "batch", "batch": {"steps": [' + step + b"]}}")


def nested(depth: int) -> bytes:
    """A condition that is negated over and over."""
    return b'{"type": "not", "cond": ' * depth + b'{"type": "is_autocommit"}' + b"}" * depth


HOSTILE = {
    "nothing": b"",
    "no JSON": b"hello",
    "cut off": b'{"requests": [{"type": "execute", "stmt": {"sql": "sel',
    "no object": b"[]",
    "no requests": b"{}",
    "requests are no list": b'{"requests": {}}',
    "baton is a number": b'{"baton": 1, "requests": []}',
    "deep": b'{"requests": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "request is no object": request(b"1"),
    "request without type": request(b"{}"),
    "unknown request": request(b'{"type": "explode"}'),
    "type is a number": request(b'{"type": 1}'),
    "number beyond 32 bits": request(b'{"type": "store_sql", "sql_id": 2147483648, "sql": ""}'),
    "no statement": request(b'{"type": "execute"}'),
    "statement without text": statement(b"{}"),
    "text is a number": statement(b'{"sql": 1}'),
    "text and number": statement(b'{"sql": "select 1", "sql_id": 1}'),
    "unknown number": statement(b'{"sql_id": 1}'),
    "not UTF-8": statement(b'{"sql": "\xff"}'),
    "half of a pair": statement(b'{"sql": "\\ud800"}'),
    "unknown condition": condition(b'{"type": "maybe"}'),
    "condition on itself": condition(b'{"type": "ok", "step": 0}'),
    "negative step": condition(b'{"type": "ok", "step": -1}'),
    "deep conditions": condition(nested(500)),
    "very deep conditions": condition(nested(50_000)),
    "integer is a number": argument(b'{"type": "integer", "value": 1}'),
    "integer beyond 64 bits": argument(b'{"type": "integer", "value": "9223372036854775808"}'),
    "negative beyond 64 bits": argument(b'{"type": "integer", "value": "-9223372036854775809"}'),
    "endless integer": argument(b'{"type": "integer", "value": "' + b"9" * 10_000 + b'"}'),
    "empty integer": argument(b'{"type": "integer", "value": ""}'),
    "integer with a point": argument(b'{"type": "integer", "value": "1.5"}'),
    "digits of another script": argument('{"type": "integer", "value": "٣"}'.encode()),
    "integer with space": argument(b'{"type": "integer", "value": " 1"}'),
    "NaN": argument(b'{"type": "float", "value": NaN}'),
    "Infinity": argument(b'{"type": "float", "value": Infinity}'),
    "infinite number": argument(b'{"type": "float", "value": 1e999}'),
    "float is a text": argument(b'{"type": "float", "value": "1"}'),
    "text is null": argument(b'{"type": "text", "value": null}'),
    "no base64": argument(b'{"type": "blob", "base64": "!"}'),
    "base64 cut off": argument(b'{"type": "blob", "base64": "A"}'),
    "blob without base64": argument(b'{"type": "blob", "value": "AA"}'),
    "unknown type": argument(b'{"type": "date", "value": "2026-01-01"}'),
    "no value": argument(b"null"),
}


async def test_hostile_bodies_are_refused_and_nothing_is_left() -> None:
    async with serve_database() as app:
        client = Hrana(app)
        for name, body in HOSTILE.items():
            status, answer = await client.post("/v3/pipeline", body)
            assert (status, type(answer)) == (400, str), (name, status, answer)
        for body in (b"", b"{}", b'{"batch": {"steps": [{}]}}', b'{"batch": {"steps": []}, "baton": "x"}'):
            assert (await client.post("/v3/cursor", body))[0] == 400
        for path in ("/v1/execute", "/v1/batch", "/", "/queries"):
            assert (await client.post(path, b"{}"))[0] == 400
        assert (await client.result(execute("select 1")))["rows"] == [[integer(1)]]
