"""The connection of a process to its NATS: publish, ask, subscribe, with our errors. What is said is others'.

A publish is acknowledged when it is stored (and, by the embedded server, synced to disk). One that fails may
still have been stored: nobody knows, so each carries an id, and trying again with it stores nothing twice.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Self

import msgspec
import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext

from gojinn.errors import FabricError, GojinnError, LimitExceeded, Unavailable
from gojinn.fabric.client import Link
from gojinn.fabric.exchange import Exchange
from gojinn.fabric.exchange import Lost as Lost
from gojinn.fabric.node import Node
from gojinn.fabric.replies import Ack, ack_of, object_of
from gojinn.fabric.room import Room
from gojinn.fabric.subscription import Handler, guarded
from gojinn.fabric.subscription import Subscription as Subscription
from gojinn.observe.log import get

CONNECT_TIMEOUT = 10.0
"""Seconds that opening may take."""
TIMEOUT = 5.0
"""Seconds that a request may take, waiting for a connection included."""
CLUSTER_TIMEOUT = 15.0
"""The same in a cluster, where a stream whose leader died has another one after 4 to 10 seconds."""
BACKLOG = 1 << 20
"""Bytes not yet handed to the system after which a sender without an answer waits too."""
RETRY_WAIT = 0.02
"""Seconds before a publish is tried again."""
API_TIMEOUT = 15.0
"""Seconds for a request to JetStream's API; creating a replicated stream needs an election."""
ATTEMPT = 2.0
"""Seconds that one attempt may take in a cluster, where who was asked may be gone."""
ELECTION_WAIT = 0.05
"""Seconds after which it is asked again whether a leader is there."""
REOPEN_WAIT = 1.0
"""Seconds between two attempts after the server has closed the connection for good."""
NO_RESPONDERS = "503"

Hook = Callable[[], Awaitable[None]]

log = get("gojinn.fabric")
write_json = msgspec.json.Encoder().encode


class Fabric:
    """A connection. Entering connects; leaving closes it and ends what is under way."""

    def __init__(self, node: Node, name: str = "gojinn") -> None:
        self.node = node
        self.name = f"{node.id} {name}"
        self.link: Link
        self.up = asyncio.Event()
        """Set while there is a connection."""
        self.exchange = Exchange(self.up, self.put)
        self.room = Room(node.data)
        self.ids = itertools.count()
        self.id_prefix = secrets.token_urlsafe(12)
        self.subscriptions: set[Subscription] = set()
        self.hooks: list[Hook] = []
        self.tasks: set[asyncio.Task[None]] = set()
        self.closing = False
        self.operations: Counter[str] = Counter()
        """How often what was done, such as `publish` or, by the layers above, `kv get`."""
        self.reconnects = 0
        """Times that the connection was lost and is there again."""

    async def __aenter__(self) -> Self:
        await self.open(CONNECT_TIMEOUT)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def client(self) -> Client:
        """The client of nats-py at this moment: another one after the server has closed the connection."""
        return self.link.client

    @property
    def jetstream(self) -> JetStreamContext:
        """nats-py's JetStream interface of the present client. Do not keep it."""
        return self.client.jetstream(timeout=API_TIMEOUT)

    @property
    def connected(self) -> bool:
        """Whether there is a connection at this moment."""
        return self.up.is_set()

    @property
    def replicated(self) -> bool:
        """Whether streams have leaders that may change."""
        return self.node.replicas > 1

    @property
    def patience(self) -> float:
        """Seconds that a request may take."""
        return CLUSTER_TIMEOUT if self.replicated else TIMEOUT

    @property
    def largest(self) -> int:
        """Bytes that a message may have, headers included."""
        return int(self.client.max_payload)

    @property
    def version(self) -> str:
        """The version of the server that is connected, or was last."""
        return str(self.client.connected_server_version).removeprefix("<nats server v").rstrip(">")

    def check_room(self, payload: bytes) -> None:
        """Raises Unavailable when the disk of the embedded server is full. What has no content, such as a
        deletion, may pass: it makes room."""
        if payload and self.node.embedded:
            self.room.check()

    async def open(self, timeout: float) -> None:
        """Connects and listens for answers. Raises StartError or Unavailable."""
        link = Link(
            self.node.access,
            self.name,
            self.up,
            lost=self.on_lost,
            back=self.on_back,
            closed=self.on_closed,
        )
        await link.open(timeout)
        self.link = link
        self.exchange.inbox = f"{self.client.new_inbox()}."
        await self.client.subscribe(f"{self.exchange.inbox}*", cb=self.exchange.take)
        for subscription in list(self.subscriptions):
            await subscription.start()

    async def close(self) -> None:
        """Closes the connection. What is under way fails with Unavailable."""
        self.closing = True
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.link.close()
        self.exchange.fail("the connection to NATS is closed")

    def new_id(self) -> str:
        """Makes an id that no other message has."""
        return f"{self.id_prefix}-{next(self.ids):x}"

    async def publish(
        self,
        subject: str,
        payload: bytes = b"",
        *,
        headers: Mapping[str, str] | None = None,
        id: str | None = None,
        timeout: float | None = None,
    ) -> Ack:
        """Stores a message in the stream that has its subject, and returns where.

        Tries again, with the same id, while there is no connection or no answer, until `timeout` seconds are
        over, by default `patience`. Raises Lost when it is then unknown whether it is stored; Unavailable
        when no stream has the subject, or the disk is full; LimitExceeded; Conflict when `Nats-Expected-…`
        headers do not hold. The server looks at these first, so when a second attempt conflicts the first one
        may have been stored.
        """
        full = {**(headers or {}), "Nats-Msg-Id": id or self.new_id()}
        deadline = self.deadline(timeout)
        while True:
            self.check_room(payload)
            try:
                left = self.left(deadline)
                answer = await self.request(subject, payload, headers=full, timeout=left, again=True)
                ack = ack_of(answer.data)
                self.operations["publish"] += 1
                return ack
            except Unavailable:
                if self.closing or not self.replicated or self.left(deadline) <= RETRY_WAIT:
                    self.check_room(payload)
                    raise
            await asyncio.sleep(RETRY_WAIT)

    async def request(
        self,
        subject: str,
        payload: bytes = b"",
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        again: bool = False,
    ) -> Msg:
        """Sends a message and returns the first answer to it. Waits for a connection while there is none.

        With `again` it may be carried out twice: it is sent again when no answer came. `timeout` is in
        seconds, by default `patience`. Raises Lost when the connection goes or the time ends before the
        answer; Unavailable when nobody listens there, which in a cluster may only be so until a leader is
        elected: then it is sent again for as long as there is time; LimitExceeded when the message is larger
        than the server takes.
        """
        deadline = self.deadline(timeout)
        while True:
            left = self.attempt(deadline) if again else self.left(deadline)
            try:
                message = await self.exchange.ask(subject, payload, headers, self.deadline(left))
            except Unavailable:
                if not again or self.closing or self.left(deadline) <= RETRY_WAIT:
                    raise
                self.operations["request again"] += 1
                await asyncio.sleep(RETRY_WAIT)
                continue
            if message.data or not message.headers or message.headers.get("Status") != NO_RESPONDERS:
                return message
            if not self.replicated or self.closing or self.left(deadline) <= ELECTION_WAIT:
                raise Unavailable(f"nobody answers to '{subject}'")
            await asyncio.sleep(ELECTION_WAIT)

    async def send(
        self,
        subject: str,
        payload: bytes = b"",
        *,
        headers: Mapping[str, str] | None = None,
        reply: str = "",
    ) -> None:
        """Sends a message to whoever listens now; nobody tells whether it arrived.

        Raises Lost while there is no connection, and LimitExceeded.
        """
        await self.put(subject, payload, reply, headers)
        if self.client.pending_data_size > BACKLOG:
            await self.flush()

    async def api(self, request: str, body: Any = None, *, timeout: float = API_TIMEOUT) -> dict[str, Any]:
        """Asks JetStream's API, such as `STREAM.INFO.<stream>`, until there is an answer, and returns it.

        Raises what `replies.error_of` makes of its error, and what `request` raises.
        """
        data = b"" if body is None else write_json(body)
        answer = await self.request(f"$JS.API.{request}", data, timeout=timeout, again=True)
        return object_of(answer.data)

    async def subscribe(self, subject: str, handler: Handler, *, queue: str = "") -> Subscription:
        """Has `handler` called with each message on a subject, one after the other, until it is closed.

        When this returns the server has taken note of it, so nothing sent from then on is missed.
        Subscriptions with the same queue share the messages. What `handler` raises is logged.
        """
        deadline = asyncio.get_running_loop().time() + TIMEOUT
        await self.exchange.within(deadline, self.up.wait())
        subscription = Subscription(self, subject, guarded(handler, subject), queue)
        self.subscriptions.add(subscription)
        try:
            await subscription.start()
            await self.flush()
        except BaseException:
            await subscription.close()
            raise
        return subscription

    async def flush(self) -> None:
        """Waits until the server has everything that was sent. Raises Lost."""
        task = asyncio.current_task()
        cancelled = task.cancelling() if task else 0
        try:
            # nats-py writes its ping ahead of what is still to be written, which is gone when it is answered.
            for _ in range(2):
                await self.client.flush(int(TIMEOUT))
        except (nats.errors.Error, OSError) as error:
            raise Lost("the connection to NATS was lost") from error
        if task and task.cancelling() > cancelled:
            # nats-py's `asyncio.wait_for` forgets a cancellation that comes with the answer (CPython 86296).
            raise asyncio.CancelledError

    def on_reconnect(self, hook: Hook) -> Callable[[], None]:
        """Has `hook` called after each reconnection, when what was missed may have to be looked up.

        Returns what takes it back. Hooks run side by side; what they raise is logged.
        """
        self.hooks.append(hook)
        return lambda: self.hooks.remove(hook) if hook in self.hooks else None

    async def put(self, subject: str, payload: bytes, reply: str, headers: Mapping[str, str] | None) -> None:
        """Hands a message to the client. Raises Lost, LimitExceeded or FabricError."""
        try:
            await self.client.publish(subject, payload, reply, dict(headers) if headers else None)
        except nats.errors.MaxPayloadError as error:
            message = f"the message is too large: given {len(payload):,} bytes, expected at most"
            raise LimitExceeded(f"{message} {self.largest:,}") from error
        except (nats.errors.BadSubjectError, nats.errors.BadHeaderError, UnicodeError) as error:
            raise FabricError(f"a message cannot be sent: {error}") from error
        except (nats.errors.Error, OSError) as error:
            self.up.clear()
            raise Lost("there is no connection to NATS") from error

    def attempt(self, deadline: float) -> float:
        """Seconds that one attempt may take. What was sent to a leader that is gone gets no answer, but the
        next leader gives it."""
        return min(self.left(deadline), ATTEMPT) if self.replicated else self.left(deadline)

    def deadline(self, timeout: float | None) -> float:
        """When a request that begins now must be over."""
        return asyncio.get_running_loop().time() + (self.patience if timeout is None else timeout)

    @staticmethod
    def left(deadline: float) -> float:
        """Seconds until a deadline."""
        return deadline - asyncio.get_running_loop().time()

    async def on_lost(self) -> None:
        """Hears that the connection is gone."""
        if not self.closing:
            log.warning("lost the connection to NATS", node=self.node.id)
        self.exchange.fail("the connection to NATS was lost")

    async def on_back(self) -> None:
        """Hears that the connection is there again."""
        self.reconnects += 1
        log.info("connected to NATS again", node=self.node.id)
        for hook in list(self.hooks):
            self.start(run_hook(hook))

    async def on_closed(self) -> None:
        """Hears that the client has given up, such as after the server refused it: makes another one."""
        if not self.closing:
            log.error("NATS closed the connection", error=str(self.client.last_error))
            self.start(self.reopen())

    async def reopen(self) -> None:
        """Connects anew until that succeeds."""
        while True:
            try:
                await self.open(CONNECT_TIMEOUT)
                return await self.on_back()
            except GojinnError as error:
                log.error("cannot connect to NATS", error=str(error), next_in=REOPEN_WAIT)
                await asyncio.sleep(REOPEN_WAIT)

    def start(self, work: Any) -> None:
        """Runs work in the background for as long as the connection is open."""
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


async def run_hook(hook: Hook) -> None:
    """Calls a hook; one that fails must not take others along."""
    try:
        await hook()
    except Exception as error:
        log.error("could not go on after a reconnection", exc_info=error)
