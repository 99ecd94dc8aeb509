"""The log of one invocation as a response header, for who holds the secret. Who does is not decided here."""

from __future__ import annotations

import json
from collections.abc import Sequence

from gojinn.engine.outcome import STDERR, Record

NAME = b"x-gojinn-logs"
LARGEST = 8 << 10
"""Bytes of the value: what servers and clients accept in one field."""
LONGEST = 1 << 10
"""Characters of one line; escaped, six times as many at most."""
CUT = '"(cut)"'
LEVELS = {0: "debug", 1: "info", 2: "warn", 3: "error", STDERR: "stderr"}


def logs_header(lines: Sequence[Record]) -> tuple[bytes, bytes]:
    """Makes the field: a JSON array of `"level: line"`, in ASCII, so that nothing in it can end the line."""
    shown: list[str] = []
    room = LARGEST - len("[]") - len(CUT)
    for record in lines:
        entry = json.dumps(f"{LEVELS[record.level]}: {record.text[:LONGEST]}")
        room -= len(entry) + 1
        if room < 0:
            return NAME, f"[{','.join([*shown, CUT])}]".encode()
        shown.append(entry)
    return NAME, f"[{','.join(shown)}]".encode()
