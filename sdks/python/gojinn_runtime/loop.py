"""An event loop for functions that are coroutines: tasks and timers. There are no sockets to wait for."""

from __future__ import annotations

import asyncio
import time
from asyncio import base_events, events
from collections.abc import Coroutine
from typing import Any


class Timers:
    """Stands where a loop has its selector: waits for the next timer."""

    def select(self, timeout: float | None) -> list[Any]:
        """Waits; the whole function does."""
        if timeout is None:
            raise RuntimeError("the function waits for something that nobody will do")
        if timeout > 0:
            time.sleep(timeout)
        return []


class Loop(base_events.BaseEventLoop):
    """A loop of timers and callbacks."""

    def __init__(self) -> None:
        super().__init__()
        self._selector = Timers()

    def _process_events(self, event_list: list[Any]) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        """Nobody else could wake it."""


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Runs a coroutine to its end; what it has left running is cancelled."""
    loop = Loop()
    events.set_event_loop(loop)
    try:
        result = loop.run_until_complete(coroutine)
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        return result
    finally:
        events.set_event_loop(None)
        loop.close()
