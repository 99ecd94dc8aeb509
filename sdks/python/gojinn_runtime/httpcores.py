"""What httpx connects with in an `async def`, in place of the parts of httpcore that want sockets."""

from __future__ import annotations

from asyncio import Future, get_running_loop, sleep, wait
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpcore
from gojinn_sdk.errors import Error

from gojinn_runtime.wire import Exchange, error_of


class Stream:
    """A connection, as httpcore's `AsyncNetworkStream`."""

    def __init__(self, host: str, port: int) -> None:
        self.exchange = Exchange(host, port)
        self.arrival: Future[dict[str, Any]] | None = None
        self.failure: OSError | None = None
        self.received = memoryview(b"")

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Sends a piece of the request."""
        if not buffer:
            return
        with self.failing(httpcore.WriteError, httpcore.WriteTimeout):
            request = self.exchange.take(buffer)
            if request is not None:
                self.arrival = get_running_loop().began(request)  # type: ignore[attr-defined]

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Reads what there is of the answer, and waits for it before."""
        with self.failing(httpcore.ReadError, httpcore.ReadTimeout):
            if self.failure is not None:  # which httpcore has not minded while it wrote
                raise self.failure
            if self.arrival is not None:
                self.received = memoryview(self.exchange.answer(await self.arrived(self.arrival, timeout)))
                self.arrival = None
        piece, self.received = self.received[:max_bytes], self.received[max_bytes:]
        return bytes(piece)

    async def arrived(self, arrival: Future[dict[str, Any]], timeout: float | None) -> dict[str, Any]:
        """Waits for the answer. Raises TimeoutError, and what the host says."""
        await wait([arrival], timeout=timeout)
        if not arrival.done():
            raise TimeoutError("timed out")
        return arrival.result()

    @contextmanager
    def failing(self, kind: type[Exception], late: type[Exception]) -> Iterator[None]:
        """Turns errors into those that httpcore knows."""
        try:
            yield
        except (Error, OSError) as error:
            self.failure = error if isinstance(error, OSError) else error_of(error.code, error.message)
            raise (late if isinstance(self.failure, TimeoutError) else kind)(str(self.failure)) from error

    async def aclose(self) -> None:
        """Gives up what is under way."""
        if self.arrival is not None:
            self.arrival.cancel()

    async def start_tls(
        self, ssl_context: Any, server_hostname: Any = None, timeout: float | None = None
    ) -> Stream:
        """Has the host use TLS."""
        with self.failing(httpcore.ConnectError, httpcore.ConnectTimeout):
            ssl_context.allow(self.exchange.host, name=server_hostname)
        self.exchange.scheme = "https"
        return self

    def get_extra_info(self, info: str) -> Any:
        """Tells nothing."""


class Backend:
    """What opens connections, as httpcore's `AsyncNetworkBackend`."""

    async def connect_tcp(self, host: str, port: int, *arguments: Any, **options: Any) -> Stream:
        """A connection to a server."""
        return Stream(host, port)

    async def connect_unix_socket(self, path: str, *arguments: Any, **options: Any) -> Stream:
        """Raises ConnectError."""
        raise httpcore.ConnectError(f"there is no socket '{path}' in a sandbox")

    async def sleep(self, seconds: float) -> None:
        """Waits between attempts."""
        await sleep(seconds)


def amend(module: Any) -> None:
    """Puts this in the place of what would choose among libraries."""
    module.AutoBackend = Backend
