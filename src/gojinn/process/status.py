"""How everything is: the figures of all workers put together. Who may see them is `admin`'s."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterable

from gojinn import __version__
from gojinn.config.walk import find
from gojinn.functions.config import FunctionConfig
from gojinn.observe.prometheus import render
from gojinn.process.addresses import site_urls
from gojinn.process.admin import Admin
from gojinn.process.child import Child, WorkerGone
from gojinn.process.merging import Figures, together, with_times
from gojinn.process.metrics import families
from gojinn.process.node import NodeKeeper
from gojinn.process.pool import Pool
from gojinn.process.reload import Reloader
from gojinn.process.stores import stores
from gojinn.process.usage import usage


class Status:
    """Collects the answer to `GET /_sys/status`."""

    def __init__(self, reloader: Reloader, pool: Pool, admin: Admin, keeper: NodeKeeper) -> None:
        self.reloader = reloader
        self.pool = pool
        self.admin = admin
        self.keeper = keeper
        self.started = time.time()

    async def collect(self) -> Figures:
        """Asks all workers. One that does not answer in time has only what the system knows of it."""
        children, reports, nats = await self.ask()
        release = self.reloader.release
        return {
            "version": __version__,
            "pid": os.getpid(),
            "uptime": round(time.time() - self.started, 3),
            "config": str(self.reloader.loader.path.absolute()),
            "generation": release.number,
            "admin": self.admin.url,
            "usage": shown_usage(os.getpid()),
            "workers": [worker(child, report) for child, report in zip(children, reports, strict=True)],
            "sites": self.sites(reports),
            "functions": with_times(together(report.get("functions", {}) for report in reports)),
            "stores": self.stores(reports),
            "outgoing": together(report.get("capabilities", {}).get("http", {}) for report in reports),
            **self.node(reports, nats),
        }

    async def ask(self) -> tuple[list[Child], list[Figures], Figures]:
        """Asks all workers and NATS, all at once."""
        children = list(self.pool.children)
        asked = (measured(child) for child in children)
        nats, *reports = await asyncio.gather(self.keeper.figures(), *asked)
        return children, reports, nats

    async def load(self) -> Figures:
        """Tells in short what the workers do."""
        reports = await asyncio.gather(*map(measured, list(self.pool.children)))
        used = [found for child in self.pool.children if (found := usage(child.pid)) is not None]
        functions = sorted({each.name for each in find(self.reloader.release.config, FunctionConfig)})
        return {
            "workers": len(reports),
            "functions": functions,
            "requests": sum(report.get("requests", 0) for report in reports),
            "requests_active": sum(report.get("requests_active", 0) for report in reports),
            "connections": sum(report.get("connections", 0) for report in reports),
            "rss": sum(found.rss for found in used),
            "cpu": round(sum(found.cpu for found in used), 2),
            "load": round(os.getloadavg()[0], 2),
        }

    async def metrics(self) -> str:
        """Writes all figures in Prometheus' text format."""
        children, reports, nats = await self.ask()
        return render(families(reports, nats, [usage(child.pid) for child in children]))

    def node(self, reports: Iterable[Figures], nats: Figures) -> Figures:
        """Tells of the node and its NATS; nothing while there is none."""
        node = self.keeper.node
        if node is None:
            return {}
        own = {"id": node.id, "name": node.name, "data": str(node.data), "warnings": self.keeper.warnings}
        operations = together(report.get("nats", {}).get("operations", {}) for report in reports)
        server = self.keeper.server
        used = {} if server is None else shown_usage(server.pid)
        return {"node": own, "nats": {**nats, **used, "operations": operations}}

    def stores(self, reports: Iterable[Figures]) -> list[Figures]:
        """Lists where functions keep data."""
        node = self.keeper.node
        figures = together(report.get("capabilities", {}) for report in reports)
        return stores(self.reloader.release.config, None if node is None else node.data, figures)

    def sites(self, reports: Iterable[Figures]) -> list[Figures]:
        """Lists the sites with where they answer and how often they did."""
        figures = with_times(together(report.get("sites", {}) for report in reports))
        release = self.reloader.release
        return [
            {"site": name, "urls": urls, **figures.get(name, {})}
            for name, urls in site_urls(release.config, self.pool.sockets).items()
        ]


async def measured(child: Child) -> Figures:
    """Asks one worker."""
    try:
        return await child.measure()
    except WorkerGone:
        return {}


def worker(child: Child, report: Figures) -> Figures:
    """Makes the entry of one worker."""
    own = {key: value for key, value in report.items() if key not in ("sites", "functions", "capabilities")}
    seen = {"pid": child.pid, "uptime": round(child.uptime, 3), "generation": child.generation}
    return {**seen, **shown_usage(child.pid), **own}


def shown_usage(pid: int) -> Figures:
    """Shows what the system knows of a process."""
    found = usage(pid)
    return {} if found is None else {"rss": found.rss, "cpu": round(found.cpu, 2)}
