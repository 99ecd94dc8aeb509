"""W3C Trace Context, level 1: reading a caller's `traceparent` and making our own. Exports no spans."""

from __future__ import annotations

import re
from random import getrandbits

PARENT = re.compile(rb"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
NO_TRACE = b"0" * 32
NO_SPAN = b"0" * 16


class Trace:
    """One span of ours in a trace."""

    __slots__ = ("flags", "parent", "span_id", "trace_id")

    def __init__(self, trace_id: str, span_id: str, flags: str, parent: str) -> None:
        self.trace_id = trace_id
        """32 hex digits, shared by everything that one call set off."""
        self.span_id = span_id
        """16 hex digits, this request's own."""
        self.flags = flags
        """Two hex digits; the last bit says that the caller records this trace."""
        self.parent = parent
        """The caller's span id, empty when the trace begins here."""

    @property
    def traceparent(self) -> str:
        """The header to send on: this span as the parent of what it calls."""
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"


def begin(received: bytes | None) -> Trace:
    """Begins this request's span, within the caller's trace if `received` is a valid traceparent.

    Ids are random but not secret: nothing may be granted to who knows one.
    """
    found = parse(received) if received is not None else None
    if found is None:
        fresh = f"{getrandbits(192):048x}"
        return Trace(fresh[:32], fresh[32:], "00", "")
    trace_id, parent, flags = found
    return Trace(trace_id, f"{getrandbits(64):016x}", flags, parent)


def parse(value: bytes) -> tuple[str, str, str] | None:
    """Splits a traceparent into trace id, span id and flags; None when it is not valid.

    A later version may carry more fields, version 00 may not; `ff` and ids of zeros are invalid
    (section 3.2).
    """
    found = PARENT.fullmatch(value)
    if found is None:
        return None
    version, trace_id, span_id, flags, more = found.groups()
    if version == b"ff" or (version == b"00" and more) or trace_id == NO_TRACE or span_id == NO_SPAN:
        return None
    known = int(flags, 16) & 1
    return trace_id.decode(), span_id.decode(), f"{known:02x}"
