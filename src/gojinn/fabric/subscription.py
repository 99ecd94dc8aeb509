"""A subject that is listened to for as long as somebody wants, over reconnections. Sending is elsewhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import nats.errors
from nats.aio.msg import Msg

from gojinn.observe.log import get

if TYPE_CHECKING:
    from gojinn.fabric.connection import Fabric

Handler = Callable[[Msg], Awaitable[None]]

log = get("gojinn.fabric")


@dataclass(eq=False, slots=True)
class Subscription:
    """A subject that is listened to, also after a reconnection. `close` ends it."""

    fabric: Fabric
    subject: str
    handler: Handler
    queue: str
    inner: Any = None

    async def start(self) -> None:
        """Subscribes with the present client."""
        self.inner = await self.fabric.client.subscribe(self.subject, queue=self.queue, cb=self.handler)

    async def close(self) -> None:
        """Ends it; messages that were not handled yet are dropped."""
        self.fabric.subscriptions.discard(self)
        if self.inner is not None and not self.fabric.client.is_closed:
            try:
                await self.inner.unsubscribe()
            except nats.errors.Error as error:
                log.debug("could not unsubscribe", subject=self.subject, error=str(error))


def guarded(handler: Handler, subject: str) -> Handler:
    """Makes a handler whose errors are logged."""

    async def handle(message: Msg) -> None:
        try:
            await handler(message)
        except Exception as error:
            log.error("message could not be handled", subject=subject, exc_info=error)

    return handle
