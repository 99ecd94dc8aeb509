"""Coroutines that are begun by hand, because most of them end without waiting. Knows no guests."""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from types import coroutine
from typing import Any, TypeVar

T = TypeVar("T")


@coroutine
def continued(
    begun: Coroutine[Any, Any, T], waiting: Any, until: type | tuple[()] = ()
) -> Generator[Any, Any, T]:
    """Awaits the rest of a coroutine whose `send(None)` has returned `waiting`, or until it waits with an
    `until`, which is returned then.

    To be awaited by the task that has sent, before it waits for anything else.
    """
    try:
        while not isinstance(waiting, until):
            try:
                sent = yield waiting
            except BaseException as error:  # noqa: BLE001, it is for whom it waits
                waiting = begun.throw(error)
            else:
                waiting = begun.send(sent)
    except StopIteration as ended:
        waiting = ended.value
    result: T = waiting
    return result
