"""Writes the records that `outcome.records` reads: a guest's log, within its limit."""

from __future__ import annotations

from gojinn.engine.outcome import RECORD, STDERR

WARN = 2
TRUNCATED = b"log truncated: its limit is reached"


class Recorder:
    """The log of one guest."""

    __slots__ = ("data", "full", "last", "limit")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.data = bytearray()
        self.last = -1
        """Where the header of a record is that more stderr belongs to, or -1."""
        self.full = False
        """The limit was passed: the marker is in, the rest is dropped."""

    def append(self, level: int, text: bytes) -> None:
        """Adds a record; stderr, which guests write in small pieces, is added to a newest one of its kind."""
        if self.full or (not text and level == STDERR):
            return
        extends = level == STDERR and self.last >= 0
        used = len(self.data) + (0 if extends else RECORD.size)
        room = max(0, self.limit - used)
        if len(text) > room:
            self.full = True
            text = text[:room]
        if text or not self.full:
            self.add(level, text, extends)
        if self.full:
            self.add(WARN, TRUNCATED, extends=False)

    def add(self, level: int, text: bytes, extends: bool) -> None:
        if extends:
            self.data += text
            RECORD.pack_into(self.data, self.last, STDERR, len(self.data) - self.last - RECORD.size)
            return
        self.last = len(self.data) if level == STDERR else -1
        self.data += RECORD.pack(level, len(text)) + text
