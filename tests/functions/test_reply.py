"""Tests of the response envelope: what a function may write to stdout, and what it may not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gojinn.engine.components.exchange import fields_of
from gojinn.functions.reply import LARGEST_HEADERS, SEARCHED, Invalid, Reply, decode, decode_any, decode_http

DEEP = b"[" * 100_000 + b"]" * 100_000

WRONG = {
    "nothing": (b"", "nothing was written to stdout"),
    "only spaces": (b" \n", "nothing was written to stdout"),
    "text": (b"Hello, world", "JSON is malformed"),
    "an array": (b'[{"status":200}]', "got `array`"),
    "null": (b"null", "got `null`"),
    "two objects": (b'{"status":200}\n{"status":200}', "trailing characters"),
    "text behind": (b'{"status":200} done', "trailing characters"),
    "text before": (b'debug {"status":200}', "malformed"),
    "cut off": (b'{"status":200,"body":"a', "truncated"),
    "a byte order mark": (b'\xef\xbb\xbf{"status":200}', "malformed"),
    "no status": (b'{"body":"a"}', "missing required field `status`"),
    "a status in a string": (b'{"status":"200"}', "expected `int`, got `str`"),
    "a status that is true": (b'{"status":true}', "expected `int`, got `bool`"),
    "a fraction": (b'{"status":200.5}', "got `float`"),
    "NaN": (b'{"status":NaN}', "malformed"),
    "status 0": (b'{"status":0}', "200 to 599"),
    "status 99": (b'{"status":99}', "200 to 599"),
    "status 101": (b'{"status":101}', "200 to 599"),
    "status 600": (b'{"status":600}', "200 to 599"),
    "status -200": (b'{"status":-200}', "200 to 599"),
    "a huge status": (b'{"status":' + b"9" * 50_000 + b"}", "ut of range"),
    "headers in an array": (b'{"status":200,"headers":[["a","b"]]}', "'headers' is not an object"),
    "headers in a string": (b'{"status":200,"headers":"a: b"}', "'headers' is not an object"),
    "a number as a header": (b'{"status":200,"headers":{"a":1}}', "'headers' is not an object"),
    "a number in a header": (b'{"status":200,"headers":{"a":["b",1]}}', "'headers' is not an object"),
    "nested headers": (b'{"status":200,"headers":{"a":{"b":"c"}}}', "'headers' is not an object"),
    "a body of another type": (b'{"status":200,"body":{"a":1}}', "got `object`"),
    "a body that is a number": (b'{"status":200,"body":5}', "got `int`"),
    "invalid UTF-8 in the body": (b'{"status":200,"body":"\xff"}', "not valid UTF-8"),
    "invalid UTF-8 in a header": (b'{"status":200,"headers":{"a":"\xff"}}', "'headers' is not an object"),
    "half of a surrogate pair": (b'{"status":200,"body":"\\ud800"}', "truncated"),
    "deep nesting": (b'{"status":200,"x":' + DEEP + b"}", "nested too deep"),
    "deep nesting in headers": (b'{"status":200,"headers":' + DEEP + b"}", "nested too deep"),
    "deep nesting alone": (DEEP, "got `array`"),
    "an unknown encoding": (b'{"status":200,"body_encoding":"gzip"}', "'body_encoding' is unknown"),
    "bad base64": (b'{"status":200,"body":"a*b=","body_encoding":"base64"}', "not base64"),
    "unpadded base64": (b'{"status":200,"body":"YQ","body_encoding":"base64"}', "not base64"),
    "base64 of é": ('{"status":200,"body":"é","body_encoding":"base64"}'.encode(), "not base64"),
    "two statuses": (b'{"status":200,"status":404}', "'status' is given twice"),
    "two bodies": (b'{"status":200,"body":"a","body":"b"}', "'body' is given twice"),
    "two sets of headers": (b'{"headers":{},"status":200,"headers":{}}', "'headers' is given twice"),
    "one header twice": (b'{"status":200,"headers":{"a":"b","a":"c"}}', "a header is given twice"),
    "one header twice, escaped": (b'{"status":200,"headers":{"a":"\\"b\\\\","a":"c"}}', "given twice"),
    "a line break in a value": (b'{"status":200,"headers":{"a":"b\\r\\nSet-Cookie: c"}}', "line break"),
    "a line feed in a value": (b'{"status":200,"headers":{"a":["b\\nc"]}}', "line break"),
    "NUL in a value": (b'{"status":200,"headers":{"a":"b\\u0000"}}', "control character"),
    "a line break in a name": (b'{"status":200,"headers":{"a\\r\\nb":"c"}}', "not a token"),
    "a colon in a name": (b'{"status":200,"headers":{"a:":"c"}}', "not a token"),
    "a name of spaces": (b'{"status":200,"headers":{" ":"c"}}', "not a token"),
    "an empty name": (b'{"status":200,"headers":{"":"c"}}', "not a token"),
    "a name in another alphabet": ('{"status":200,"headers":{"é":"c"}}'.encode(), "not a token"),
    "huge headers": (b'{"status":200,"headers":{"a":"' + b"b" * 70_000 + b'"}}', "larger than 65536"),
}


@pytest.mark.parametrize("name", WRONG)
def test_refuses(name: str) -> None:
    stdout, reason = WRONG[name]
    with pytest.raises(Invalid, match=re.escape(reason)):
        decode(stdout)


@pytest.mark.parametrize(
    "stdout",
    [
        b"s3cr3t",
        b'{"status":"s3cr3t"}',
        b'{"status":200,"s3cr3t":s3cr3t}',
        b'{"status":200,"headers":{"s3cr3t":1}}',
        b'{"status":200,"headers":{"s3cr3t s3cr3t":""}}',
        b'{"status":200,"headers":{"a":"s3cr3t\\n"}}',
        b'{"status":200,"headers":{"s3cr3t":"","s3cr3t":""}}',
        b'{"status":200,"body":{"s3cr3t":1}}',
        b'{"status":200,"body":"s3cr3t!","body_encoding":"base64"}',
        b'{"status":200,"body_encoding":"s3cr3t"}',
    ],
)
def test_reasons_show_nothing_that_the_guest_wrote(stdout: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        decode(stdout)
    assert "s3cr3t" not in str(caught.value)


def test_an_answer_is_read() -> None:
    stdout = b'{"status":201,"headers":{"Content-Type":["text/plain"],"X-A":"1"},"body":"caf\xc3\xa9"}'
    reply = decode(stdout)
    assert reply.status == 201
    assert reply.headers == ((b"content-type", b"text/plain"), (b"x-a", b"1"))
    assert reply.body == "café".encode()


def test_only_the_status_is_needed() -> None:
    reply = decode(b'{"status":204}')
    assert (reply.status, reply.headers, reply.body) == (204, (), b"")


def test_what_a_go_program_leaves_empty_counts_as_left_out() -> None:
    reply = decode(b'{"status":200,"headers":null,"body":"","body_encoding":""}\n')
    assert (reply.headers, reply.body) == ((), b"")


def test_a_header_without_values_is_no_header() -> None:
    assert decode(b'{"status":200,"headers":{"A":[],"B":null,"C":["1"]}}').headers == ((b"c", b"1"),)


def test_every_value_of_a_header_is_sent() -> None:
    reply = decode(b'{"status":200,"headers":{"Set-Cookie":["a=1","b=2"]}}')
    assert reply.headers == ((b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"))


def test_base64_is_decoded() -> None:
    assert decode(b'{"status":200,"body":"/w==","body_encoding":"base64"}').body == b"\xff"


def test_unknown_members_are_ignored() -> None:
    assert decode(b'{"status":200,"meta":{"status":"ok","body":["status"]},"body":"a"}').body == b"a"


def test_a_body_or_header_that_equals_a_member_s_name_is_no_repetition() -> None:
    reply = decode(b'{"status":200,"headers":{"status":"headers","body":["status"]},"body":"status"}')
    assert reply.body == b"status"


def test_a_body_full_of_json_is_no_repetition() -> None:
    body = json.dumps({"status": 1, "headers": {}, "body": {"status": 2}})
    assert decode(json.dumps({"status": 200, "body": body}).encode()).body == body.encode()


@pytest.mark.parametrize(
    "name",
    ["Connection", "Content-Length", "Transfer-Encoding", "Upgrade", "Keep-Alive", "TE", "X-Gojinn-Logs"],
)
def test_headers_that_frame_the_message_are_dropped(name: str) -> None:
    stdout = json.dumps({"status": 200, "headers": {name: "1", "X-Kept": "2"}}).encode()
    assert decode(stdout).headers == ((b"x-kept", b"2"),)


def test_values_lose_spaces_at_their_ends_only() -> None:
    assert decode(b'{"status":200,"headers":{"A":" b\\tc "}}').headers == ((b"a", b"b\tc"),)


def test_remembered_headers_are_the_same_for_every_answer() -> None:
    stdout = b'{"status":200,"headers":{"A":"1"}}'
    assert decode(stdout).headers == decode(stdout).headers == ((b"a", b"1"),)


def test_a_long_answer_is_read_whole() -> None:
    body = 'x"y' * SEARCHED
    assert decode(json.dumps({"status": 200, "body": body}).encode()).body == body.encode()


@given(st.binary(max_size=300))
def test_any_bytes_are_an_answer_or_invalid(stdout: bytes) -> None:
    with suppress(Invalid):
        decode(stdout)


text = st.text(st.characters(exclude_categories=("Cs",)))
value = st.text(st.characters(exclude_categories=("Cs", "Cc")))
answers = st.fixed_dictionaries(
    {"status": st.integers(200, 599)},
    optional={
        "headers": st.dictionaries(st.from_regex(r"[A-Za-z-]{1,10}", fullmatch=True), value),
        "body": text,
    },
)


@given(answers)
def test_any_right_answer_is_read(answer: dict[str, object]) -> None:
    reply = decode(json.dumps(answer).encode())
    assert reply.status == answer["status"]
    assert reply.body == str(answer.get("body", "")).encode()


members = st.lists(
    st.sampled_from(
        [
            *(
                '"status":200',
                '"status":201',
                '"status":99',
                '"headers":{"A":"1"}',
                '"headers":{"A":"1","A":"2"}',
            ),
            *('"body":"x"', '"body":"\\ud800"', '"body":"a,\\"body\\":b"', '"body":null', '"body":1'),
            *(
                '"body_encoding":"base64"',
                '"bod\\u0079":"z"',
                '"more":{"a":1,"body":"y"}',
                '"more":",\\"body\\":"',
            ),
            *(
                '"headers":{"A":"1","body":"y"}',
                '"headers":{"body":"y","A":"1"}',
                "",
                '"body":"x"}',
                "}",
                " \n",
            ),
        ]
    ),
    max_size=5,
)


@given(members, st.sampled_from(["", "\n", " \r\n\t", "\v", "x", "}"]))
def test_how_an_answer_is_written_does_not_decide_what_is_read(given: list[str], tail: str) -> None:
    stdout = ("{" + ",".join(given) + "}" + tail).encode()
    assert read_with(decode, stdout) == read_with(decode_any, stdout)


def read_with(read: Callable[[bytes], Reply], stdout: bytes) -> object:
    """What one way of reading finds."""
    try:
        return msgspec.structs.astuple(read(stdout))
    except Invalid as why:
        return str(why)


def test_an_answer_through_http_keeps_its_bytes() -> None:
    entries = [("set-cookie", b"a=1"), ("set-cookie", b"b=\xe4 "), ("content-length", b"1"), ("x-note", b"")]
    reply = decode_http(201, fields_of(entries), b"\xff")
    assert (reply.status, reply.body) == (201, b"\xff")
    assert reply.headers == ((b"set-cookie", b"a=1"), (b"set-cookie", b"b=\xe4"), (b"x-note", b""))
    assert reply.names == {b"set-cookie", b"x-note"}


@pytest.mark.parametrize("announced", [[b"7"], [b"0"], [b"-1"], [b"2", b"2"], [b"x"]])
def test_an_answer_through_http_may_not_announce_another_length(announced: list[bytes]) -> None:
    fields = fields_of([("content-length", value) for value in announced])
    with pytest.raises(Invalid, match="its body has 2 bytes, which is not what"):
        decode_http(200, fields, b"ab")


def test_an_answer_to_head_may_announce_the_length_of_what_it_has_not() -> None:
    assert decode_http(200, fields_of([("content-length", b"7")]), b"").headers == (
        (b"content-length", b"7"),
    )
    assert decode_http(200, fields_of([("content-length", b"x")]), b"").headers == ()


def test_an_answer_through_http_may_not_have_fields_without_end() -> None:
    with pytest.raises(Invalid, match="larger than"):
        decode_http(200, fields_of([("x-long", bytes(LARGEST_HEADERS))]), b"")
