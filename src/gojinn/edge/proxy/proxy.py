"""Answers requests with what upstreams answer: balancing, retries, fields both ways. Knows no syntax."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from gojinn.edge.addresses import Addresses
from gojinn.edge.edits import Step
from gojinn.edge.handler import HttpError
from gojinn.edge.headers import first, put
from gojinn.edge.message import Header, Request, Response, Tunnel
from gojinn.edge.proxy.addresses import Address
from gojinn.edge.proxy.errors import DialError, StaleConnection, UpstreamError, UpstreamTimeout
from gojinn.edge.proxy.exchange import Exchange, ReplyBody
from gojinn.edge.proxy.outgoing import Outgoing, prepare, requested_upgrade, strip_hop_by_hop
from gojinn.edge.proxy.policies import Choose
from gojinn.edge.proxy.pool import Pool
from gojinn.edge.proxy.reply import SWITCHING
from gojinn.edge.proxy.splice import splice
from gojinn.edge.proxy.upstream import Upstream
from gojinn.edge.rewriter import Rewrite
from gojinn.edge.sniff import sniff
from gojinn.edge.status import matches_status

REPEATABLE = ("GET", "HEAD", "OPTIONS", "TRACE")
"""Methods whose requests may be sent again when a kept connection turns out to be closed."""
BODILESS_METHODS = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class Retries:
    """How long to go on when an upstream fails or none is available."""

    count: int = 0
    """Further tries; 0 means any number within the duration."""
    duration: float = 0.0
    """Seconds in which to try again; 0 means any time within the count."""
    interval: float = 0.0
    """Seconds between two tries."""


@dataclass(frozen=True, slots=True)
class Strikes:
    """What of an answer counts as a failure of the upstream."""

    statuses: tuple[int, ...] = ()
    """Statuses, one digit for a class."""
    latency: float = 0.0
    """Seconds until the answer begins; 0 means that none is too long."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What is changed on the way."""

    up: Step | None = None
    """Edits of the request's fields."""
    down: Step | None = None
    """Edits of the reply's fields."""
    method: str = ""
    """Another method."""
    rewrite: Rewrite | None = None
    """Another path or query."""


class Proxy:
    """Hands requests to upstreams."""

    def __init__(
        self,
        upstreams: Sequence[Upstream],
        choose: Choose,
        pool: Pool,
        *,
        retries: Retries,
        strikes: Strikes,
        changes: Changes,
        trusted: Addresses,
    ) -> None:
        self.upstreams = upstreams
        self.choose = choose
        self.pool = pool
        self.retries = retries
        self.strikes = strikes
        self.changes = changes
        self.trusted = trusted

    async def serve(self, request: Request) -> Response:
        """Answers a request; raises HttpError 502, 503 or 504 when no upstream does."""
        outgoing = self.prepare(request)
        began, tries = perf_counter(), 0
        failure: UpstreamError | None = None
        while True:
            upstream = self.choose(self.upstreams, request)
            if upstream is not None:
                try:
                    return await self.attempt(upstream, outgoing, request)
                except UpstreamError as error:
                    failure = error
                    upstream.count_failure()
            if not self.worth_another(failure, outgoing, perf_counter() - began, tries):
                raise HttpError(status_of(failure), str(failure or "no upstream is available")) from failure
            await asyncio.sleep(self.retries.interval)
            tries += 1

    def prepare(self, request: Request) -> Outgoing:
        """Makes the request that goes out; the one at hand stays as it is."""
        trusted = request.trusted or request.remote in self.trusted
        changes = self.changes
        if not changes.method and changes.rewrite is None:
            return prepare(request, trusted=trusted)
        kept = request.method, request.path, request.raw_path, request.query
        if changes.rewrite is not None:
            changes.rewrite.apply(request)
        request.method = changes.method or request.method
        outgoing = prepare(request, trusted=trusted)
        if changes.method in BODILESS_METHODS:
            outgoing.length = 0
        request.method, request.path, request.raw_path, request.query = kept
        return outgoing

    def worth_another(
        self, failure: UpstreamError | None, outgoing: Outgoing, spent: float, tries: int
    ) -> bool:
        """Tells whether to try again: nothing may happen twice that a client meant once."""
        retries = self.retries
        if outgoing.consumed or not (retries.count or retries.duration):
            return False
        if (retries.duration and spent >= retries.duration) or (retries.count and tries >= retries.count):
            return False
        return failure is None or isinstance(failure, DialError) or outgoing.method == "GET"

    async def attempt(self, upstream: Upstream, outgoing: Outgoing, request: Request) -> Response:
        """Asks one upstream. Raises UpstreamError."""
        address = upstream.address(request)
        note_upstream(upstream, address, request)
        headers = outgoing.headers
        if self.changes.up is not None:
            headers = list(headers)
            self.changes.up(headers, request)
        upstream.requests += 1
        began = perf_counter()
        try:
            exchange = await self.exchange(address, outgoing, headers, request)
        except BaseException:
            upstream.requests -= 1
            raise
        lease = Lease(self.pool, address, upstream, exchange)
        latency = perf_counter() - began
        request.placeholders["http.reverse_proxy.upstream.latency_ms"] = f"{latency * 1e3:.6g}"
        self.judge(upstream, exchange.reply.status, latency)
        try:
            return await self.answer(lease, request)
        except BaseException:
            lease.end()
            raise

    async def exchange(
        self, address: Address, outgoing: Outgoing, headers: list[Header], request: Request
    ) -> Exchange:
        """Sends the request and receives the reply's head; a kept connection that was closed is replaced."""
        try:
            return await self.exchange_once(address, outgoing, headers, request, fresh=False)
        except StaleConnection:
            if outgoing.consumed or outgoing.method not in REPEATABLE:
                raise
        return await self.exchange_once(address, outgoing, headers, request, fresh=True)

    async def exchange_once(
        self, address: Address, outgoing: Outgoing, headers: list[Header], request: Request, *, fresh: bool
    ) -> Exchange:
        """Sends the request and receives the reply's head; a failed connection is closed."""
        exchange = Exchange(await self.pool.take(address, fresh=fresh), outgoing, self.pool.transport)
        try:
            await exchange.run(headers, request.body)
        except BaseException:
            exchange.stop()
            self.pool.discard(exchange.connection)
            raise
        return exchange

    def judge(self, upstream: Upstream, status: int, latency: float) -> None:
        """Counts failures that an answer shows."""
        for wanted in self.strikes.statuses:
            if matches_status(status, wanted):
                upstream.count_failure()
        if self.strikes.latency and latency >= self.strikes.latency:
            upstream.count_failure()

    async def answer(self, lease: Lease, request: Request) -> Response:
        """Makes the response of a reply; its body is passed on as it comes."""
        reply = lease.exchange.reply
        if reply.status == SWITCHING:
            return self.switch(lease, request)
        headers = reply.headers
        strip_hop_by_hop(headers)
        if self.changes.down is not None:
            self.changes.down(headers, request)
        request.answer.extend(headers)
        start = reply.take_ready()
        if reply.complete:
            lease.end()
            type_unless_typed(request.answer, start)
            return Response(reply.status, request.answer, start)
        body = ReplyBody(lease.exchange, start, lease.end)
        if first(request.answer, b"content-type") is None:
            type_unless_typed(request.answer, await body.peek())
        return Response(reply.status, request.answer, body)

    def switch(self, lease: Lease, request: Request) -> Response:
        """Makes the response that hands the connection over to another protocol."""
        exchange = lease.exchange
        wanted, given = exchange.outgoing.upgrade, requested_upgrade(exchange.reply.headers)
        if not wanted or wanted.lower() != given.lower():
            raise UpstreamError("the upstream switched to a protocol that was not asked for")
        request.answer.extend(exchange.reply.headers)

        async def upgrade(tunnel: Tunnel) -> None:
            try:
                await splice(tunnel, exchange.connection)
            finally:
                lease.end()

        return Response(SWITCHING, request.answer, upgrade=upgrade)


class Lease:
    """The use of a connection and an upstream by one request, until its reply has ended."""

    __slots__ = ("_pool", "_upstream", "address", "ended", "exchange")

    def __init__(self, pool: Pool, address: Address, upstream: Upstream, exchange: Exchange) -> None:
        self._pool = pool
        self._upstream = upstream
        self.address = address
        self.exchange = exchange
        self.ended = False

    def end(self) -> None:
        """Gives both back."""
        if self.ended:
            return
        self.ended = True
        self._upstream.requests -= 1
        reusable = self.exchange.reusable
        self.exchange.stop()
        if reusable:
            self._pool.keep(self.address, self.exchange.connection)
        else:
            self._pool.discard(self.exchange.connection)


def status_of(failure: UpstreamError | None) -> int:
    """Returns the status that a failure means for the client."""
    if failure is None:
        return 503
    return 504 if isinstance(failure, UpstreamTimeout) else 502


def note_upstream(upstream: Upstream, address: Address, request: Request) -> None:
    """Sets the placeholders that tell which upstream was chosen."""
    network = "unix" if address.network == "unix" else "tcp"
    request.placeholders.update(
        {
            "http.reverse_proxy.upstream.address": f"{network}/{address.hostport}",
            "http.reverse_proxy.upstream.hostport": address.hostport,
            "http.reverse_proxy.upstream.host": address.host,
            "http.reverse_proxy.upstream.port": address.port,
            "http.reverse_proxy.upstream.requests": str(upstream.requests),
            "http.reverse_proxy.upstream.max_requests": str(upstream.tolerance.max_requests),
            "http.reverse_proxy.upstream.fails": str(upstream.fails),
        }
    )


def type_unless_typed(headers: list[Header], start: bytes) -> None:
    """Adds the content type that an upstream left out, as Go's server does."""
    if start and first(headers, b"content-type") is None and not first(headers, b"content-encoding"):
        put(headers, b"content-type", sniff(start).encode())
