"""Tests of how limits are shared between workers, and of rates."""

from __future__ import annotations

import pytest

from gojinn.triggers.queue.slots import MOST_RUNNING, Rate, Seat, Slots


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("workers", [1, 2, 3, 8])
def test_the_shares_of_all_workers_make_up_the_limit(limit: int, workers: int) -> None:
    shares = [Seat(number, workers).share(limit) for number in range(workers)]
    assert sum(shares) == limit
    assert max(shares) - min(shares) <= 1


def test_jobs_take_slots_and_give_them_back() -> None:
    told: list[int] = []
    slots = Slots(Seat(0, 2))
    slots.listeners.append(lambda: told.append(slots.free("q", 5)))
    for _ in range(3):
        slots.enter("q")
    assert slots.free("q", 5) == 0
    assert slots.free("other", 5) == 3
    slots.leave("q")
    assert told == [1]


def test_a_worker_runs_only_so_many_whatever_its_queues_allow() -> None:
    slots = Slots()
    for number in range(MOST_RUNNING):
        slots.enter(str(number))
    assert slots.free("q", 10_000) == 0


def test_a_rate_lets_one_start_at_once_and_the_others_in_turn() -> None:
    rate, now, started = Rate(4.0, 0.0), 0.0, []
    while len(started) < 5:
        wait = rate.wait(now)
        if wait == 0:
            rate.take()
            started.append(now)
        now += wait
    assert started == [0.0, 0.25, 0.5, 0.75, 1.0]


def test_what_was_not_used_is_made_up_for_only_a_little() -> None:
    rate = Rate(100.0, 0.0)
    burst = 0
    while rate.wait(3600.0) == 0:
        rate.take()
        burst += 1
    assert burst == 10
