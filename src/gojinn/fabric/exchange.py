"""Requests and their answers on one connection: who waits for which, and how much may be under way at once.

Each request is sent once. Whether to send it again is decided by `connection`.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from nats.aio.msg import Msg

from gojinn.errors import Unavailable
from gojinn.fabric.window import Window

IN_FLIGHT = 16 << 20
"""Bytes that may be on their way without an answer; who comes then waits."""

Put = Callable[[str, bytes, str, Mapping[str, str] | None], Awaitable[None]]
"""Hands a message to the client: subject, payload, where to answer, headers."""


class Lost(Unavailable):
    """The connection was lost, or no answer came in time: whether the request was carried out is unknown."""


class Exchange:
    """The requests of a connection."""

    def __init__(self, up: asyncio.Event, put: Put) -> None:
        self.up = up
        """Set while there is a connection."""
        self.put = put
        self.window = Window(IN_FLIGHT)
        self.waiting: dict[str, asyncio.Future[Msg]] = {}
        """Requests without an answer yet, by the last token of their inbox."""
        self.inbox = ""
        """What answers are sent to, up to the token."""
        self.tokens = itertools.count()

    async def ask(
        self, subject: str, payload: bytes, headers: Mapping[str, str] | None, deadline: float
    ) -> Msg:
        """Sends a message once and returns the answer, which may be that nobody listens.

        Waits for a connection while there is none. Raises Lost; Unavailable when the deadline, on the clock
        of the event loop, comes before it is sent; and what `put` raises.
        """
        loop = asyncio.get_running_loop()
        cost = self.window.try_enter(len(payload))
        if not cost:
            cost = await self.within(deadline, self.window.enter(len(payload)))
        try:
            if not self.up.is_set():
                await self.within(deadline, self.up.wait())
            token = str(next(self.tokens))
            answer: asyncio.Future[Msg] = loop.create_future()
            self.waiting[token] = answer
            timer = loop.call_at(deadline, expire, answer)
            try:
                await self.put(subject, payload, self.inbox + token, headers)
                return await answer
            finally:
                timer.cancel()
                self.waiting.pop(token, None)
        finally:
            self.window.leave(cost)

    async def take(self, message: Msg) -> None:
        """Hands an answer to who waits for it."""
        answer = self.waiting.get(message.subject.rpartition(".")[2])
        if answer is not None and not answer.done():
            answer.set_result(message)

    async def within(self, deadline: float, step: Any) -> Any:
        """Awaits one step before a request is sent. Raises Unavailable when the time ends."""
        try:
            async with asyncio.timeout_at(deadline):
                return await step
        except TimeoutError as error:
            busy = "too much is under way" if self.up.is_set() else "there is no connection"
            raise Unavailable(f"NATS is not available: {busy}") from error

    def fail(self, reason: str) -> None:
        """Tells everybody who waits for an answer that none will come."""
        for answer in self.waiting.values():
            if not answer.done():
                answer.set_exception(Lost(reason))


def expire(answer: asyncio.Future[Msg]) -> None:
    """Ends waiting for an answer."""
    if not answer.done():
        answer.set_exception(Lost("NATS did not answer in time"))
