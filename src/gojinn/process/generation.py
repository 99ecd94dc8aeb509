"""One configuration as a worker serves it, from its building to its end. The edge counts its requests."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any, Self

from gojinn.app import GRAMMAR, TRIGGERS
from gojinn.config.collector import collector_paused
from gojinn.edge.listeners import listeners
from gojinn.edge.server import Edge
from gojinn.edge.site import SiteRouter
from gojinn.edge.tenure import Tenure
from gojinn.functions.modules import Modules
from gojinn.libsql.batons import BatonKey
from gojinn.observe.log import get
from gojinn.process.release import Release
from gojinn.triggers.trigger import Consumer, TriggerContext, open_all

log = get("gojinn.generation")


class Generation:
    """A router with everything that its handlers own, and the consumers of its triggers."""

    def __init__(
        self,
        release: Release,
        router: SiteRouter,
        consumers: Sequence[Consumer],
        resources: AsyncExitStack,
    ) -> None:
        self.number = release.number
        self.config = release.config
        self.router = router
        self.consumers = consumers
        self.resources = resources
        self.consuming = AsyncExitStack()
        self.listeners = frozenset(listeners(release.config))

    @classmethod
    async def build(cls, release: Release, services: Mapping[type, Any]) -> Self:
        """Builds all handlers and enters what they own. Raises what is wrong; nothing is then left of it."""
        with collector_paused():
            everything = {**services, Modules: release.modules, BatonKey: BatonKey(release.secret)}
            router = SiteRouter(release.config, GRAMMAR, everything)
            context = TriggerContext(everything)
            consumers = open_all(TRIGGERS, release.config, context)
        async with AsyncExitStack() as stack:
            for resource in (*router.resources, *context.resources):
                await stack.enter_async_context(resource)
            return cls(release, router, consumers, stack.pop_all())

    async def consume(self) -> None:
        """Begins to run functions for the events of triggers: it is on duty now."""
        for consumer in self.consumers:
            await self.consuming.enter_async_context(consumer)

    async def drain(self) -> None:
        """Takes no more events, and returns when the functions that run for some have ended."""
        await asyncio.gather(*(consumer.drain() for consumer in self.consumers))

    async def retire(self, edge: Edge, tenure: Tenure) -> None:
        """Closes it when its last request and its last job are over; cancelled, it cuts the jobs short.

        Requests are cut short after the grace period, jobs have their own timeouts. Connections that were
        upgraded keep it for as long as they last.
        """
        try:
            await asyncio.gather(self.finish_requests(edge, tenure), self.drain())
        finally:
            await self.close()

    async def finish_requests(self, edge: Edge, tenure: Tenure) -> None:
        """Returns when no request is left, for which it cuts them short after the grace period."""
        try:
            async with asyncio.timeout(self.config.options.grace_period):
                await tenure.idle()
        except TimeoutError:
            requests = edge.cut(tenure)
            if requests:
                log.warning("requests cut short by a reload", generation=self.number, requests=requests)
            await tenure.idle()

    async def close(self) -> None:
        """Leaves what its handlers own. No request may be in it any more; jobs are cut short."""
        await self.consuming.aclose()
        await self.resources.aclose()
