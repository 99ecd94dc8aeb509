"""The response as a function writes it to stdout: decoding and checking. What it was asked is `envelope`'s.

Fair where 1.x was: unknown members are ignored, `null` and an empty `body_encoding` count as left out, and a
header's value may be a string instead of a list. Strict in all else, because what one reader of JSON takes
for an answer another may not: a second member of the same name is refused too.
"""

from __future__ import annotations

import re
from binascii import Error as Base64Error
from binascii import a2b_base64
from functools import lru_cache

import msgspec

from gojinn.engine.components.exchange import entries_of

Field = tuple[bytes, bytes]
"""Name in lower case, value as it goes on the wire."""

Fields = tuple[tuple[Field, ...], frozenset[bytes]]
"""Header fields, and their names."""

Opening = tuple[int, tuple[Field, ...], frozenset[bytes]]
"""What comes before the body of most answers: status, header fields, their names."""

LARGEST_HEADERS = 64 << 10
"""Bytes of header fields in one answer, as JSON. Clients and proxies refuse fewer."""
REMEMBERED = 1024
"""Bytes up to which what comes before the body is remembered: functions repeat themselves."""

SEARCHED = 256 << 10
"""Bytes up to which an answer is searched for repeated members."""
BODY_FOLLOWS = b',"body":'
AFTER = len(BODY_FOLLOWS)
WHITESPACE = b" \t\r\n"
STATUS, HEADERS, BODY, ENCODING = b'"status"', b'"headers"', b'"body"', b'"body_encoding"'

OURS = frozenset(
    (
        b"connection",
        b"content-length",
        b"keep-alive",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"x-gojinn-logs",
    )
)
"""Fields that are the server's to say, dropped from an answer: they frame the message or belong to one
connection (RFC 9110, section 7.6.1), so a guest could smuggle a second response with them."""

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""RFC 9110, section 5.6.2."""
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class Invalid(Exception):
    """What was written is not an answer. The text says why and holds nothing that the guest wrote."""


class Reply(msgspec.Struct, eq=False):
    """A function's answer, fit to be sent."""

    status: int
    headers: tuple[Field, ...]
    names: frozenset[bytes]
    """Of the headers."""
    body: bytes
    repeats: bool = False
    """Whether its status and headers are remembered, as those of most answers."""


class Answer(msgspec.Struct):
    """The members of the response object."""

    status: int
    headers: msgspec.Raw = msgspec.Raw(b"null")
    body: str | None = ""
    body_encoding: str | None = ""


read_answer = msgspec.json.Decoder(Answer).decode
read_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
read_text = msgspec.json.Decoder(str).decode
read_headers = msgspec.json.Decoder(dict[str, str | list[str] | None] | None).decode


def decode(stdout: bytes) -> Reply:
    """Reads what a function wrote. Raises Invalid.

    Most answers are a status, headers and last a body that is text. What comes before that body repeats
    itself and is remembered; only the body is then read.
    """
    at = stdout.find(BODY_FOLLOWS, 0, REMEMBERED)
    if at > 0:
        opening = remembered_opening(stdout[:at])
        written = stdout if stdout.endswith(b"}") else stdout.rstrip(WHITESPACE)
        if opening is not None and written.endswith(b"}"):
            try:
                body = read_text(written[at + AFTER : -1]).encode()
                return Reply(*opening, body, True)
            except (msgspec.MsgspecError, UnicodeError):
                pass  # its body is no text, or not the last: read it as any other
    return decode_any(stdout)


def decode_any(stdout: bytes) -> Reply:
    """Reads an answer whose members come in any order. Raises Invalid."""
    try:
        answer = read_answer(stdout)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(reason(stdout, error)) from error
    if not 200 <= answer.status <= 599:
        raise Invalid("'status' is not that of a final answer, expected 200 to 599")
    refuse_repeated(stdout)
    raw = bytes(answer.headers)
    found = fields(raw) if len(raw) > REMEMBERED else remembered_fields(raw)
    return Reply(answer.status, *found, body_of(answer))


@lru_cache(maxsize=512)
def remembered_opening(head: bytes) -> Opening | None:
    """Reads an answer up to its body; None when that is not what it is, or there is another body in it."""
    try:
        reply = decode_any(head + b"}")
    except Invalid:
        return None
    if {"body", "body_encoding"}.intersection(read_members(head + b"}")):
        return None
    return reply.status, reply.headers, reply.names


def reason(stdout: bytes, error: Exception) -> str:
    """Says why decoding failed, in words that are safe to show."""
    if not stdout.strip():
        return "nothing was written to stdout"
    if isinstance(error, UnicodeDecodeError):
        return "it is not valid UTF-8"
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    text = str(error)
    return text if text.startswith("JSON") else text[:1].lower() + text[1:]


def refuse_repeated(stdout: bytes) -> None:
    """Raises Invalid for a second member of one name, which the decoder does not report.

    Inside of a text its quotes would be escaped, so a name that occurs more than once is either that, or
    stands within a member, where it may. Long answers are spared: the search would cost as much as reading.
    """
    if len(stdout) > SEARCHED:
        return
    count = stdout.count
    if count(STATUS) > 1 or count(HEADERS) > 1 or count(BODY) > 1 or count(ENCODING) > 1:
        within = b" ".join(read_members(stdout).values())
        for token in (STATUS, HEADERS, BODY, ENCODING):
            if count(token) - within.count(token) > 1:
                raise Invalid(f"'{token[1:-1].decode()}' is given twice")


def fields(raw: bytes) -> Fields:
    """Reads the header object. Raises Invalid."""
    if len(raw) > LARGEST_HEADERS:
        raise Invalid(f"'headers' is larger than {LARGEST_HEADERS} bytes")
    try:
        table = read_headers(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("'headers' is not an object of strings or lists of strings") from error
    found: list[Field] = []
    strings = 0
    for name, given in (table or {}).items():
        values = [given] if isinstance(given, str) else given or []
        strings += 1 + len(values)
        key = field_name(name)
        if key not in OURS:
            found += [(key, field_value(value)) for value in values]
    if quotes(raw) != 2 * strings:
        raise Invalid("a header is given twice, expected one list with all its values")
    return tuple(found), frozenset(name for name, _ in found)


remembered_fields = lru_cache(maxsize=512)(fields)


def decode_http(status: int, fields: bytes, body: bytes) -> Reply:
    """Makes the reply of an answer through `wasi:http`; the engine has checked its fields. Raises Invalid.

    An answer to HEAD may announce the length of a body that it has not: that is kept.
    """
    repeats = len(fields) <= REMEMBERED
    found, announced = remembered_http_fields(fields) if repeats else http_fields(fields)
    if body and announced not in (b"", b"%d" % len(body)):
        raise Invalid(f"its body has {len(body)} bytes, which is not what its 'content-length' says")
    headers, names = found
    if announced.isdigit() and not body:
        headers = (*headers, (b"content-length", announced))
    return Reply(status, headers, names, body, repeats)


def http_fields(fields: bytes) -> tuple[Fields, bytes]:
    """Reads header fields as the engine hands them over, and what they say of the body's length. Raises
    Invalid."""
    if len(fields) > LARGEST_HEADERS:
        raise Invalid(f"its header fields are larger than {LARGEST_HEADERS} bytes")
    found = [(name.encode(), value.strip(b" \t")) for name, value in entries_of(fields)]
    announced = b", ".join(value for name, value in found if name == b"content-length")
    found = [field for field in found if field[0] not in OURS]
    return (tuple(found), frozenset(name for name, _ in found)), announced


remembered_http_fields = lru_cache(maxsize=512)(http_fields)


def quotes(raw: bytes) -> int:
    """Counts the quotes that delimit strings in JSON."""
    return raw.replace(b"\\\\", b"").replace(b'\\"', b"").count(b'"')


def field_name(name: str) -> bytes:
    """Checks a header's name. Raises Invalid."""
    if not TOKEN.fullmatch(name):
        raise Invalid("a header's name is not a token, expected letters, digits and '-'")
    return name.lower().encode()


def field_value(value: str) -> bytes:
    """Checks a header's value. Raises Invalid for what could end the line."""
    if CONTROL.search(value):
        raise Invalid("a header's value has a line break or another control character")
    return value.strip(" \t").encode()


def body_of(answer: Answer) -> bytes:
    """Decodes the body. Raises Invalid."""
    body = answer.body or ""
    if not answer.body_encoding:
        return body.encode()
    if answer.body_encoding != "base64":
        raise Invalid("'body_encoding' is unknown, expected 'base64' or nothing")
    try:
        return a2b_base64(body, strict_mode=True)
    except (Base64Error, ValueError) as error:
        raise Invalid("'body' is not base64") from error
