"""Work that is only worth doing while the client waits for it. What the work is, the caller knows."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator
from types import coroutine
from typing import Any, TypeVar

from gojinn.edge.message import Body, Disconnected

T = TypeVar("T")


@coroutine
def attended(work: Coroutine[Any, Any, T], body: Body) -> Generator[Any, Any, T]:
    """Awaits `work`, and cancels it when the client goes away; then raises Disconnected.

    Watching a client takes a task, and most work ends before it waits for anything. So the first step of
    `work` is taken here, without a watch, and the rest goes on from there.
    """
    try:
        waiting = work.send(None)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]
    watch = Watch(body)
    try:
        return (yield from resumed(work, waiting))
    except asyncio.CancelledError as error:
        if watch.gone:
            watch.caller.uncancel()
            raise Disconnected("the client went away") from error
        raise
    finally:
        watch.stop()


def resumed(work: Coroutine[Any, Any, T], waiting: Any) -> Generator[Any, Any, T]:
    """Goes on with a coroutine that has begun: hands through what it waits for and what came of that."""
    try:
        while True:
            try:
                sent = yield waiting
            except BaseException as error:  # noqa: BLE001 - whatever it is, it is for the coroutine
                waiting = work.throw(error)
            else:
                waiting = work.send(sent)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]


class Watch:
    """Cancels the current task when a client goes away."""

    __slots__ = ("caller", "gone", "task")

    def __init__(self, body: Body) -> None:
        caller = asyncio.current_task()
        assert caller is not None
        self.caller = caller
        self.gone = False
        self.task = asyncio.get_running_loop().create_task(self.wait(body))

    async def wait(self, body: Body) -> None:
        """Waits for the client to go."""
        await body.disconnected()
        self.gone = True
        self.caller.cancel()

    def stop(self) -> None:
        """Ends the watch."""
        self.task.cancel()
