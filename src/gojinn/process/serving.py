"""What a worker holds for as long as it lives, and the generation on duty. Commands come from `worker`."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

from gojinn.app import common, services
from gojinn.edge.listeners import ListenerKey
from gojinn.edge.server import Edge
from gojinn.edge.share import Share
from gojinn.edge.tenure import Tenure
from gojinn.engine.driver import Engine
from gojinn.errors import BugError
from gojinn.fabric.connection import Fabric
from gojinn.fabric.node import Node
from gojinn.fabric.watermarks import Watermarks
from gojinn.functions.registry import FunctionRegistry
from gojinn.observe.log import get
from gojinn.observe.metrics import Metrics
from gojinn.process.folders import cache_folder
from gojinn.process.generation import Generation
from gojinn.process.journal import set_up_log
from gojinn.process.release import Release
from gojinn.triggers.queue.slots import Seat

log = get("gojinn.worker")


class Serving:
    """The edge, the services and the generation on duty. To be made inside the event loop that it runs on."""

    def __init__(self, share: Share, watermarks: Watermarks) -> None:
        self.edge = Edge(share=share)
        self.stack = AsyncExitStack()
        self.services: Mapping[type, Any] = {
            **common(Seat(share.number, share.processes)),
            Watermarks: watermarks,
        }
        """Those for functions are opened with the first release that has some."""
        self.current: Generation | None = None
        self.prepared: Generation | None = None
        self.listening: frozenset[ListenerKey] = frozenset()
        self.adopted: dict[ListenerKey, socket.socket] = {}
        """Listening sockets for the next generation."""
        self.retiring: set[asyncio.Task[None]] = set()

    def adopt(self, key: ListenerKey, sock: socket.socket) -> None:
        """Takes a listening socket that the next generation needs."""
        self.adopted[key] = sock

    async def prepare(self, release: Release) -> None:
        """Builds a generation beside the one on duty. Raises what is wrong; that one is not touched."""
        options = release.config.options
        if release.node is not None and Node not in self.services:
            opened = services(options, cache_folder(options), release.node, self.services)
            self.services = await self.stack.enter_async_context(opened)
        self.prepared = await Generation.build(release, self.services)

    async def commit(self) -> None:
        """Puts the prepared generation on duty; the one before has its grace period to finish requests."""
        generation, self.prepared = self.prepared, None
        if generation is None:
            raise BugError("there is no prepared generation to commit")
        former, self.current = self.current, generation
        set_up_log(generation.config.options, worker=os.getpid())
        ended = self.edge.swap(generation.router, generation.config)
        await self.listen(generation.listeners)
        await generation.consume()
        if former is not None:
            task = asyncio.create_task(self.retire(former, ended))
            self.retiring.add(task)
            task.add_done_callback(self.retiring.discard)

    async def retire(self, former: Generation, ended: Tenure) -> None:
        """Lets a generation go. What goes wrong with that must not touch the one on duty."""
        try:
            await former.retire(self.edge, ended)
        except Exception as error:
            log.error("generation did not close", generation=former.number, exc_info=error)

    async def listen(self, wanted: frozenset[ListenerKey]) -> None:
        """Accepts on the wanted listeners and on no others."""
        for key in wanted - self.listening:
            await self.edge.listen(key, self.adopted.pop(key))
        await asyncio.gather(*(self.edge.close_listener(key) for key in self.listening - wanted))
        self.listening = wanted
        self.drop_adopted()

    async def abort(self) -> None:
        """Forgets the prepared generation, if there is one."""
        generation, self.prepared = self.prepared, None
        self.drop_adopted()
        if generation is not None:
            await generation.close()

    def drop_adopted(self) -> None:
        """Closes the sockets that no generation uses."""
        for sock in self.adopted.values():
            sock.close()
        self.adopted.clear()

    async def stop(self, grace: float) -> None:
        """Finishes what is in flight within `grace` seconds and closes everything."""
        await asyncio.gather(self.edge.drain(grace), self.finish_jobs(grace))
        await asyncio.gather(*self.retiring, return_exceptions=True)
        await self.abort()
        if self.current is not None:
            await self.current.close()
        await self.stack.aclose()

    async def finish_jobs(self, grace: float) -> None:
        """Waits until all generations are through with their jobs, which are cut short after `grace`."""
        ending = set(self.retiring)
        if self.current is not None:
            ending.add(asyncio.create_task(self.current.drain()))
        if ending:
            _, late = await asyncio.wait(ending, timeout=grace)
            for task in late:
                task.cancel()
            if late:
                log.warning("jobs cut short by a stop", generations=len(late))
                await asyncio.wait(late)

    def measure(self) -> dict[str, Any]:
        """Reports what this worker is doing and has done."""
        sites = self.services[Metrics].report()["sites"]
        figures = {
            "requests": sum(site["requests"] for site in sites.values()),
            "connections": len(self.edge.connections),
            "requests_active": self.edge.tenure.active,
            "sites": sites,
        }
        return figures | self.measure_functions() if Engine in self.services else figures

    def measure_functions(self) -> dict[str, Any]:
        """Reports what the functions of this worker are doing and have done."""
        engine, fabric = self.services[Engine].stats(), self.services[Fabric]
        return {
            "sandboxes": {
                "live": engine.live,
                "parked": engine.parked,
                "waiting": engine.waiting,
                "slots": engine.slots,
            },
            "invocations": engine.invocations,
            "functions": self.services[FunctionRegistry].report()["functions"],
            "capabilities": self.services[FunctionRegistry].host.report(),
            "nats": {
                "connected": fabric.connected,
                "reconnects": fabric.reconnects,
                "under_way": fabric.exchange.window.used,
                "operations": dict(fabric.operations),
            },
        }
