"""Tests of the request envelope: what a function reads on stdin."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gojinn.functions.envelope import canonical, encode, header_table


def envelope(
    body: bytes = b"", uri: str = "/", headers: list[tuple[bytes, bytes]] | None = None, attempt: int = 1
) -> dict[str, Any]:
    stdin = encode(
        "POST",
        uri,
        header_table(headers or []),
        body,
        trace="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        tenant="acme",
        client_ip="192.0.2.7",
        trigger="http",
        attempt=attempt,
    )
    decoded: dict[str, Any] = json.loads(stdin)
    return decoded


def test_every_member_of_the_contract_is_there() -> None:
    assert envelope(b"hi", "/a?b=c", [(b"accept", b"*/*")]) == {
        "method": "POST",
        "uri": "/a?b=c",
        "headers": {"Accept": ["*/*"]},
        "body": "hi",
        "trace_id": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "tenant": "acme",
        "client_ip": "192.0.2.7",
        "trigger": "http",
        "attempt": 1,
    }


def test_every_value_of_a_repeated_header_is_kept_in_order() -> None:
    table = header_table([(b"x-tag", b"b"), (b"accept", b"*/*"), (b"x-tag", b"a")])
    assert table == {"X-Tag": ["b", "a"], "Accept": ["*/*"]}


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"content-type", "Content-Type"),
        (b"x-request-id", "X-Request-Id"),
        (b"etag", "Etag"),
        (b"x--y", "X--Y"),
        (b"-", "-"),
        (b"dnt", "Dnt"),
        (b"sec-ch-ua-platform", "Sec-Ch-Ua-Platform"),
        (b"x_y", "X_y"),
    ],
)
def test_header_names_are_written_as_go_does(raw: bytes, name: str) -> None:
    assert canonical(raw) == name


def test_a_header_value_in_latin_1_is_readable() -> None:
    assert header_table([(b"x-name", b"Jos\xe9")]) == {"X-Name": ["José"]}


def test_a_header_value_in_utf_8_is_kept() -> None:
    assert header_table([(b"x-name", "José".encode())]) == {"X-Name": ["José"]}


def test_text_travels_as_it_is() -> None:
    sent = envelope('line\n"quoted" \0 ß é'.encode())
    assert sent["body"] == 'line\n"quoted" \0 ß é'
    assert "body_encoding" not in sent


def test_other_bytes_travel_as_base64() -> None:
    sent = envelope(b"\xff\xfe\0")
    assert sent["body_encoding"] == "base64"
    assert base64.b64decode(sent["body"]) == b"\xff\xfe\0"


def test_a_target_with_stray_bytes_stays_json() -> None:
    assert envelope(uri="/a\udcff")["uri"] == "/a�"


def test_the_attempt_is_passed_on() -> None:
    assert envelope(attempt=3)["attempt"] == 3


@given(
    st.binary(max_size=200), st.lists(st.tuples(st.binary(max_size=20), st.binary(max_size=20)), max_size=5)
)
def test_any_request_gives_one_json_object_that_gives_it_back(
    body: bytes, headers: list[tuple[bytes, bytes]]
) -> None:
    sent = envelope(body, headers=headers)
    text = sent["body"]
    assert (base64.b64decode(text) if "body_encoding" in sent else text.encode()) == body
    assert sum(len(values) for values in sent["headers"].values()) == len(headers)
