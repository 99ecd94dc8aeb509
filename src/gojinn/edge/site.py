"""Which site answers a request, with its handlers, access logs and figures. Its routes are `router`'s."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from gojinn.config.collector import collector_paused
from gojinn.config.directive import Grammar
from gojinn.config.model import Address, Config, Site
from gojinn.config.walk import find
from gojinn.edge.access_log import AccessLog
from gojinn.edge.files.confine import Confinement
from gojinn.edge.hosts import host_test
from gojinn.edge.listeners import Served, assign
from gojinn.edge.matchers.path import pattern_test
from gojinn.edge.message import Handler, Request, Response
from gojinn.edge.router import RouteCompiler
from gojinn.edge.tls import load_certificates
from gojinn.functions.config import FunctionConfig
from gojinn.observe.log import DISCARD
from gojinn.observe.metrics import Metrics, SiteMetrics
from gojinn.observe.sink import Sinks

STATE = ".gojinn"
"""Name of the folder beside a Caddyfile that holds keys, databases and objects; never served."""

PathTest = Callable[[Request], bool]


async def unanswered(request: Request) -> Response:
    """Answers what no handler and no site did: an empty 200, as Caddy."""
    return Response(200, request.answer, implicit=True)


class ServedSite:
    """A site in service."""

    __slots__ = ("handler", "logs", "metrics", "name")

    def __init__(self, name: str, handler: Handler, logs: Sequence[AccessLog], metrics: SiteMetrics) -> None:
        self.name = name
        """Its first address, as written."""
        self.handler = handler
        self.logs = logs
        self.metrics = metrics

    def answered(self, request: Request, status: int, size: int, seconds: float) -> None:
        """Takes note of a request that is over; `size` bytes of body were sent."""
        self.metrics.add(status, size, seconds)
        for log in self.logs:
            log.add(request, status, size, seconds)


class Candidate:
    """A site under one of its addresses."""

    __slots__ = ("path", "rank", "site")

    def __init__(self, rank: int, path: PathTest | None, site: ServedSite) -> None:
        self.rank = rank
        """Position among the sites of a listener: the most specific one is asked first."""
        self.path = path
        self.site = site


class HostTable:
    """The sites of one listener by host name."""

    def __init__(self, entries: Iterable[tuple[Address, ServedSite]]) -> None:
        """Takes sites in the order in which they are to be asked, with their addresses."""
        plain: dict[str, list[Candidate]] = {}
        self._patterns: list[tuple[Callable[[str], bool], Candidate]] = []
        for rank, (address, site) in enumerate(entries):
            candidate = Candidate(rank, pattern_test(address.path) if address.path else None, site)
            if address.host == "":
                self._patterns.append((lambda host: True, candidate))
            elif "*" in address.host:
                self._patterns.append((host_test(address.host), candidate))
            else:
                plain.setdefault(address.host, []).append(candidate)
        self._named = {host: self._with_patterns(host, found) for host, found in plain.items()}

    def find(self, request: Request) -> ServedSite | None:
        """Returns the site that answers a request."""
        host = request.host
        for candidate in self._named.get(host) or self._with_patterns(host, []):
            if candidate.path is None or candidate.path(request):
                return candidate.site
        return None

    def _with_patterns(self, host: str, named: list[Candidate]) -> list[Candidate]:
        found = named + [candidate for matches, candidate in self._patterns if matches(host)]
        return sorted(found, key=lambda candidate: candidate.rank)


class SiteRouter:
    """Answers requests by one configuration: `await router(request)`.

    `resources` are entered before the first request and left after the last one.
    """

    def __init__(self, config: Config, grammar: Grammar, services: Mapping[type, Any]) -> None:
        """Builds all handlers. `services` are the process's by type: Metrics, Sinks, what directives want."""
        compiler = RouteCompiler(grammar, services)
        compiler.context.files = (*config.files, STATE)
        compiler.context.confinement = Confinement(writable(config))
        self.resources = compiler.context.resources
        self.certificates = load_certificates(config)
        with collector_paused():
            sites = {id(site): self._serve(site, compiler) for site in config.sites}
        self._tables: dict[object, HostTable] = {
            key: HostTable(rows(served, sites)) for key, served in assign(config).items()
        }

    def _serve(self, site: Site, compiler: RouteCompiler) -> ServedSite:
        """Puts a site into service."""
        name = site_name(site)
        sinks = compiler.context.service(Sinks)
        logs = [AccessLog(log, name, sinks) for log in site.logs if log.output != DISCARD]
        self.resources.extend(logs)
        metrics = compiler.context.service(Metrics).site(name)
        return ServedSite(name, compiler.compile(site.routes)(unanswered), logs, metrics)

    def __call__(self, request: Request) -> Awaitable[Response]:
        """Hands a request to its site, which is noted in it. May raise what the site's matchers raise."""
        table = self._tables.get(request.connection.listener)
        site = table.find(request) if table is not None else None
        if site is None:
            return unanswered(request)
        request.site = site
        return site.handler(request)


def writable(config: Config) -> Iterator[str]:
    """Yields the folders that functions may write to."""
    for function in find(config, FunctionConfig):
        yield from (mount.host for mount in function.mounts if not mount.read_only and not mount.name)


def rows(served: Sequence[Served], sites: Mapping[int, ServedSite]) -> list[tuple[Address, ServedSite]]:
    """Lists a listener's sites with their addresses, the most specific first."""
    ordered = sorted(served, key=lambda entry: specificity(entry.addresses))
    return [(address, sites[id(entry.site)]) for entry in ordered for address in entry.addresses]


def specificity(addresses: Sequence[Address]) -> tuple[bool, bool, int, int]:
    """Makes Caddy's sort key: full names, then wildcards, then any host; longer hosts and paths first."""
    host = max(len(address.host.replace("*", "")) for address in addresses)
    path = max(len(address.path) for address in addresses)
    if host == 0:
        return True, True, 0, 0
    wild = any(address.host == "" or "*" in address.host for address in addresses)
    return False, wild, -host, -path


def site_name(site: Site) -> str:
    """Returns a site's first address as text."""
    address = site.addresses[0]
    scheme = f"{address.scheme}://" if address.scheme else ""
    port = "" if address.port is None else f":{address.port}"
    return f"{scheme}{address.host}{port}{address.path}" or ":"
