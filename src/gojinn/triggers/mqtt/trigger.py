"""The trigger `mqtt`: what a generation runs for the subscriptions of its configuration."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from gojinn.config.model import Config
from gojinn.config.node import filled
from gojinn.fabric.connection import Fabric
from gojinn.fabric.jobs.store import Jobs
from gojinn.fabric.leases import Leases
from gojinn.functions.runner import Runner
from gojinn.triggers.mqtt.config import DIRECTIVE, WORD, MqttConfig, check, connections
from gojinn.triggers.trigger import Consumer, Trigger, TriggerContext

if TYPE_CHECKING:
    from gojinn.triggers.mqtt.subscriber import Subscriber


class Subscribers:
    """The subscriptions to all brokers."""

    def __init__(self, subscribers: Sequence[Subscriber]) -> None:
        self.subscribers = subscribers

    async def __aenter__(self) -> Self:
        for each in self.subscribers:
            await each.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.drain()

    async def drain(self) -> None:
        """Disconnects from all of them."""
        await asyncio.gather(*(each.drain() for each in self.subscribers))


def open_subscribers(config: Config, context: TriggerContext) -> Consumer | None:
    """Makes what subscribes; without any subscription paho is not even imported. Raises ConfigError."""
    wanted = list(connections(config))
    if not wanted:
        return None
    from gojinn.triggers.mqtt.subscriber import Subscriber

    environ = context.service(Runner).registry.environ
    jobs, leases = context.service(Jobs), Leases(context.service(Fabric))
    resolved: list[MqttConfig] = [
        dataclasses.replace(filled(each, environ), subscriptions=each.subscriptions) for each in wanted
    ]
    return Subscribers([Subscriber(each, jobs, leases) for each in resolved])


TRIGGER = Trigger(WORD, open_subscribers, DIRECTIVE, check, needs=(Fabric, Jobs))
