"""Lanes: the jobs of one tenant, queue and priority, each with a durable consumer that all workers share.

Whoever first sends a job into a lane opens it and tells all workers, who find those that are open already
when they start. Taking jobs out is `pull`'s.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from gojinn.errors import Conflict, NotFound
from gojinn.fabric import names
from gojinn.fabric.connection import Fabric
from gojinn.fabric.jobs.places import JOBS, tenant_of
from gojinn.fabric.streams import SECOND, stream_names

ACK_WAIT = 10
"""Seconds after which a job is given to another worker, unless who has it says that it is still at it."""
MOST_AT_ONCE = 10_000
"""Jobs of a lane that may be under way at once, where its queue does not say."""
OPENED = names.system("jobs", "lane")
"""Where workers are told of a lane."""


class Lane(NamedTuple):
    """Jobs that are alike in these."""

    tenant: str
    queue: str
    priority: str

    @property
    def stream(self) -> str:
        """The stream that they are in."""
        return names.stream(JOBS, self.tenant)

    @property
    def durable(self) -> str:
        """The consumer's name."""
        return names.durable(self.queue, self.priority)

    @property
    def subjects(self) -> str:
        """The pattern of their subjects."""
        return names.pattern(self.tenant, JOBS, self.queue, self.priority, names.ANY)

    def config(self, at_once: int) -> dict[str, Any]:
        """The consumer for JetStream's API. It never gives up: after how many attempts is ours to say."""
        return {
            "durable_name": self.durable,
            "filter_subject": self.subjects,
            "ack_policy": "explicit",
            "ack_wait": ACK_WAIT * SECOND,
            "max_deliver": -1,
            "max_ack_pending": at_once,
            "max_waiting": 4096,
        }


def read_lane(data: bytes) -> Lane | None:
    """Reads what workers are told; None for nonsense."""
    try:
        return msgspec.json.decode(data, type=Lane)
    except msgspec.MsgspecError:
        return None


async def open_lane(fabric: Fabric, lane: Lane) -> None:
    """Makes a lane's consumer unless it is there, and tells the workers. Raises Unavailable."""
    try:
        await declare(fabric, lane, MOST_AT_ONCE, "create")
    except Conflict:
        pass
    else:
        await fabric.send(OPENED, msgspec.json.encode(lane))


async def declare(fabric: Fabric, lane: Lane, at_once: int, action: str = "") -> None:
    """Makes a lane's consumer, or changes it to let that many jobs be under way at once."""
    body = {"stream_name": lane.stream, "config": lane.config(at_once), "action": action}
    await fabric.api(f"CONSUMER.CREATE.{lane.stream}.{lane.durable}", body)


async def open_lanes(fabric: Fabric) -> set[Lane]:
    """Finds all lanes that are open."""
    lanes: set[Lane] = set()
    for stream in await stream_names(fabric):
        tenant = tenant_of(stream)
        if tenant is not None:
            lanes.update(await lanes_of(fabric, tenant, stream))
    return lanes


async def lanes_of(fabric: Fabric, tenant: str, stream: str) -> set[Lane]:
    """Finds the lanes of a tenant that are open."""
    lanes: set[Lane] = set()
    seen = 0
    while True:
        try:
            page = await fabric.api(f"CONSUMER.NAMES.{stream}", {"offset": seen})
        except NotFound:
            return lanes
        found = page.get("consumers") or ()
        for name in found:
            parts = names.durable_parts(name)
            if len(parts) == 2:
                lanes.add(Lane(tenant, *parts))
        seen += len(found)
        if not found or seen >= page.get("total", 0):
            return lanes
