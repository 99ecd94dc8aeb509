"""Advances an engine's epoch from a Python thread: the ticker of the engines in Python. The native one is in
`native/ticker.c`.

It needs the interpreter's lock for each tick, so guests must be polled with the lock released.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

IDLE_TICKS = 4
"""Ticks without a poll before the thread parks: a burst of requests should not wake it for each of them."""


class Ticker:
    """Ticks while guests are polled and for a few periods after; parked it costs nothing."""

    def __init__(self, tick: Callable[[], object], period: float) -> None:
        self.tick = tick
        self.period = period
        self.polls = 0
        """Counted up by whoever polls, before and after each poll: odd while one is under way."""
        self.parked = False
        """While this is set, `wake` has to be called when a poll begins, after `polls` was counted up."""
        self.closing = False
        self.awake = threading.Event()
        self.thread = threading.Thread(target=self.run, name="gojinn ticker", daemon=True)
        self.thread.start()

    def wake(self) -> None:
        """Starts ticking."""
        self.awake.set()

    def run(self) -> None:
        while not self.closing:
            self.park()
            self.tick_while_busy()

    def park(self) -> None:
        """Waits for a poll. One that began just before `parked` was set did not see it: look again after."""
        seen = self.polls
        self.parked = True
        if seen == self.polls and seen % 2 == 0:
            self.awake.wait()
        self.parked = False
        self.awake.clear()

    def tick_while_busy(self) -> None:
        idle = 0
        while idle < IDLE_TICKS and not self.closing:
            seen = self.polls
            time.sleep(self.period)
            self.tick()
            idle = idle + 1 if seen == self.polls and seen % 2 == 0 else 0

    def close(self) -> None:
        """Ends the thread; `tick` is not called any more once this returns."""
        self.closing = True
        self.awake.set()
        self.thread.join()
