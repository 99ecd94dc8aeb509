"""One configuration as a worker serves it, from its building to its end. The edge counts its requests."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any, Self

from gojinn.app import GRAMMAR
from gojinn.config.collector import collector_paused
from gojinn.edge.listeners import listeners
from gojinn.edge.server import Edge
from gojinn.edge.site import SiteRouter
from gojinn.edge.tenure import Tenure
from gojinn.functions.modules import Modules
from gojinn.observe.log import get
from gojinn.process.release import Release

log = get("gojinn.generation")


class Generation:
    """A router with everything that its handlers own."""

    def __init__(self, release: Release, router: SiteRouter, resources: AsyncExitStack) -> None:
        self.number = release.number
        self.config = release.config
        self.router = router
        self.resources = resources
        self.listeners = frozenset(listeners(release.config))

    @classmethod
    async def build(cls, release: Release, services: Mapping[type, Any]) -> Self:
        """Builds all handlers and enters what they own. Raises what is wrong; nothing is then left of it."""
        with collector_paused():
            router = SiteRouter(release.config, GRAMMAR, {**services, Modules: release.modules})
        async with AsyncExitStack() as stack:
            for resource in router.resources:
                await stack.enter_async_context(resource)
            return cls(release, router, stack.pop_all())

    async def retire(self, edge: Edge, tenure: Tenure) -> None:
        """Closes it when its last request is over; after the grace period the requests are cut short.

        Connections that were upgraded keep it for as long as they last.
        """
        try:
            async with asyncio.timeout(self.config.options.grace_period):
                await tenure.idle()
        except TimeoutError:
            requests = edge.cut(tenure)
            if requests:
                log.warning("requests cut short by a reload", generation=self.number, requests=requests)
            await tenure.idle()
        await self.close()

    async def close(self) -> None:
        """Leaves what its handlers own. No request may be in it any more."""
        await self.resources.aclose()
