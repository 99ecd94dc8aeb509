"""Whose turn it is: tenants one after the other, their queues one after the other, priorities by weight.

A tenant with a hundred thousand jobs has one turn, as one with a single job has; and of three jobs that wait,
one of each priority, the highest goes first, but of many the lower ones have their share.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from gojinn.fabric.jobs.lanes import Lane
from gojinn.fabric.jobs.pull import Delivery

WEIGHTS = {"high": 16, "normal": 4, "low": 1}
"""Turns of each priority among 21 while all have jobs."""


class QueueTurns:
    """The jobs of one tenant's queue that wait here."""

    __slots__ = ("credits", "waiting")

    def __init__(self) -> None:
        self.waiting: dict[str, deque[Delivery]] = {}
        """By priority; none of them empty."""
        self.credits: dict[str, int] = {}

    def add(self, delivery: Delivery) -> None:
        """Has a job wait."""
        self.waiting.setdefault(delivery.lane.priority, deque()).append(delivery)

    def take(self) -> Delivery:
        """Takes the job whose turn it is (smooth weighted round robin)."""
        total = 0
        for priority in self.waiting:
            weight = WEIGHTS.get(priority, 1)
            total += weight
            self.credits[priority] = self.credits.get(priority, 0) + weight
        chosen = max(self.waiting, key=lambda priority: self.credits[priority])
        self.credits[chosen] -= total
        jobs = self.waiting[chosen]
        delivery = jobs.popleft()
        if not jobs:
            del self.waiting[chosen], self.credits[chosen]
        return delivery


class Turns:
    """All jobs that wait in this worker."""

    def __init__(self) -> None:
        self.tenants: dict[str, dict[str, QueueTurns]] = {}
        """By tenant and queue; whose turn it was last stands last."""
        self.counts: dict[Lane, int] = {}

    def add(self, delivery: Delivery) -> None:
        """Has a job wait."""
        lane = delivery.lane
        self.tenants.setdefault(lane.tenant, {}).setdefault(lane.queue, QueueTurns()).add(delivery)
        self.counts[lane] = self.counts.get(lane, 0) + 1

    def next(self, may_run: Callable[[str], bool]) -> Delivery | None:
        """Takes the job whose turn it is among those of queues that may run one; None when there is none."""
        for tenant, queues in self.tenants.items():
            for queue in queues:
                if may_run(queue):
                    return self.take(tenant, queue)
        return None

    def take(self, tenant: str, queue: str) -> Delivery:
        """Takes a job of a queue, which with its tenant then is the last to have a turn again."""
        queues = self.tenants.pop(tenant)
        turns = queues.pop(queue)
        delivery = turns.take()
        if turns.waiting:
            queues[queue] = turns
        if queues:
            self.tenants[tenant] = queues
        self.count_down(delivery.lane)
        return delivery

    def remove(self, delivery: Delivery) -> bool:
        """Takes a certain job out; returns whether it was there."""
        lane = delivery.lane
        queues = self.tenants.get(lane.tenant, {})
        jobs = queues[lane.queue].waiting.get(lane.priority) if lane.queue in queues else None
        if not jobs or delivery not in jobs:
            return False
        jobs.remove(delivery)
        if not jobs:
            del queues[lane.queue].waiting[lane.priority]
            if not queues[lane.queue].waiting:
                del queues[lane.queue]
            if not queues:
                del self.tenants[lane.tenant]
        self.count_down(lane)
        return True

    def count_down(self, lane: Lane) -> None:
        """Counts a job that does not wait any more."""
        self.counts[lane] -= 1
        if not self.counts[lane]:
            del self.counts[lane]

    def clear(self) -> list[Delivery]:
        """Takes all jobs out."""
        found = list(self)
        self.tenants.clear()
        self.counts.clear()
        return found

    def __iter__(self) -> Iterator[Delivery]:
        for queues in self.tenants.values():
            for turns in queues.values():
                for jobs in turns.waiting.values():
                    yield from jobs

    def __len__(self) -> int:
        return sum(self.counts.values())
