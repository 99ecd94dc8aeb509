"""Answers that are taken in parts, while their guest is at work. Which guests give some, `components` says.

A part is yielded by the coroutine that runs the guest, through all that await it, to whoever drives that with
`next_part`. The guest goes on with the next step only: so a slow taker holds it up, and nothing is queued.
"""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from types import coroutine
from typing import Any, NamedTuple, TypeVar

from gojinn.engine.begun import continued

T = TypeVar("T")


class Part(NamedTuple):
    """What a handler of HTTP requests has answered since the part before."""

    status: int
    fields: bytes
    """As in `Outcome.answer`; the same in every part."""
    body: bytes
    whole: bool
    """Whether the body ends with this."""


@coroutine
def handed_over(part: Part) -> Generator[Any, Any, None]:
    """Hands a part to whoever drives; returns when that wants more."""
    yield part


async def next_part(run: Coroutine[Any, Any, T], error: BaseException | None = None) -> T | Part:
    """Drives a coroutine until it hands over a part, or to its end, whose result is returned then.

    All of it is for one task to drive. An `error` is what it is to go on with.
    """
    try:
        waiting = run.send(None) if error is None else run.throw(error)
    except StopIteration as ended:
        result: T = ended.value
        return result
    return await continued(run, waiting, until=Part)
