"""What guests send with the operations `http.…`, and what of it goes into a request. Nothing is sent here."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec

from gojinn.capabilities.http.answers import HOP
from gojinn.capabilities.http.urls import BadUrl, Url, parse_url
from gojinn.capabilities.request import bad_request
from gojinn.errors import clip

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}")
"""A method or a field's name (RFC 9110 5.6.2)."""
VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")
"""A field's value: no line break, no NUL."""
MOST_FIELDS = 128
LARGEST_FIELDS = 64 << 10
"""Bytes of names and values together."""
REFUSED_METHODS = frozenset(("CONNECT", "TRACE", "TRACK"))
"""They are about the connection, not about what is asked for."""
NORMAL = frozenset(("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"))
OURS = HOP | {"content-length", "expect", "host", "proxy-authorization"}
"""Fields that belong to the connection: a guest's are left out, so that it can send on what it got."""

Fields = list[tuple[str, str]]
"""Header fields in their order."""
Redirect = Literal["follow", "manual", "error"]


class Fetch(msgspec.Struct, forbid_unknown_fields=True):
    """The request of `http.fetch` and `http.start`."""

    url: str
    method: str = "GET"
    headers: dict[str, str | list[str]] = {}
    body: str = ""
    body_base64: bytes = b""
    body_encoding: Literal["", "base64"] = ""
    timeout: float | None = None
    redirect: Redirect = "follow"


class Wait(msgspec.Struct, forbid_unknown_fields=True):
    """The request of `http.wait`."""

    ids: list[int]
    timeout: float | None = None


class Cancel(msgspec.Struct, forbid_unknown_fields=True):
    """The request of `http.cancel`."""

    id: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was looked through."""

    url: Url
    method: str
    headers: Fields
    body: bytes
    timeout: float | None
    redirect: Redirect


def looked_through(given: Fetch) -> Asked:
    """Checks a request. Raises OperationError `bad-request`."""
    try:
        url = parse_url(given.url)
    except BadUrl as error:
        raise bad_request(str(error)) from error
    return Asked(
        url,
        checked_method(given.method),
        checked_fields(given.headers),
        body_of(given),
        checked_timeout(given.timeout),
        given.redirect,
    )


def checked_method(method: str) -> str:
    """A method as it is sent. Raises OperationError."""
    upper = method.upper()
    if not TOKEN.fullmatch(method):
        raise bad_request(f"the method is '{clip(method)}', expected a word such as 'GET'")
    if upper in REFUSED_METHODS:
        raise bad_request(f"the method is '{upper}', which functions cannot send")
    return upper if upper in NORMAL else method


def checked_fields(headers: Mapping[str, str | list[str]]) -> Fields:
    """Header fields as they are sent. Raises OperationError."""
    pairs = ((name, value) for name, given in headers.items() for value in listed(given))
    found = [(name, checked_value(name, value)) for name, value in pairs]
    return fitting(found)


def fitting(fields: Fields) -> Fields:
    """Leaves out what belongs to the connection. Raises OperationError for more fields than servers take."""
    found = [(name, value) for name, value in fields if name.lower() not in OURS]
    size = sum(len(name) + len(value) for name, value in found)
    if len(found) > MOST_FIELDS or size > LARGEST_FIELDS:
        what = f"{len(found)} header fields of {size} characters"
        raise bad_request(f"{what}, expected at most {MOST_FIELDS} of {LARGEST_FIELDS}")
    return found


def checked_value(name: str, value: str) -> str:
    """A field's value, without space around it. Raises OperationError."""
    if not TOKEN.fullmatch(name):
        raise bad_request(f"the header name '{clip(name)}' is wrong, expected one such as 'Content-Type'")
    if not VALUE.fullmatch(value):
        raise bad_request(f"the header '{name}' has a line break or another control character in it")
    return value.strip(" \t")


def listed(given: str | list[str]) -> Iterable[str]:
    """The values of a field."""
    return (given,) if isinstance(given, str) else given


def body_of(given: Fetch) -> bytes:
    """The body of a request. Raises OperationError."""
    if given.body_base64:
        if given.body:
            raise bad_request("both 'body' and 'body_base64' are given, expected one of them")
        return given.body_base64
    if given.body_encoding == "base64":
        try:
            return b64decode(given.body, validate=True)
        except ValueError as error:
            raise bad_request("the body is not base64, and 'body_encoding' says so") from error
    return given.body.encode()


def checked_timeout(timeout: float | None) -> float | None:
    """Seconds that a request may take; 0 is none of one's own. Raises OperationError."""
    if timeout is None or timeout == 0:
        return None
    if not timeout > 0:
        raise bad_request(f"the timeout is {timeout:g} seconds, expected more than 0")
    return timeout
