import asyncio
import os
import signal

import pytest

from gojinn.process.signals import Orders, handled, unless


async def test_a_signal_calls_its_handler() -> None:
    called = asyncio.Event()
    with handled({signal.SIGUSR1: called.set}):
        os.kill(os.getpid(), signal.SIGUSR1)
        await asyncio.wait_for(called.wait(), 5)


async def test_the_handlers_of_before_are_restored() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGUSR1)
    with handled({signal.SIGINT: lambda: None, signal.SIGUSR1: lambda: None}):
        pass
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGUSR1)) == before


async def test_the_first_request_asks_and_the_second_forces() -> None:
    orders = Orders()
    orders.stop()
    assert (orders.stopping.is_set(), orders.forced.is_set()) == (True, False)
    orders.stop()
    assert orders.forced.is_set()


async def test_work_that_ends_first_gives_its_result() -> None:
    async def work() -> int:
        return 7

    assert await unless(asyncio.Event(), work()) == 7


async def test_work_that_fails_raises() -> None:
    async def work() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await unless(asyncio.Event(), work())


async def test_an_event_cancels_the_work() -> None:
    cancelled = asyncio.Event()

    async def work() -> int:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return 7

    event = asyncio.Event()
    asyncio.get_running_loop().call_soon(event.set)
    assert await unless(event, work()) is None
    assert cancelled.is_set()
