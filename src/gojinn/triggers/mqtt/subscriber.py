"""Makes jobs of the messages of one broker, in one process of the cluster at a time.

Each worker wants to be the one; a lease says who is. When the one ends, another takes over and the broker
gives it what nobody has acknowledged.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from paho.mqtt.client import topic_matches_sub

from gojinn.errors import Conflict, GojinnError
from gojinn.fabric.jobs.job import Job, new_id
from gojinn.fabric.jobs.store import Jobs
from gojinn.fabric.leases import Lease, Leases
from gojinn.observe.log import get
from gojinn.triggers.mqtt.client import Message, MqttClient
from gojinn.triggers.mqtt.config import WORD, MqttConfig, Subscription

PLATFORM = ""
"""The tenant of the platform's own leases; no tenant of a user has this name."""
TERM = 10.0
"""Seconds after which another worker takes over from one that has ended without a word."""
CANDIDATE = 2.0
"""Seconds between two attempts to become the one."""
RENEWALS = 4
"""Times that a lease is renewed while it lasts."""
TOPIC, QOS, RETAINED, RESPONSE = "Mqtt-Topic", "Mqtt-Qos", "Mqtt-Retained", "Mqtt-Response-Topic"

log = get("gojinn.mqtt")


class Subscriber:
    """The subscriptions to one broker."""

    def __init__(self, config: MqttConfig, jobs: Jobs, leases: Leases) -> None:
        self.config = config
        self.jobs = jobs
        self.leases = leases
        self.name = f"{WORD}:{config.broker}:{config.id}"
        self.task: asyncio.Task[None] | None = None
        self.client: MqttClient | None = None
        """While this process is the one."""

    async def __aenter__(self) -> Self:
        self.task = asyncio.create_task(self.work())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.drain()

    async def drain(self) -> None:
        """Disconnects, and leaves the broker to another."""
        task, self.task = self.task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def work(self) -> None:
        """Becomes the one, again and again."""
        while True:
            try:
                lease = await self.leases.acquire(PLATFORM, self.name, TERM)
            except Conflict:
                await asyncio.sleep(CANDIDATE)
                continue
            except GojinnError as error:
                log.warning("cannot tell who is to subscribe", broker=self.config.broker, error=str(error))
                await asyncio.sleep(CANDIDATE)
                continue
            try:
                await self.serve(lease)
            except (OSError, ValueError) as error:
                log.error("cannot connect to the broker", broker=self.config.broker, error=str(error))
                await asyncio.sleep(CANDIDATE)
            finally:
                with suppress(GojinnError):
                    await self.leases.release(PLATFORM, self.name, lease.owner)

    async def serve(self, lease: Lease) -> None:
        """Is connected for as long as the lease can be renewed."""
        topics = {each.topic: each.qos for each in self.config.subscriptions}
        async with MqttClient(self.config, list(topics.items()), self.take) as self.client:
            try:
                await self.renew(lease)
            finally:
                self.client = None

    async def renew(self, lease: Lease) -> None:
        """Renews a lease until it is lost."""
        until = time.monotonic() + TERM
        while True:
            await asyncio.sleep(TERM / RENEWALS)
            try:
                asked = time.monotonic()
                await self.leases.renew(PLATFORM, self.name, lease.owner, TERM)
                until = asked + TERM
            except Conflict:
                log.warning("another worker subscribes now", broker=self.config.broker)
                return
            except GojinnError:
                if time.monotonic() > until:
                    return

    async def take(self, message: Message) -> None:
        """Makes a job of a message for each subscription that it matches. Raises what `publish` does."""
        wanted = [s for s in self.config.subscriptions if topic_matches_sub(s.topic, message.topic)]
        await asyncio.gather(*(self.jobs.publish(job) for job in jobs_of(message, wanted)))


def jobs_of(message: Message, subscriptions: Sequence[Subscription]) -> list[Job]:
    """Makes the jobs of a message."""
    headers = {TOPIC: [message.topic], QOS: [str(message.qos)]}
    if message.retained:
        headers[RETAINED] = ["true"]
    if message.content_type:
        headers["Content-Type"] = [message.content_type]
    if message.response_topic:
        headers[RESPONSE] = [message.response_topic]
    for name, value in message.properties:
        headers.setdefault(f"Mqtt-Property-{name.title()}", []).append(value)
    return [
        Job(
            id=new_id(),
            queue=each.queue.name,
            created=time.time(),
            tenant=each.tenant,
            priority=each.queue.policy.priority,
            body=message.payload,
            method=WORD.upper(),
            uri=f"/{message.topic}",
            headers=headers,
            trigger=WORD,
        )
        for each in subscriptions
    ]
