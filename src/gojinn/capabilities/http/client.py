"""The client library, set up so that it does only what was checked. Loading it takes 0.2 s and 25 MB, so that
`service` does it when a first request is made. Who may ask whom is `rules`', what errors mean `meaning`'s.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from ipaddress import ip_address

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from gojinn.capabilities.http.addresses import Address, plain
from gojinn.capabilities.http.failure import NotPublic
from gojinn.capabilities.http.requests import Fields
from gojinn.capabilities.http.rules import Policy
from gojinn.capabilities.http.urls import Url

CONNECTIONS = 1024
"""Open at once, of functions that share them in one worker; more requests wait within their timeout."""
CONNECTIONS_TO_HOST = 256
LARGEST_AT_ONCE = 256 << 10
"""Bytes of a body that are handed to the system at once."""
WINDOW = 64 << 10
"""Bytes of an answer that are read ahead; twice that at most."""
LONGEST_LINE = 8 << 10
"""Bytes of the status line, of a field's name and of its value."""
MOST_FIELDS = 128
SKIPPED = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
"""Fields that the library would add by itself."""

Lookup = Callable[[str, int], Awaitable[list[Address]]]
"""`await lookup(name, port)` finds a name's addresses. Raises OSError."""


async def system_lookup(name: str, port: int) -> list[Address]:
    """Asks the system: its hosts file and the DNS."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return [ip_address(str(where[0]).partition("%")[0]) for *_, where in found]


class Resolver(AbstractResolver):
    """Resolves names to those of their addresses that may be asked. The connection is made to what it says,
    so that nobody can answer the check with one address and the connection with another."""

    def __init__(self, policy: Policy, lookup: Lookup) -> None:
        self.policy = policy
        self.lookup = lookup

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Raises NotPublic where there are only addresses that may not be asked, OSError for none at all."""
        found = [plain(address) for address in await self.lookup(host, port)]
        admitted = [address for address in found if self.policy.admits(address, port)]
        if found and not admitted:
            raise NotPublic(str(found[0]))
        return [result(host, address, port) for address in admitted]

    async def close(self) -> None:
        """Has nothing to close."""


def result(host: str, address: Address, port: int) -> ResolveResult:
    """Writes an address as the library wants it."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    return ResolveResult(
        hostname=host,
        host=str(address),
        port=port,
        family=family,
        proto=0,
        flags=socket.AI_NUMERICHOST,
    )


class Client:
    """Connections that functions share which may reach the same."""

    errors = (aiohttp.ClientError, OSError)
    """What is raised where a request fails, or the reading of its answer; `meaning` knows what they mean."""

    def __init__(self, policy: Policy, context: ssl.SSLContext, lookup: Lookup) -> None:
        connector = aiohttp.TCPConnector(
            ssl=context,
            resolver=Resolver(policy, lookup),
            limit=CONNECTIONS,
            limit_per_host=CONNECTIONS_TO_HOST,
        )
        self.session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=SKIPPED,
            auto_decompress=False,
            trust_env=False,
            read_bufsize=WINDOW,
            max_line_size=LONGEST_LINE,
            max_field_size=LONGEST_LINE,
            max_headers=MOST_FIELDS,
        )

    async def send(
        self,
        method: str,
        url: Url,
        headers: Fields,
        body: bytes | AsyncIterable[bytes] | None,
        waiting: tuple[float | None, float | None] = (None, None),
    ) -> aiohttp.ClientResponse:
        """Sends a request; returns once the answer's header is there, which is to be closed. Follows no
        redirect. `waiting` is how long for a connection, and for an answer. Raises what the library raises,
        and NotPublic."""
        connect, answer = waiting
        if isinstance(body, bytes) and len(body) > LARGEST_AT_ONCE:
            headers = [*headers, ("Content-Length", str(len(body)))]
            body = in_pieces(body)
        return await self.session.request(
            method,
            URL(str(url), encoded=True),
            headers=headers,
            data=body,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=None, connect=connect, sock_connect=None, sock_read=answer),
        )

    async def close(self) -> None:
        """Closes all connections."""
        await self.session.close()


async def in_pieces(body: bytes) -> AsyncIterator[bytes]:
    """Yields a body in pieces, so that others have their turn in between."""
    view = memoryview(body)
    for at in range(0, len(body), LARGEST_AT_ONCE):
        yield bytes(view[at : at + LARGEST_AT_ONCE])


def trusting() -> ssl.SSLContext:
    """Makes what checks the certificates of servers: by the authorities that the system trusts, or those that
    `SSL_CERT_FILE` and `SSL_CERT_DIR` name."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context
