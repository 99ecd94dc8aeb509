"""Conditional requests (RFC 9110, section 13) as Go's net/http evaluates them. Sends nothing."""

from __future__ import annotations

import re
import time
from calendar import timegm
from enum import Enum

from gojinn.edge.message import Request

TAG = re.compile(rb'[ \t,]*(\*|(?:W/)?"[\x21\x23-\x7e\x80-\xff]*")')
DATE_FORMS = ("%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y")
"""RFC 9110, section 5.6.7: the one to write and the two that old clients write."""


class Verdict(Enum):
    """What conditions make of a request."""

    SEND = 200
    UNCHANGED = 304
    FAILED = 412


def parse_date(value: bytes | None) -> int | None:
    """Reads an HTTP date as seconds since 1970; None when it is none."""
    for form in DATE_FORMS if value else ():
        try:
            return timegm(time.strptime((value or b"").decode("ascii"), form))
        except ValueError:
            continue
    return None


def any_tag(value: bytes, tag: bytes, *, weak: bool) -> bool:
    """Tells whether a list of entity tags holds one, or is `*`; what follows a malformed tag is not read."""
    at = 0
    while (found := TAG.match(value, at)) is not None:
        given = found[1]
        if given in (b"*", tag) or (weak and given.removeprefix(b"W/") == tag.removeprefix(b"W/")):
            return weak or given == b"*" or given.startswith(b'"')
        at = found.end()
    return False


def evaluate(request: Request, tag: bytes, modified: int) -> Verdict:
    """Decides by a file's tag and time (seconds, 0 when unknown) whether it is sent."""
    wanted = request.header(b"if-match")
    if wanted:
        if not any_tag(wanted, tag, weak=False):
            return Verdict.FAILED
    elif modified:
        since = parse_date(request.header(b"if-unmodified-since"))
        if since is not None and modified > since:
            return Verdict.FAILED
    return evaluate_cached(request, tag, modified)


def evaluate_cached(request: Request, tag: bytes, modified: int) -> Verdict:
    """Decides whether the copy that a client holds is still good."""
    reading = request.method in ("GET", "HEAD")
    held = request.header(b"if-none-match")
    if held:
        if not any_tag(held, tag, weak=True):
            return Verdict.SEND
        return Verdict.UNCHANGED if reading else Verdict.FAILED
    since = parse_date(request.header(b"if-modified-since")) if reading and modified else None
    return Verdict.SEND if since is None or modified > since else Verdict.UNCHANGED


def range_holds(request: Request, tag: bytes, modified: int) -> bool:
    """Tells whether If-Range lets the Range field count."""
    condition = request.header(b"if-range")
    if not condition or request.method not in ("GET", "HEAD"):
        return True
    found = TAG.match(condition)
    if found is not None and not condition.startswith((b",", b"*")):
        return found[1] == tag and tag.startswith(b'"')
    return parse_date(condition) == modified
