"""Tests of answers in the form of CGI."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from gojinn.functions.cgi import decode_cgi
from gojinn.functions.config import FunctionConfig
from gojinn.functions.invocation import Invocation
from gojinn.functions.reply import Invalid
from gojinn.testing.guests import printing
from gojinn.testing.platform import Platform


def test_lines_and_a_body_are_an_answer() -> None:
    reply = decode_cgi(b"Content-Type: text/plain\nSet-Cookie: a=1\r\nSet-Cookie: b=2\n\nhello\n\nagain")
    assert (reply.status, reply.body) == (200, b"hello\n\nagain")
    assert reply.headers == (
        (b"content-type", b"text/plain"),
        (b"set-cookie", b"a=1"),
        (b"set-cookie", b"b=2"),
    )


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"Status: 404 Not Found", 404),
        (b"status:201", 201),
        (b"Location: /there", 302),
        (b"Location: /there\r\nStatus: 303 See Other", 303),
        (b"location: http://example.org/\ncontent-type: text/plain", 302),
        (b"Status: 201\nLocation: /made", 201),
    ],
)
def test_the_status_is_said_or_follows(head: bytes, status: int) -> None:
    assert decode_cgi(head + b"\r\n\r\n").status == status


def test_bodies_may_be_any_bytes_and_framing_is_ours() -> None:
    reply = decode_cgi(b"Content-Length: 99\nConnection: close\nA: b\n\n\xff\x00")
    assert (reply.headers, reply.body) == (((b"a", b"b"),), b"\xff\x00")


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (b"", "nothing was written"),
        (b"Content-Type: text/plain", "no empty line"),
        (b"\n\nhello", "no header line"),
        (b"hello\n\n", "no ':'"),
        (b"a b: c\n\n", "not a token"),
        (b"a: \x00\n\n", "control character"),
        (b"\xff: a\n\n", "not a token"),
        (b"a: b\n c\n\n", "no ':'"),
        (b"a: b\rc: d\n\n", "control character"),
        (b"HTTP/1.1 200 OK\r\na: b\r\n\r\n", "NPH"),
        (b"HTTP/1.1: 200\n\n", "NPH"),
        (b"Status: 100\n\n", "Status"),
        (b"Status: 200\nStatus: 200\n\n", "Status"),
        (b"a: " + b"b" * 70_000 + b"\n\n", "do not end within"),
    ],
)
def test_anything_else_is_none(written: bytes, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        decode_cgi(written)


def test_lines_end_at_line_feeds_alone() -> None:
    said = "é\u2028Set-Cookie: a=b\x85c: d".encode()
    assert decode_cgi(b"A: " + said + b"\n\n").headers == ((b"a", said),)


def test_values_may_be_in_any_encoding() -> None:
    assert decode_cgi(b"A: caf\xe9\n\n").headers == ((b"a", b"caf\xe9"),)


async def test_a_function_may_answer_like_a_script(platform: Platform, tmp_path: Path) -> None:
    path = tmp_path / "script.wasm"
    path.write_bytes(printing(b"Content-Type: text/plain\n\nhello"))
    config = dataclasses.replace(FunctionConfig(str(path)), response="cgi")
    function = await platform.function(config)
    result = await platform.runner.run(Invocation(function, b"{}"))
    assert result.reply is not None
    assert result.reply.body == b"hello"
