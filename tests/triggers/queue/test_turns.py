"""Tests of whose turn it is. Deliveries are real; nothing is sent."""

from __future__ import annotations

from collections import Counter
from itertools import count
from pathlib import Path

from gojinn.fabric.connection import Fabric
from gojinn.fabric.jobs.lanes import Lane
from gojinn.fabric.jobs.pull import Delivery
from gojinn.fabric.node import Access, Node
from gojinn.triggers.queue.turns import Turns

NUMBERS = count(1)


def delivery(fabric: Fabric, tenant: str, queue: str = "q", priority: str = "normal") -> Delivery:
    return Delivery(fabric, Lane(tenant, queue, priority), "", b"", {}, "", next(NUMBERS), 1)


async def unconnected(tmp_path: Path) -> Fabric:
    return Fabric(Node("n", tmp_path, Access(())))


async def test_tenants_take_turns_however_many_jobs_they_have(tmp_path: Path) -> None:
    fabric, turns = await unconnected(tmp_path), Turns()
    for _ in range(1000):
        turns.add(delivery(fabric, "many"))
    for tenant in ("a", "b"):
        turns.add(delivery(fabric, tenant))
    order = [turns.next(lambda queue: True) for _ in range(4)]
    assert [each.lane.tenant for each in order if each] == ["many", "a", "b", "many"]
    assert len(turns) == 998


async def test_queues_of_a_tenant_take_turns(tmp_path: Path) -> None:
    fabric, turns = await unconnected(tmp_path), Turns()
    for queue in ["long"] * 5 + ["short"]:
        turns.add(delivery(fabric, "t", queue))
    order = [turns.next(lambda queue: True) for _ in range(3)]
    assert [each.lane.queue for each in order if each] == ["long", "short", "long"]


async def test_priorities_share_by_weight(tmp_path: Path) -> None:
    fabric, turns = await unconnected(tmp_path), Turns()
    for priority in ("low", "normal", "high"):
        for _ in range(100):
            turns.add(delivery(fabric, "t", priority=priority))
    order = [turns.next(lambda queue: True) for _ in range(21)]
    assert order[0] is not None
    assert order[0].lane.priority == "high"
    assert Counter(each.lane.priority for each in order if each) == {"high": 16, "normal": 4, "low": 1}


async def test_a_queue_that_may_not_run_is_passed_over(tmp_path: Path) -> None:
    fabric, turns = await unconnected(tmp_path), Turns()
    turns.add(delivery(fabric, "t", "full"))
    turns.add(delivery(fabric, "t", "free"))
    chosen = turns.next(lambda queue: queue == "free")
    assert chosen is not None
    assert chosen.lane.queue == "free"
    assert turns.next(lambda queue: queue == "free") is None
    assert len(turns) == 1


async def test_a_job_can_be_taken_out(tmp_path: Path) -> None:
    fabric, turns = await unconnected(tmp_path), Turns()
    one, other = delivery(fabric, "t"), delivery(fabric, "t")
    turns.add(one)
    turns.add(other)
    assert turns.remove(one)
    assert not turns.remove(one)
    assert list(turns) == [other]
    assert turns.remove(other)
    assert (len(turns), turns.tenants, turns.counts) == (0, {}, {})
    assert turns.next(lambda queue: True) is None
