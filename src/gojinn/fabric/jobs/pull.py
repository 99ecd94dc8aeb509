"""Taking jobs out of lanes, as many as were asked for and no more. Running them is the queue trigger's."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import msgspec
from nats.aio.msg import Msg

from gojinn.errors import GojinnError
from gojinn.fabric.connection import Fabric, Lost, Subscription
from gojinn.fabric.jobs.lanes import Lane
from gojinn.fabric.streams import SECOND

PULL = 30
"""Seconds that a request for jobs waits for some."""
SLACK = 3.0
"""Seconds after the end of a request at which it is taken for lost."""
NONE_THERE = "503"
"""Status: there is no such consumer."""

Key = tuple[str, int]
"""A stream and a place in it."""

write_json = msgspec.json.Encoder().encode


@dataclass(slots=True, eq=False)
class Delivery:
    """A job's message, held until it is acknowledged or given back."""

    fabric: Fabric
    lane: Lane
    subject: str
    data: bytes
    headers: dict[str, str]
    reply: str
    sequence: int
    """Its place in the stream: ids of what follows from it are made of this, so that doing it again is found
    out, and trying a dead letter again is something new."""
    delivered: int
    """How often it was handed out, this time included: more than once after a crash, or when somebody gave it
    back."""

    @property
    def key(self) -> Key:
        """What tells its message from all others, however often it is delivered."""
        return self.lane.stream, self.sequence

    async def ack(self) -> None:
        """Takes it out of the stream: whatever follows from it is stored."""
        await self.say(b"+ACK")

    async def give_back(self) -> None:
        """Lets another worker have it at once."""
        await self.say(b"-NAK")

    async def hold(self) -> None:
        """Says that somebody is still at it."""
        await self.say(b"+WPI")

    async def say(self, word: bytes) -> None:
        """Answers the server; while there is no connection it will hand it out again later."""
        with suppress(Lost):
            await self.fabric.send(self.reply, word)


@dataclass(slots=True, eq=False)
class Tap:
    """What was asked for of one lane."""

    lane: Lane
    token: str
    requested: int = 0
    """Jobs that the server may still send."""
    until: float = 0.0
    """When the last request ends, on the loop's clock."""


@dataclass(eq=False)
class Puller:
    """Asks for jobs of many lanes over one connection. Leaving stops listening; what then comes is handed out
    again by the server.

    `take` is called with each job; `idle` with a lane of which a request ended unanswered, or may have been
    lost; `gone` with one that is not open any more.
    """

    fabric: Fabric
    take: Callable[[Delivery], None]
    idle: Callable[[Lane], None]
    gone: Callable[[Lane], None]
    taps: dict[Lane, Tap] = field(default_factory=dict)

    async def __aenter__(self) -> Self:
        self.inbox = self.fabric.client.new_inbox()
        self.by_token: dict[str, Tap] = {}
        self.by_consumer: dict[tuple[str, str], Lane] = {}
        self.subscription: Subscription = await self.fabric.subscribe(f"{self.inbox}.*", self.hear)
        self.forget_hook = self.fabric.on_reconnect(self.renew)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.forget_hook()
        with suppress(GojinnError):
            await self.subscription.close()

    def add(self, lane: Lane) -> None:
        """Prepares to ask for jobs of a lane."""
        tap = self.taps[lane] = Tap(lane, str(len(self.taps)))
        self.by_token[tap.token] = tap
        self.by_consumer[lane.stream, lane.durable] = lane

    async def want(self, lane: Lane, count: int) -> None:
        """Sees that the server may send that many jobs of a lane. Asking for fewer changes nothing."""
        tap = self.taps[lane]
        missing = count - tap.requested
        if missing <= 0:
            return
        tap.requested = count
        tap.until = self.now() + PULL
        request = write_json({"batch": missing, "expires": PULL * SECOND})
        try:
            subject = f"$JS.API.CONSUMER.MSG.NEXT.{lane.stream}.{lane.durable}"
            await self.fabric.send(subject, request, reply=f"{self.inbox}.{tap.token}")
        except Lost:
            tap.requested = 0

    def sweep(self) -> None:
        """Forgets requests whose end was not heard of."""
        now = self.now()
        for tap in self.taps.values():
            if tap.requested and now > tap.until + SLACK:
                tap.requested = 0
                self.idle(tap.lane)

    async def renew(self) -> None:
        """Forgets all requests: the connection that they were made on is gone."""
        for tap in self.taps.values():
            tap.requested = 0
            self.idle(tap.lane)

    async def hear(self, message: Msg) -> None:
        """Hears of a job, or of the end of a request."""
        if message.reply:
            self.receive(message)
        else:
            tap = self.by_token.get(message.subject.rpartition(".")[2])
            if tap is not None:
                self.ended(tap, dict(message.headers or {}))

    def receive(self, message: Msg) -> None:
        """Hands a job out."""
        tokens = message.reply.split(".")
        at = 2 if len(tokens) < 11 else 4
        lane = self.by_consumer.get((tokens[at], tokens[at + 1]))
        if lane is None:
            return
        tap = self.taps[lane]
        tap.requested = max(0, tap.requested - 1)
        headers = dict(message.headers or {})
        delivered, sequence = int(tokens[at + 2]), int(tokens[at + 3])
        self.take(
            Delivery(
                self.fabric,
                lane,
                message.subject,
                message.data,
                headers,
                message.reply,
                sequence,
                delivered,
            )
        )

    def ended(self, tap: Tap, headers: dict[str, str]) -> None:
        """Takes note of the end of a request."""
        status = headers.get("Status", "")
        if status == "100":
            return
        left = headers.get("Nats-Pending-Messages", "")
        tap.requested = max(0, tap.requested - int(left)) if left.isdecimal() else 0
        if status == NONE_THERE or (status == "409" and "Deleted" in str(headers)):
            self.gone(tap.lane)
        else:
            self.idle(tap.lane)

    def now(self) -> float:
        """The loop's clock."""
        return -self.fabric.left(0)
