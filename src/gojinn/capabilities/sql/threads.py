"""The one place where SQL blocks: a few named threads of a worker. Which work goes there is `sqlite`'s."""

from __future__ import annotations

import asyncio
from asyncio import CancelledError
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

COUNT = 8
"""Statements of one worker that run at once. SQLite is bound by processor and disk: more would only wait
there instead of here."""


class Threads:
    """Runs blocking calls, at most COUNT at once; the others wait in order."""

    def __init__(self, count: int = COUNT) -> None:
        self.executor = ThreadPoolExecutor(count, thread_name_prefix="gojinn-sql")

    async def run(
        self, interrupt: Callable[[], object], call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Awaits a call. When cancelled, interrupts it and still waits for its end: what it uses is free
        after."""
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(self.executor, lambda: call(*args, **kwargs))
        try:
            return await asyncio.shield(future)
        except CancelledError:
            interrupt()
            await ended(future)
            raise

    def close(self) -> None:
        """Ends the threads, which have nothing to do any more."""
        self.executor.shutdown()


async def ended(future: asyncio.Future[T]) -> None:
    """Waits for the end of a future however often that is cancelled, and takes note of its error."""
    while not future.done():
        try:
            await asyncio.wait([future])
        except CancelledError:
            continue
    if not future.cancelled():
        future.exception()
