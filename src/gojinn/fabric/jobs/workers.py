"""Asking the workers which jobs they have, and telling them to stop one. Nothing of this is stored."""

from __future__ import annotations

import asyncio

import msgspec
from nats.aio.msg import Msg

from gojinn.errors import GojinnError
from gojinn.fabric import names
from gojinn.fabric.connection import Fabric

HELD = names.system("jobs", "held")
"""Where all workers are asked."""
PATIENCE = 0.1
"""Seconds that workers have to answer. Nobody knows how many there are."""
CANCEL_TIMEOUT = 5.0
"""Seconds for a worker to end a guest and to store that."""


class Question(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which jobs are meant."""

    tenant: str = ""
    """Empty for all."""
    id: str = ""
    """Empty for all."""


class Held(msgspec.Struct, frozen=True):
    """A job that a worker has."""

    tenant: str
    queue: str
    id: str
    attempt: int
    started: float
    """Seconds since 1970."""
    runs: bool
    """Whether its attempt has begun."""
    worker: str
    """Where this worker can be told to cancel it."""


read_question = msgspec.json.Decoder(Question).decode
read_held = msgspec.json.Decoder(list[Held]).decode
write_json = msgspec.json.Encoder().encode


async def ask(fabric: Fabric, question: Question, patience: float = PATIENCE) -> list[Held]:
    """Asks all workers; returns what has been answered in `patience` seconds, or at once when the only job
    that is meant is found. Raises Unavailable."""
    found: list[Held] = []
    enough = asyncio.Event()

    async def hear(message: Msg) -> None:
        found.extend(read_held(message.data))
        if question.id and found:
            enough.set()

    inbox = fabric.client.new_inbox()
    subscription = await fabric.subscribe(inbox, hear)
    try:
        await fabric.send(HELD, write_json(question), reply=inbox)
        async with asyncio.timeout(patience):
            await enough.wait()
    except TimeoutError:
        pass
    finally:
        await subscription.close()
    return found


async def stop(fabric: Fabric, held: Held) -> bool:
    """Has a worker cancel a job; returns whether it still ran it, once its end is stored."""
    try:
        answer = await fabric.request(
            held.worker,
            write_json(Question(held.tenant, held.id)),
            timeout=CANCEL_TIMEOUT,
        )
    except GojinnError:
        return False
    return answer.data == b"true"
