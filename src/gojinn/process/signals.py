"""Signals as callbacks on the event loop, and work they may interrupt. What they mean is `supervisor`'s."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

Result = TypeVar("Result")


@contextmanager
def handled(handlers: Mapping[signal.Signals, Callable[[], None]]) -> Iterator[None]:
    """Calls these on their signals; afterwards the handlers of before are back."""
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in handlers}
    for number, handler in handlers.items():
        loop.add_signal_handler(number, handler)
    try:
        yield
    finally:
        for number, handler_before in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler_before)


class Orders:
    """What somebody outside wants of the program."""

    def __init__(self) -> None:
        self.stopping = asyncio.Event()
        """It is to stop, in good order."""
        self.forced = asyncio.Event()
        """It is to stop at once."""
        self.reloading = asyncio.Event()
        """It is to reload; whoever does clears this first."""

    def stop(self) -> None:
        """Asks for a stop; the second time insists."""
        (self.forced if self.stopping.is_set() else self.stopping).set()


async def unless(event: asyncio.Event, work: Coroutine[Any, Any, Result]) -> Result | None:
    """Returns what `work` returns, or None when the event comes first: `work` has then been cancelled."""
    task = asyncio.create_task(work)
    waiting = asyncio.create_task(event.wait())
    try:
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        return None
    finally:
        waiting.cancel()
        task.cancel()
        await asyncio.gather(task, waiting, return_exceptions=True)
