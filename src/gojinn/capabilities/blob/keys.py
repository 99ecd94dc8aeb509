"""Which keys objects may have, the same for every store. Where a key's object lives is the stores'."""

from __future__ import annotations

import re

from gojinn.capabilities.capability import OperationError

LONGEST_KEY = 1024
"""Bytes of UTF-8, as in S3; with its tenant's folder a key may not pass it either."""
LONGEST_PART = 240
"""Bytes of what stands between two slashes: it becomes a file's name."""

CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


def check_key(key: str) -> str:
    """Returns a key. Raises OperationError `bad-key` for one that no object may have."""
    why = fault(key)
    if why is not None:
        raise OperationError("bad-key", f"the key {why}")
    return key


def check_prefix(prefix: str) -> str:
    """Returns what keys are asked to begin with: empty, or the beginning of a key."""
    if prefix and (why := fault(prefix.removesuffix("/"))) is not None:
        raise OperationError("bad-key", f"the prefix {why}")
    return prefix


def fault(key: str) -> str | None:
    """Says what is wrong with a key."""
    try:
        size = len(key.encode())
    except UnicodeEncodeError:
        return "is not valid Unicode"
    if not 0 < size <= LONGEST_KEY:
        return f"has {size} bytes, expected 1 to {LONGEST_KEY}"
    if CONTROLS.search(key):
        return "has a control character, expected none"
    for part in key.split("/"):
        if part in ("", ".", ".."):
            return f"has the part '{part}' between slashes, expected a name"
        if len(part.encode()) > LONGEST_PART:
            return f"has a part of more than {LONGEST_PART} bytes between slashes"
    return None
