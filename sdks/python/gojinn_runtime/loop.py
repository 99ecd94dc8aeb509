"""An event loop for functions that are coroutines: tasks, timers, and requests to other servers.

What would run in a thread runs at once. What clients of HTTP see of a connection is `wire`'s.
"""

from __future__ import annotations

import asyncio
import time
from asyncio import base_events, events
from collections import deque
from collections.abc import Coroutine
from typing import Any

from gojinn_sdk.errors import Error
from gojinn_sdk.host import call, given, told

MOST = 32
"""Requests that the host lets a function have under way; more wait for their turn."""

Arrival = asyncio.Future[dict[str, Any]]
"""What will be the host's answer to a request."""


class Waiting:
    """Stands where a loop has its selector: waits for an answer, or for the next timer."""

    def __init__(self) -> None:
        self.arrivals: dict[Any, Arrival] = {}
        """What waits for the answers of requests, by their ids."""
        self.queue: deque[tuple[dict[str, Any], Arrival]] = deque()
        """Requests that have not begun."""

    def select(self, timeout: float | None) -> list[Any]:
        """Waits; the whole function does."""
        if self.arrivals:
            self.arrived(call("http.wait", given(ids=[*self.arrivals], timeout=timeout)))
        elif timeout is None:
            raise RuntimeError("the function waits for something that nobody will do")
        elif timeout > 0:
            time.sleep(timeout)
        return []

    def arrived(self, done: dict[str, Any]) -> None:
        """Gives what has arrived to what waits for it."""
        future = self.arrivals.pop(done["id"], None) if "id" in done else None
        self.begin()
        if future is None or future.done():
            return
        if "error" in done:
            future.set_exception(told(done["error"]))
        else:
            future.set_result(done["answer"])

    def begin(self) -> None:
        """Has the host begin with as many requests as it takes."""
        while self.queue and len(self.arrivals) < MOST:
            request, future = self.queue.popleft()
            if future.done():
                continue
            try:
                self.expect(call("http.start", request)["id"], future)
            except Error as error:
                future.set_exception(error)

    def expect(self, id: Any, future: Arrival) -> None:
        """Has a future wait for an answer. Cancelling it cancels the request."""
        self.arrivals[id] = future
        future.add_done_callback(lambda done: self.gave_up(id) if done.cancelled() else None)

    def gave_up(self, id: Any) -> None:
        """Tells the host that nobody waits for a request."""
        if self.arrivals.pop(id, None) is not None:
            call("http.cancel", {"id": id})
            self.begin()

    def close(self) -> None:
        """There is nothing to close."""


class Loop(base_events.BaseEventLoop):
    """A loop of timers, callbacks and requests."""

    def __init__(self) -> None:
        super().__init__()
        self._selector = Waiting()

    def arrival(self, id: Any) -> Arrival:
        """What will be the answer to a request that has begun."""
        future = self._selector.arrivals.get(id)
        if future is None:
            future = self.create_future()
            self._selector.expect(id, future)
        return future

    def began(self, request: dict[str, Any]) -> Arrival:
        """Has the host begin with a request."""
        future = self.create_future()
        self._selector.queue.append((request, future))
        self._selector.begin()
        return future

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:
        """Calls a function at once: there are no threads."""
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001, it is raised where the future is awaited
            future.set_exception(error)
        return future

    async def create_connection(
        self, protocol_factory: Any, host: Any = None, port: Any = None, **options: Any
    ) -> Any:
        """A connection to a server of HTTP."""
        from gojinn_runtime.transport import connected

        return connected(self, protocol_factory(), host, port, options)

    async def start_tls(
        self, transport: Any, protocol: Any, sslcontext: Any, *, server_hostname: Any = None, **options: Any
    ) -> Any:
        """Has the host use TLS on a connection."""
        from gojinn_runtime.transport import secure

        secure(transport, sslcontext, server_hostname)
        transport.set_protocol(protocol)
        return transport

    async def sock_connect(self, sock: Any, address: Any) -> None:
        """Connects a socket, for `create_connection`."""
        sock.connect(address)

    def _process_events(self, event_list: list[Any]) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        """Nobody else could wake it."""


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Runs a coroutine to its end; what it has left running is cancelled."""
    loop = Loop()
    events.set_event_loop(loop)
    try:
        result = loop.run_until_complete(coroutine)
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        return result
    finally:
        events.set_event_loop(None)
        loop.close()
