"""Active health checks: asking upstreams now and then how they are. What follows is `upstream`'s."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from types import TracebackType

from gojinn.edge.headers import field_value
from gojinn.edge.message import Header
from gojinn.edge.proxy.addresses import Address
from gojinn.edge.proxy.errors import UpstreamError
from gojinn.edge.proxy.outgoing import Outgoing
from gojinn.edge.proxy.pool import Pool
from gojinn.edge.proxy.reply import Reply
from gojinn.edge.proxy.upstream import Upstream
from gojinn.edge.regexp import compile_regexp
from gojinn.edge.status import matches_status
from gojinn.observe import log

LARGEST_BODY = 1024 * 1024
"""Bytes of an answer that are compared with `health_body`."""


@dataclass(frozen=True, slots=True)
class Check:
    """What is asked and what is a good answer."""

    uri: str = "/"
    port: int = 0
    """Another port than the upstream's; 0 means the same."""
    interval: float = 30.0
    """Seconds between two checks."""
    timeout: float = 5.0
    """Seconds that an answer may take."""
    status: int = 0
    """The status wanted, one digit for a class; 0 means any from 200 to 399."""
    body: str = ""
    """A regular expression that must be found in the answer; empty for any."""
    headers: tuple[tuple[str, str], ...] = ()
    """Fields to send along."""


class HealthChecker(AbstractAsyncContextManager["HealthChecker"]):
    """Checks some upstreams from entering to leaving it."""

    def __init__(self, check: Check, upstreams: Sequence[Upstream], pool: Pool) -> None:
        self.check = check
        self.upstreams = upstreams
        self.pool = pool
        self.log = log.get("gojinn.edge.proxy")
        self._pattern: re.Pattern[str] | None = compile_regexp(check.body) if check.body else None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> HealthChecker:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            async with asyncio.TaskGroup() as group:
                for upstream in self.upstreams:
                    group.create_task(self._look_after(upstream))
            await asyncio.sleep(self.check.interval)

    async def _look_after(self, upstream: Upstream) -> None:
        """Checks one upstream and notes what came of it."""
        try:
            async with asyncio.timeout(self.check.timeout):
                fault = await self.ask(upstream)
        except (UpstreamError, OSError) as error:
            fault = str(error) or "timed out"
        if upstream.healthy is (not fault):
            return
        upstream.healthy = not fault
        if fault:
            self.log.warning("upstream is down", upstream=upstream.dial, reason=fault)
        else:
            self.log.info("upstream is up", upstream=upstream.dial)

    async def ask(self, upstream: Upstream) -> str:
        """Asks an upstream; returns what is wrong with its answer, nothing when it is well."""
        address = upstream.address()
        if self.check.port:
            host = address.host if address.network == "tcp" else "localhost"
            address = Address("tcp", host, str(self.check.port))
        connection = await self.pool.take(address, fresh=True)
        try:
            outgoing = self.request(address)
            await connection.write(outgoing.head(outgoing.headers, keep_alive=False))
            reply = Reply(connection, "GET")
            await reply.read_head()
            return self.judge_status(reply.status) or await self.judge_body(reply)
        finally:
            self.pool.discard(connection)

    def request(self, address: Address) -> Outgoing:
        """Makes the request."""
        headers: list[Header] = [
            (name.lower().encode(), field_value(value)) for name, value in self.check.headers
        ]
        if not any(name == b"host" for name, _ in headers):
            host = address.hostport if address.network == "tcp" else "localhost"
            headers.append((b"host", host.encode()))
        return Outgoing("GET", self.check.uri, headers, 0, b"")

    def judge_status(self, status: int) -> str:
        """Tells what is wrong with a status."""
        wanted = self.check.status
        good = matches_status(status, wanted) if wanted else 200 <= status < 400
        return "" if good else f"status {status}"

    async def judge_body(self, reply: Reply) -> str:
        """Tells what is wrong with a body."""
        if self._pattern is None:
            return ""
        body = b""
        while len(body) < LARGEST_BODY and (data := await reply.read()):
            body += data
        return "" if self._pattern.search(body.decode("utf-8", "surrogateescape")) else "unexpected body"
