"""Schedules in NATS: one message that becomes due, for each of them; the next is made when it has. When they
are due, and what is run then, is `triggers.cron`'s.

A schedule is the last message on its subject, which JetStream moves to the subject of ticks when its time has
come (ADR-51, `@at`). The time is kept in the cluster, so no process that ends takes it along, and a tick
happens once. A tick that nobody has acknowledged is delivered again; it says when it was due, which names it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import msgspec
from nats.aio.msg import Msg

from gojinn.errors import Conflict, NotFound
from gojinn.fabric import names
from gojinn.fabric.connection import Fabric, Subscription
from gojinn.fabric.records import EXPECTED, read_found
from gojinn.fabric.replies import error_of
from gojinn.fabric.streams import SECOND, Stream, ensure

SCHEDULE, TICK = "cron", "tick"
"""Kinds of subjects: `gojinn.<tenant>.cron.<name>` is due once and then on `gojinn.<tenant>.tick.<name>`."""
STREAM = names.stream(SCHEDULE)
TICKS = names.durable("ticks")
INBOX = names.system("ticks")
REDELIVERY = 10
"""Seconds after which a tick that was not acknowledged is delivered again."""
MOST_UNACKNOWLEDGED = 1000
NEW = {EXPECTED: "0"}
"""Headers of a message that is only stored where its subject has none."""


class Due(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a schedule's message says; its tick says the same."""

    due: float
    """Seconds since 1970."""
    node: str = ""
    """Which node made the schedule, and takes it away again."""
    paused: bool = False
    """It stays where it is and becomes due no more."""


class Planned(msgspec.Struct, frozen=True):
    """What is known of a schedule."""

    tenant: str
    name: str
    next: Due | None
    """None while its tick is being handled."""
    last: Due | None
    """The tick before; None when there was none yet."""


write_json = msgspec.json.Encoder().encode
read_due = msgspec.json.Decoder(Due).decode


@dataclass(frozen=True, slots=True)
class Tick:
    """A schedule was due."""

    tenant: str
    name: str
    due: float
    """Seconds since 1970."""
    acknowledge: Callable[[], Awaitable[object]]
    """To be awaited when it has been handled; else it comes again after REDELIVERY seconds."""


Handler = Callable[[Tick], Awaitable[None]]


class Schedules:
    """The schedules of all tenants."""

    def __init__(self, fabric: Fabric) -> None:
        self.fabric = fabric

    async def make(self) -> None:
        """Makes the stream, and the consumer that all workers share."""
        options = {
            "max_msgs_per_subject": 1,
            "discard": "old",  # the server takes no schedules otherwise; only a subject's own limit is set
            "allow_msg_schedules": True,
            "allow_msg_ttl": True,
        }
        patterns = (
            names.pattern(None, SCHEDULE, names.REST),
            names.pattern(None, TICK, names.REST),
        )
        await ensure(self.fabric, Stream(STREAM, patterns, options))
        config = {
            "durable_name": TICKS,
            "deliver_subject": INBOX,
            "deliver_group": TICKS,
            "filter_subject": patterns[1],
            "ack_policy": "explicit",
            "ack_wait": REDELIVERY * SECOND,
            "max_ack_pending": MOST_UNACKNOWLEDGED,
        }
        body = {"stream_name": STREAM, "config": config}
        await self.fabric.api(f"CONSUMER.DURABLE.CREATE.{STREAM}.{TICKS}", body)

    async def follow(self, handler: Handler) -> Subscription:
        """Has ticks handled here, as long as nobody else does; closing ends that."""

        async def take(message: Msg) -> None:
            tenant, _, parts = names.parts_of(message.subject)
            due = read_due(message.data).due
            await handler(Tick(tenant, parts[0], due, partial(self.fabric.request, message.reply, b"+ACK")))

        return await self.fabric.subscribe(INBOX, take, queue=TICKS)

    async def plan(self, tenant: str, name: str, due: float) -> bool:
        """Has a schedule become due, unless it is already going to be or is paused: then returns False."""
        try:
            await self.put(tenant, name, Due(due, self.fabric.node.id), NEW)
        except Conflict:
            return False
        return True

    async def pause(self, tenant: str, name: str, due: float) -> None:
        """Keeps a schedule from becoming due until it is resumed."""
        paused = Due(due, self.fabric.node.id, paused=True)
        await self.fabric.publish(names.subject(tenant, SCHEDULE, name), write_json(paused))

    async def resume(self, tenant: str, name: str, due: float) -> None:
        """Has a schedule become due then, whatever was planned for it."""
        await self.put(tenant, name, Due(due, self.fabric.node.id), {})

    async def put(self, tenant: str, name: str, due: Due, headers: dict[str, str]) -> None:
        """Stores the message of a schedule."""
        at = datetime.fromtimestamp(due.due, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        full = {
            "Nats-Schedule": f"@at {at}",
            "Nats-Schedule-Target": names.subject(tenant, TICK, name),
            **headers,
        }
        await self.fabric.publish(names.subject(tenant, SCHEDULE, name), write_json(due), headers=full)

    async def cancel(self, tenant: str, name: str) -> None:
        """Forgets a schedule and its last tick."""
        for kind in (SCHEDULE, TICK):
            await self.fabric.api(f"STREAM.PURGE.{STREAM}", {"filter": names.subject(tenant, kind, name)})

    async def find(self, tenant: str, name: str) -> Planned:
        """Looks a schedule up."""
        planned, last = [await self.read(names.subject(tenant, kind, name)) for kind in (SCHEDULE, TICK)]
        return Planned(tenant, name, planned, last)

    async def read(self, subject: str) -> Due | None:
        """Reads the last message of a subject."""
        body = write_json({"last_by_subj": subject})
        answer = await self.fabric.request(f"$JS.API.STREAM.MSG.GET.{STREAM}", body, again=True)
        found = read_found(answer.data)
        if found.error is None:
            return None if found.message is None else read_due(found.message.data)
        error = error_of(found.error)
        if isinstance(error, NotFound):
            return None
        raise error

    async def list(self) -> list[Planned]:
        """Lists all schedules, by tenant and name."""
        found: set[tuple[str, str]] = set()
        seen = 0
        while True:
            body = {"subjects_filter": names.REST, "offset": seen}
            info = await self.fabric.api(f"STREAM.INFO.{STREAM}", body)
            page = info["state"].get("subjects") or {}
            for spelled in page:
                tenant, _, parts = names.parts_of(spelled)
                found.add((tenant, parts[0]))
            seen += len(page)
            if not page or seen >= info.get("total", 0):
                return [await self.find(*each) for each in sorted(found)]

    async def settled(self) -> bool:
        """Whether no tick waits to be handled."""
        info = await self.fabric.api(f"CONSUMER.INFO.{STREAM}.{TICKS}")
        return bool(info["num_pending"] == info["num_ack_pending"] == 0)
