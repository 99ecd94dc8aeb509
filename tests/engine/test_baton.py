"""The baton of preempted guests."""

import asyncio
import itertools

from gojinn.engine.baton import Baton


async def test_one_waiter_runs_in_each_round_of_the_loop() -> None:
    baton = Baton()
    ran: list[int] = []

    async def wait(number: int) -> None:
        await baton.turn()
        ran.append(number)

    waiters = [asyncio.ensure_future(wait(number)) for number in range(5)]
    progress = []
    while not all(waiter.done() for waiter in waiters):
        await asyncio.sleep(0)
        progress.append(len(ran))
    assert ran == [0, 1, 2, 3, 4]
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(progress))


async def test_what_became_ready_meanwhile_runs_before_the_next_waiter() -> None:
    baton = Baton()
    loop = asyncio.get_running_loop()
    ran: list[str] = []

    async def hog() -> None:
        for number in range(2):
            await baton.turn()
            ran.append(f"slice {number}")
            loop.call_soon(accept, number)

    def accept(number: int) -> None:
        loop.call_soon(lambda: asyncio.ensure_future(serve(number)))

    async def serve(number: int) -> None:
        ran.append(f"request {number}")

    await asyncio.gather(hog(), hog())
    assert ran == ["slice 0", "request 0", "slice 0", "request 0", "slice 1", "request 1", "slice 1"]


async def test_returning_waiters_take_turns() -> None:
    baton = Baton()
    ran: list[str] = []

    async def hog(name: str) -> None:
        for _ in range(3):
            await baton.turn()
            ran.append(name)

    await asyncio.gather(hog("a"), hog("b"))
    assert "".join(ran) == "ababab"


async def test_cancelled_waiter_is_passed_over() -> None:
    baton = Baton()
    first = asyncio.ensure_future(baton.turn())
    second = asyncio.ensure_future(baton.turn())
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait_for(second, 5)
    assert first.cancelled()


async def test_baton_rests_when_nobody_waits() -> None:
    baton = Baton()
    await baton.turn()
    await asyncio.sleep(0)
    assert not baton.passing
    await asyncio.wait_for(baton.turn(), 5)


async def test_only_waiter_cancelled_leaves_the_baton_usable() -> None:
    baton = Baton()
    waiter = asyncio.ensure_future(baton.turn())
    await asyncio.sleep(0)
    waiter.cancel()
    await asyncio.gather(waiter, return_exceptions=True)
    await asyncio.wait_for(baton.turn(), 5)
