"""The connections that a worker has to other servers, and the one way through which all requests go."""

from __future__ import annotations

import asyncio
import importlib
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from gojinn import __version__
from gojinn.capabilities.capability import Caller
from gojinn.capabilities.http.addresses import Network
from gojinn.capabilities.http.config import HttpConfig
from gojinn.capabilities.http.failure import Failure, NotPublic, Refused
from gojinn.capabilities.http.requests import Fields
from gojinn.capabilities.http.rules import Policy, line_for, parse_rule
from gojinn.capabilities.http.urls import Url

if TYPE_CHECKING:
    from types import ModuleType

    from aiohttp import ClientResponse

    from gojinn.capabilities.http.client import Client, Lookup

WORD = "http"
ACTION = "fetch"
MOST_POLICIES = 1024
"""Of functions, that are kept ready."""
AGENT = f"gojinn/{__version__}"

Waiting = tuple[float | None, float | None]
"""Seconds until there is a connection, and from there until something comes; None for any time."""
Reach = frozenset[tuple[Network, int | None]]


class Requests:
    """Sends the requests of a worker's functions."""

    def __init__(self, lookup: Lookup | None = None) -> None:
        self.lookup = lookup
        """How names are resolved; None asks the system."""
        self.policies: dict[HttpConfig, Policy] = {}
        self.clients: dict[Reach, Client] = {}
        """By what they reach besides public addresses, so that no connection serves a function that could not
        have made it."""
        self.loading = asyncio.Lock()
        self.library: ModuleType | None = None
        self.context: Any = None
        self.counts: Counter[str] = Counter(requests=0, failures=0, denied=0, sent_bytes=0, received_bytes=0)
        self.under_way = 0

    def policy(self, config: HttpConfig) -> Policy:
        """Whom a function may ask."""
        found = self.policies.get(config)
        if found is None:
            if len(self.policies) >= MOST_POLICIES:
                self.policies.clear()
            found = self.policies[config] = Policy(map(parse_rule, config.allow_host))
        return found

    async def send(
        self,
        caller: Caller,
        method: str,
        url: Url,
        headers: Fields,
        body: bytes | AsyncIterable[bytes] | None = None,
        waiting: Waiting = (None, None),
    ) -> ClientResponse:
        """Sends one request, if the caller's function may ask that; the answer, without its body, is the
        caller's to close. Raises Refused, which is counted and logged by then, and Failure."""
        policy = self.policy(caller.settings(HttpConfig))
        try:
            check(policy, url)
            client = await self.client(policy)
            return await self.exchange(client, method, url, with_ours(headers, caller.trace), body, waiting)
        except Refused as refused:
            self.counts["denied"] += 1
            caller.deny(WORD, ACTION, refused.host, refused.line)
            raise
        except Failure:
            self.counts["failures"] += 1
            raise

    async def exchange(
        self,
        client: Client,
        method: str,
        url: Url,
        headers: Fields,
        body: bytes | AsyncIterable[bytes] | None,
        waiting: Waiting,
    ) -> ClientResponse:
        """Sends a request. Raises Refused and Failure."""
        from gojinn.capabilities.http.meaning import meaning

        self.counts["requests"] += 1
        self.counts["sent_bytes"] += len(body) if isinstance(body, bytes) else 0
        self.under_way += 1
        try:
            answer = await client.send(method, url, headers, body, waiting)
        except NotPublic as error:
            raise inside(url, error.address) from error
        except client.errors as error:
            raise meaning(error, url) from error
        finally:
            self.under_way -= 1
        if answer.status == 101:
            answer.close()
            what = f"{url.origin} changes to another protocol, which nobody asked for"
            raise Failure("unavailable", what, "HTTP-upgrade-failed")
        return answer

    async def parts(self, answer: ClientResponse, url: Url) -> AsyncGenerator[bytes, None]:
        """Yields the body of an answer as it comes. Raises Failure."""
        from aiohttp import ClientError

        from gojinn.capabilities.http.meaning import meaning

        try:
            async for part in answer.content.iter_any():
                self.counts["received_bytes"] += len(part)
                yield part
        except (ClientError, OSError) as error:
            self.counts["failures"] += 1
            raise meaning(error, url) from error

    async def client(self, policy: Policy) -> Client:
        """Finds or makes the connections for what a policy reaches."""
        async with self.loading:
            if self.library is None:
                self.library, self.context = await apart(loaded)
        found = self.clients.get(policy.private)
        if found is None:
            made: Client = self.library.Client(
                policy, self.context, self.lookup or self.library.system_lookup
            )
            found = self.clients[policy.private] = made
        return found

    def report(self) -> Mapping[str, Any]:
        """What was done, for `gojinn status`."""
        return {**self.counts, "under_way": self.under_way}

    async def close(self) -> None:
        """Closes all connections."""
        for client in self.clients.values():
            await client.close()
        self.clients.clear()


def check(policy: Policy, url: Url) -> None:
    """Raises Refused unless a policy lets a host be asked; where a name leads is seen later."""
    host = url.host
    if isinstance(host, str):
        if not policy.names(host, url.port):
            raise Refused(host, line_for(host, url.port, url.usual_port), "", "HTTP-request-denied")
    elif not policy.asks(host, url.port):
        raise Refused(str(host), line_for(host, url.port, url.usual_port), "", "destination-IP-prohibited")


def inside(url: Url, address: str) -> Refused:
    """Makes the refusal for a name that leads to what is not public."""
    from ipaddress import ip_address

    line = line_for(ip_address(address), url.port, url.usual_port)
    why = f", it leads to {address}, which is not public"
    return Refused(str(url.host), line, why, "destination-IP-prohibited")


def refusal(refused: Refused, caller: Caller) -> str:
    """Says what is not granted, and the line that would."""
    what = f"'{WORD} {ACTION}' of '{refused.host}' is not granted to function '{caller.name}'"
    return f"{what}{refused.why}: add the line '{refused.line}' to its block"


def with_ours(headers: Fields, trace: str) -> Fields:
    """Adds who asks, and on behalf of what, where a guest has not said so."""
    given = {name.lower() for name, _ in headers}
    ours = (("User-Agent", AGENT), ("Traceparent", trace))
    return [*headers, *((name, value) for name, value in ours if value and name.lower() not in given)]


def loaded() -> tuple[ModuleType, Any]:
    """Loads the client library, and what checks certificates."""
    library = importlib.import_module("gojinn.capabilities.http.client")
    return library, library.trusting()


async def apart(work: Any) -> Any:
    """Does something in a thread of its own, so that nobody else waits for it."""
    pool = ThreadPoolExecutor(1, "http")
    try:
        return await asyncio.get_running_loop().run_in_executor(pool, work)
    finally:
        pool.shutdown(wait=False)


@asynccontextmanager
async def requests_opened(lookup: Lookup | None = None) -> AsyncIterator[Requests]:
    """Opens what sends the requests of a worker."""
    requests = Requests(lookup)
    try:
        yield requests
    finally:
        await requests.close()
