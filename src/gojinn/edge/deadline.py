"""A deadline that moves with every request but rarely costs a timer. What happens then, others say."""

from __future__ import annotations

from asyncio import AbstractEventLoop, TimerHandle
from collections.abc import Callable

SLACK = 0.05
"""Seconds by which the timer may be early or late; the loop counts in milliseconds."""


class Deadline:
    """At most one time at which a callback is due.

    Moving it to a later time only notes it: the timer looks when it fires, and is set again if it was early.
    """

    __slots__ = ("_callback", "_due", "_fires", "_loop", "_timer")

    def __init__(self, loop: AbstractEventLoop, callback: Callable[[], None]) -> None:
        self._loop = loop
        self._callback = callback
        self._due: float | None = None
        self._fires = 0.0
        self._timer: TimerHandle | None = None

    def set(self, seconds: float) -> None:
        """Makes the callback due that many seconds from now."""
        self._due = due = self._loop.time() + seconds
        if self._timer is None:
            self._arm(due)
        elif self._fires > due + SLACK:
            self._timer.cancel()
            self._arm(due)

    def clear(self) -> None:
        """Makes nothing due."""
        self._due = None

    def stop(self) -> None:
        """Lets go of the timer."""
        self._due = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self, at: float) -> None:
        self._fires = at
        self._timer = self._loop.call_at(at, self._fire)

    def _fire(self) -> None:
        self._timer = None
        if self._due is None:
            return
        if self._due > self._loop.time() + SLACK:
            self._arm(self._due)
        else:
            self._due = None
            self._callback()
