"""Answers that are sent while their function is still at work. Sending them is the directive's."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from typing import Any

from gojinn.engine.parts import Part, next_part
from gojinn.functions.failure import invalid
from gojinn.functions.invocation import Invocation, Result
from gojinn.functions.reply import Invalid, Reply, decode_http

LENGTH = b"content-length"

Run = Coroutine[Any, Any, Result]


async def answered(invocation: Invocation, run: Run) -> Result | Streamed:
    """Runs an invocation until its answer has begun and it waits, or to its end. Raises FunctionError."""
    found = await next_part(run)
    return await opened(invocation, run, found) if isinstance(found, Part) else found


async def opened(invocation: Invocation, run: Run, part: Part) -> Streamed:
    """Makes an answer of its first part. Raises FunctionError.

    One whose body is all there already gets that one's length: the client has it while the function is still
    busy with something else.
    """
    invocation.begun = True
    try:
        head = decode_http(part.status, part.fields, part.body if part.whole else b"")
    except Invalid as why:
        await abandoned(run)
        raise invalid(invocation.function.config, str(why), http=True) from why
    if part.whole:
        head.headers = (*head.headers, (LENGTH, b"%d" % len(part.body)))
        head.repeats = False
    return Streamed(invocation, run, head, part.body)


async def abandoned(run: Run) -> None:
    """Kills the guest that a coroutine runs."""
    with suppress(CancelledError):
        await next_part(run, CancelledError())


class Streamed(AsyncIterator[bytes]):
    """The body, which drives the rest of its invocation, a step whenever the client has room for more."""

    def __init__(self, invocation: Invocation, run: Run, head: Reply, begun: bytes) -> None:
        self.invocation = invocation
        self.run: Run | None = run
        self.head = head
        """A reply without its body."""
        self.begun = begun
        """What was there with the head."""
        self.announced = next((int(value) for name, value in head.headers if name == LENGTH), None)
        """Bytes that the head says it has."""
        self.sent = 0

    async def __anext__(self) -> bytes:
        """The next bytes. Raises FunctionError when the function fails: its answer is cut off."""
        chunk, self.begun = self.begun, b""
        while not chunk and self.run is not None:
            run, self.run = self.run, None
            found = await next_part(run)
            if isinstance(found, Part):
                self.run, chunk = run, found.body
                continue
            if found.reply is None:
                assert found.error is not None
                raise found.error
            chunk = found.reply.body
        self.sent += len(chunk)
        wanted = self.sent if self.announced is None else self.announced
        if self.sent > wanted or (not chunk and self.sent < wanted):
            why = f"its body has not the {self.announced} bytes that its 'content-length' says"
            raise invalid(self.invocation.function.config, why, http=True)
        if not chunk:
            raise StopAsyncIteration
        return chunk

    async def aclose(self) -> None:
        """Kills the guest, if it is still there."""
        run, self.run = self.run, None
        if run is not None:
            await abandoned(run)
