"""What a consumer answers to those who ask for jobs or call one off. Asking is `fabric.jobs.workers`'."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec
from nats.aio.msg import Msg

from gojinn.fabric.jobs import workers
from gojinn.fabric.jobs.pull import Delivery
from gojinn.fabric.jobs.workers import Held
from gojinn.triggers.queue.attempt import Attempt

if TYPE_CHECKING:
    from gojinn.triggers.queue.consumer import QueueConsumer


class Answers:
    """Answers for one consumer."""

    def __init__(self, consumer: QueueConsumer) -> None:
        self.consumer = consumer

    async def tell(self, message: Msg) -> None:
        """Answers which jobs are here, when some of those that are asked for are."""
        found = [
            Held(a.spot.tenant, a.spot.queue, a.spot.id, a.number, a.started, runs, self.consumer.address)
            for a, runs in self.meant(message)
        ]
        if found:
            await self.consumer.fabric.send(message.reply, workers.write_json(found))

    async def cancel(self, message: Msg) -> None:
        """Ends the job that is meant, and answers once that is stored. Others are heard meanwhile."""
        self.consumer.start(self.end(message.reply, self.meant(message)))

    async def end(self, reply: str, meant: list[tuple[Attempt, bool]]) -> None:
        """Ends attempts, also those that have not begun, and answers whether there were any."""
        ended = False
        for attempt, _ in meant:
            attempt.cancelled = True
            running = self.consumer.attempts.get(attempt.delivery.key)
            if running is not None:
                running[0].cancelled = True
                running[1].cancel()
                await asyncio.wait({running[1]})
                if running[1].cancelled():  # before it came to its function
                    await running[0].call_off()
                ended = True
            elif self.drop(attempt.delivery):
                await attempt.call_off()
                ended = True
        await self.consumer.fabric.send(reply, workers.write_json(ended))

    def drop(self, delivery: Delivery) -> bool:
        """Takes a job out that waits here; returns whether it did."""
        timer = self.consumer.parked.pop(delivery, None)
        if timer is not None:
            timer.cancel()
        elif not self.consumer.turns.remove(delivery):
            return False
        self.consumer.held -= len(delivery.data)
        self.consumer.refill(delivery.lane)
        return True

    def meant(self, message: Msg) -> list[tuple[Attempt, bool]]:
        """Finds the jobs here that a question is about, with whether they run; none when it cannot be
        read."""
        try:
            question = workers.read_question(message.data)
        except msgspec.MsgspecError:
            return []
        here = [(attempt, True) for attempt, _ in self.consumer.attempts.values()]
        here += [
            (self.consumer.attempt(delivery), False)
            for delivery in (*self.consumer.turns, *self.consumer.parked)
        ]
        return [
            (attempt, runs)
            for attempt, runs in here
            if question.tenant in ("", attempt.spot.tenant) and question.id in ("", attempt.spot.id)
        ]
