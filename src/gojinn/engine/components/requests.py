"""The requests that one invocation sends: each in a task of its own, all of which end with it. What a guest
calls for that is `outgoing`'s; sending is `engine.outgoing.Sender`'s.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from gojinn.engine.components.bodies import Arriving, Departing
from gojinn.engine.components.exchange import LENGTHS
from gojinn.engine.components.resources import Guest
from gojinn.engine.outgoing import Entries, OutgoingAnswer, OutgoingError, OutgoingRequest, Sender

MOST: Final = 32
"""Requests of one invocation that may be under way at once."""
MOST_HEADER_BYTES: Final = 4 << 20
"""Bytes of header fields that one invocation may keep of its requests and of their answers."""
WARNING: Final = 2
"""Level of what is noted in a function's log."""
LONGEST: Final = 86_400.0
"""Seconds of one wait."""


class Requests:
    """Those of one invocation."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.tasks: list[asyncio.Task[None]] = []
        self.waiter: asyncio.Future[None] | None = None
        """Of the guest: it waits for one thing at a time."""
        self.header_bytes = 0
        """Of requests that are not sent yet, and of answers that the guest still has."""
        self.unsent = 0
        """Bodies of such requests."""

    def room(self, size: int) -> bool:
        """Counts bytes of header fields; False where those are too many."""
        fits = self.header_bytes + size <= MOST_HEADER_BYTES
        if fits:
            self.header_bytes += size
        return fits

    def wake(self) -> None:
        """Something has changed that the guest may be waiting for."""
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(None)

    async def changed(self, seconds: float) -> None:
        """Waits until something has changed, or so many seconds are over."""
        self.waiter = self.loop.create_future()
        try:
            await asyncio.wait([self.waiter], timeout=seconds)
        finally:
            self.waiter.cancel()
            self.waiter = None

    async def until(self, ready: Callable[[], bool]) -> None:
        """Waits until something is ready."""
        while not ready():
            await self.changed(LONGEST)

    def full(self) -> bool:
        """Whether no more may be under way."""
        self.tasks = [task for task in self.tasks if not task.done() or problem(task) is not None]
        return len(self.tasks) >= MOST

    def cancel(self) -> None:
        """Has all of them broken off."""
        for task in self.tasks:
            task.cancel()

    async def close(self) -> None:
        """Ends all of them. May be called again. Raises what a sender should not have raised."""
        self.cancel()
        if any(not task.done() for task in self.tasks):
            await asyncio.wait(self.tasks)
        tasks, self.tasks = self.tasks, []
        for task in tasks:
            if (error := problem(task)) is not None:
                raise error


def problem(task: asyncio.Task[None]) -> BaseException | None:
    """What a task that has ended has failed with."""
    return None if task.cancelled() else task.exception()


def requests_of(guest: Guest) -> Requests:
    """A guest's requests."""
    if guest.requests is None:
        guest.requests = Requests()
    found: Requests = guest.requests
    return found


def size_of(headers: Entries) -> int:
    """Bytes that header fields take, their lengths with them."""
    return sum(len(name) + len(value) + LENGTHS.size for name, value in headers)


class Transfer:
    """One request, under way, and its answer."""

    __slots__ = (
        *("answer", "arriving", "body", "failure", "head_size", "over"),
        *("requests", "task", "trailers", "unwanted"),
    )

    def __init__(self, requests: Requests, body: Departing | None) -> None:
        self.requests = requests
        self.body = body
        self.task: asyncio.Task[None] | None = None
        self.answer: OutgoingAnswer | None = None
        """Once its header is there."""
        self.head_size = 0
        """Bytes of that."""
        self.unwanted = False
        """Whether the guest has done with the header."""
        self.arriving = Arriving(requests.wake)
        self.trailers: Entries | None = None
        self.failure: OutgoingError | None = None
        """Why there is no answer, or not all of it."""
        self.over = False

    def start(self, sender: Sender, context: Any, request: OutgoingRequest) -> None:
        """Begins to send it."""
        self.task = self.requests.loop.create_task(self.run(sender, context, request))
        self.requests.tasks.append(self.task)

    async def run(self, sender: Sender, context: Any, request: OutgoingRequest) -> None:
        """Sends it, and takes the answer as the guest does."""
        try:
            answer = await sender.send(context, request)
            try:
                self.take(answer)
                async for part in answer.parts():
                    await self.arriving.fill(part)
                self.trailers = answer.trailers
            finally:
                await answer.close()
        except OutgoingError as error:
            if error.detail and context is not None and not self.over:
                context.note(WARNING, error.detail)
            self.end(error)
        except BaseException:
            self.end(OutgoingError("internal-error"))
            raise
        else:
            self.end(None)

    def take(self, answer: OutgoingAnswer) -> None:
        """Takes an answer's header. Raises OutgoingError where the guest has kept too many."""
        size = size_of(answer.headers)
        if not self.requests.room(size):
            why = f"more than {MOST_HEADER_BYTES} bytes of header fields are kept of requests and answers"
            raise OutgoingError("HTTP-response-header-section-size", why)
        self.answer, self.head_size = answer, size
        self.requests.wake()

    def release(self) -> None:
        """The guest has done with the header."""
        self.requests.header_bytes -= self.head_size
        self.head_size, self.unwanted = 0, True
        if self.over:
            self.answer = None

    def end(self, failure: OutgoingError | None) -> None:
        """Notes that nothing more is sent or comes."""
        if self.over:
            return
        self.over = True
        if failure is not None:
            self.failure = OutgoingError(failure.case, failure.detail)  # without all that it came from
        if self.unwanted:
            self.answer = None
        if self.body is not None:
            self.body.stop()
        self.requests.wake()

    def answered(self) -> bool:
        """Whether there is an answer, or it is clear that none comes."""
        return self.answer is not None or self.over

    def cancel(self) -> None:
        """Breaks it off: the guest has no use for it. Called on its stack."""
        if not self.over and self.task is not None:
            self.end(OutgoingError("connection-terminated"))
            self.arriving.discard()
            self.requests.loop.call_soon(self.task.cancel)
