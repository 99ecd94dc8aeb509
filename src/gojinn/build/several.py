"""Work on several functions at once, as much as leaves each compiler room. Building one is `compile`'s."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

AT_ONCE = 2
"""Compilers at once: each of them uses several cores already."""

Given = TypeVar("Given")
Made = TypeVar("Made")


async def side_by_side(every: Iterable[Given], work: Callable[[Given], Awaitable[Made]]) -> list[Made]:
    """Does the work for each, AT_ONCE at a time; what came of it, in their order.

    Where one fails, the others are cancelled. Raises ExceptionGroup with what failed.
    """
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(each: Given) -> Made:
        async with gate:
            return await work(each)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(each)) for each in every]
    return [task.result() for task in tasks]
