"""Tests of storing many messages together: what is acknowledged is there, once, whatever stands beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from gojinn.errors import Conflict, LimitExceeded, Unavailable
from gojinn.fabric.connection import Fabric
from gojinn.fabric.groups import MOST_WAITING, Groups
from gojinn.fabric.records import EXPECTED
from gojinn.fabric.streams import Stream, ensure
from gojinn.testing import fabric as kit

pytestmark = pytest.mark.slow


@pytest.fixture
async def groups(fabric: Fabric) -> Groups:
    await ensure(fabric, Stream("s", ("s.>",), {"allow_atomic": True}))
    return Groups(fabric)


async def stored(fabric: Fabric) -> int:
    state = (await fabric.api("STREAM.INFO.s"))["state"]
    return int(state["messages"])


async def test_many_messages_at_once_are_stored_once_each(fabric: Fabric, groups: Groups) -> None:
    acks = await asyncio.gather(*(groups.publish(f"s.{number}", b"x" * 256) for number in range(3000)))
    assert await stored(fabric) == 3000
    assert {ack.stream for ack in acks} == {"s"}
    assert any(ack.count > 100 for ack in acks)


async def test_a_message_alone_is_sent_at_once(groups: Groups) -> None:
    first, second = await groups.publish("s.a"), await groups.publish("s.b")
    assert (first.seq, second.seq) == (1, 2)
    assert first.count == 0


async def test_an_id_that_is_known_already_is_a_duplicate_and_harms_no_other(
    fabric: Fabric, groups: Groups
) -> None:
    await groups.publish("s.known", id="known")
    ids = [f"new {number}" for number in range(50)] + ["known", "twice", "twice"]
    acks = await asyncio.gather(*(groups.publish("s.a", id=id) for id in ids))
    assert [ack.duplicate for ack in acks].count(True) == 2
    assert await stored(fabric) == 52


async def test_a_message_that_is_refused_harms_no_other(fabric: Fabric, groups: Groups) -> None:
    await groups.publish("s.there")
    expecting = [
        groups.publish("s.there", headers={EXPECTED: "0"}),
        groups.publish("s.huge", b"x" * (9 << 20)),
    ]
    others = [groups.publish(f"s.{number}") for number in range(50)]
    outcomes = await asyncio.gather(*expecting, *others, return_exceptions=True)
    assert isinstance(outcomes[0], Conflict)
    assert isinstance(outcomes[1], LimitExceeded)
    assert not [each for each in outcomes[2:] if isinstance(each, BaseException)]
    assert await stored(fabric) == 51


async def test_what_waits_is_bounded(groups: Groups) -> None:
    size = 4 << 20
    sent = [asyncio.create_task(groups.publish("s.a", b"x" * size)) for _ in range(MOST_WAITING // size + 3)]
    outcomes = await asyncio.gather(*sent, return_exceptions=True)
    refused = [each for each in outcomes if isinstance(each, Unavailable)]
    assert refused
    assert len(outcomes) - len(refused) >= MOST_WAITING // size


async def test_a_caller_who_gives_up_leaves_the_others_alone(fabric: Fabric, groups: Groups) -> None:
    tasks = [asyncio.create_task(groups.publish(f"s.{number}")) for number in range(100)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert not [each for each in outcomes[1::2] if isinstance(each, BaseException)]
    await groups.publish("s.after")
    assert await stored(fabric) >= 51


@pytest.fixture
async def restarted() -> AsyncIterator[tuple[Fabric, Groups, kit.Server]]:
    async with kit.node() as (node, server), Fabric(node, "test") as fabric:
        await ensure(fabric, Stream("s", ("s.>",), {"allow_atomic": True}))
        yield fabric, Groups(fabric), server


async def test_a_server_that_is_killed_meanwhile_loses_and_doubles_nothing(
    restarted: tuple[Fabric, Groups, kit.Server],
) -> None:
    fabric, groups, server = restarted
    outcomes: list[object] = []

    async def send(number: int) -> None:
        for turn in range(40):
            try:
                await groups.publish(f"s.{number}.{turn}", b"x" * 256, timeout=20.0)
                outcomes.append(True)
            except Unavailable as error:
                outcomes.append(error)

    sending = asyncio.gather(*(send(number) for number in range(50)))
    for _ in range(3):
        count = len(outcomes)
        async with asyncio.timeout(20):
            while len(outcomes) < count + 100:  # noqa: ASYNC110  (a poll with a deadline)
                await asyncio.sleep(0.001)
        server.process.kill()
    await sending
    assert outcomes == [True] * 2000
    assert await stored(fabric) == 2000
