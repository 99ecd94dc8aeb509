"""Whose turn it is to write into a file: one queue for all of a worker that write there, in order of arrival.

SQLite has a lock for that as well, but no queue before it.
"""

from __future__ import annotations

import asyncio
import os
from weakref import WeakValueDictionary


class Turns:
    """The queues of one worker. One lasts for as long as somebody has the file open."""

    def __init__(self) -> None:
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def of(self, path: str) -> asyncio.Lock:
        """Returns the queue of a file, by whichever path it is named."""
        return self._turns.setdefault(os.path.realpath(path), asyncio.Lock())
