"""Writes a request to another server as the host reads it, and says what is wrong with its arguments."""

from __future__ import annotations

import json as encoding
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from gojinn_sdk.host import encoded, given

REDIRECTS = ("follow", "manual", "error")
TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
"""Characters of methods and names of fields: RFC 9110, section 5.6.2."""


def asked(
    url: str,
    method: str,
    headers: Mapping[str, str | Sequence[str]] | None,
    params: Mapping[str, Any] | Sequence[tuple[str, Any]] | None,
    body: bytes | str | None,
    json: Any,
    timeout: float | None,
    redirect: str,
) -> dict[str, Any]:
    """The fields of `http.fetch`. Raises TypeError and ValueError."""
    request: dict[str, Any] = {"url": address(url, params), "method": verb(method)}
    fields = {name: values_of(name, value) for name, value in pairs(headers)}
    if json is not None:
        if body is not None:
            raise TypeError("both 'body' and 'json' are given, expected one of them")
        body = encoding.dumps(json, ensure_ascii=False, separators=(",", ":"))
        if not any(name.lower() == "content-type" for name in fields):
            fields["Content-Type"] = ["application/json"]
    if body is not None:
        request |= encoded("body", body)
    if redirect not in REDIRECTS:
        raise ValueError(f"'redirect' is {redirect!r}, expected 'follow', 'manual' or 'error'")
    return request | given(headers=fields, redirect=redirect, timeout=seconds(timeout))


def address(url: str, params: Mapping[str, Any] | Sequence[tuple[str, Any]] | None) -> str:
    """The address with parameters in its query."""
    if not isinstance(url, str):
        raise TypeError(f"the address is {url!r} ({type(url).__name__}), expected a str")
    if url[:8].lower() != "https://" and url[:7].lower() != "http://":
        raise ValueError(f"the address is {url!r}, expected one that begins with 'https://' or 'http://'")
    if not params:
        return url
    rest, mark, fragment = url.partition("#")
    return f"{rest}{'&' if '?' in rest else '?'}{urlencode(params, doseq=True)}{mark}{fragment}"


def verb(method: str) -> str:
    """The method as it is sent."""
    if not isinstance(method, str):
        raise TypeError(f"the method is {method!r} ({type(method).__name__}), expected a str")
    if not method or not TOKEN.issuperset(method):
        raise ValueError(f"the method is {method!r}, expected a word such as 'GET'")
    return method.upper()


def pairs(headers: Any) -> Any:
    """The header fields."""
    if headers is None:
        return ()
    if not hasattr(headers, "items"):
        raise TypeError(f"the headers are {headers!r} ({type(headers).__name__}), expected a dict")
    return headers.items()


def values_of(name: str, value: str | Sequence[str]) -> list[str]:
    """All values of one field."""
    if not isinstance(name, str) or not name or not TOKEN.issuperset(name):
        raise ValueError(f"a header field is named {name!r}, expected a word such as 'Accept'")
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, (list, tuple)) or not all(isinstance(each, str) for each in values):
        raise TypeError(f"the header field {name!r} is {value!r}, expected a str or a list of them")
    if any(set(each) & {"\r", "\n", "\0"} for each in values):
        raise ValueError(f"the header field {name!r} is {value!r}, expected one line")
    return [*values]


def seconds(timeout: float | None) -> float | None:
    """How long it may take."""
    if timeout is None:
        return None
    if isinstance(timeout, bool) or not isinstance(timeout, (int, float)):
        raise TypeError(f"the timeout is {timeout!r} ({type(timeout).__name__}), expected seconds")
    if not 0 < timeout < float("inf"):
        raise ValueError(f"the timeout is {timeout!r}, expected seconds above 0")
    return timeout
