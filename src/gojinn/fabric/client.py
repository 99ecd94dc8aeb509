"""nats-py as this project runs it: logging in, reconnecting for ever, never sending late. Asks nothing."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

from nats.aio.client import Client
from nats.errors import Error, SlowConsumerError

from gojinn.errors import StartError, Unavailable
from gojinn.fabric.node import Access
from gojinn.observe.log import get

PING_INTERVAL = 2
"""Seconds. A server that hangs or a dead network is noticed after two pings without an answer."""
RECONNECT_WAIT = 0.1
"""Seconds between two attempts; a server of our own is back after some 20 ms."""
CONNECT_TIMEOUT = 2
"""Seconds for one attempt."""
REFUSALS = ("authorization violation", "authentication", "tls: ", "certificate", "user_jwt")
"""Words of errors at which trying again is of no use."""

Callback = Callable[[], Awaitable[None]]

log = get("gojinn.fabric")


class Link:
    """One client and what it reports. It reconnects by itself; `closed` is called when it gives up."""

    def __init__(
        self,
        access: Access,
        name: str,
        up: asyncio.Event,
        *,
        lost: Callback,
        back: Callback,
        closed: Callback,
    ) -> None:
        self.access = access
        self.name = name
        self.client = Client()
        self.up = up
        """Set while there is a connection."""
        self.opened = False
        self.refused: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()
        self.lost, self.back, self.closed = lost, back, closed

    async def open(self, timeout: float) -> None:
        """Connects. Raises StartError when the server does not let us in, Unavailable when none answers."""
        connecting = asyncio.create_task(self.client.connect(**self.options()))
        try:
            ends: set[asyncio.Future[Any]] = {connecting, self.refused}
            await asyncio.wait(ends, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            if connecting.done():
                connecting.result()
                self.opened = True
                self.up.set()
                return
        except (Error, OSError, ValueError) as error:
            raise StartError(f"connecting to NATS: {error}") from error
        finally:
            if not connecting.done():
                connecting.cancel()
                await asyncio.gather(connecting, return_exceptions=True)
                await self.client.close()
        raise self.failure()

    def failure(self) -> Exception:
        """Makes the error for a connection that could not be made."""
        where = ", ".join(map(shown, self.access.urls))
        if self.refused.done():
            reason = str(self.refused.result()).removeprefix("nats: ").strip("'").lower()
            hint = "check the credentials and certificates of the 'nats' block"
            return StartError(f"the NATS server at {where} refuses us: {reason}", hint=hint)
        last = self.client.last_error
        reason = f": {str(last) or type(last).__name__}".removeprefix("nats: ") if last else ""
        return Unavailable(f"no NATS server answers at {where}{reason}", hint="start it, or correct its URL")

    def options(self) -> dict[str, Any]:
        """What `connect` is told."""
        access = self.access
        return {
            "servers": list(access.urls),
            "name": self.name,
            "error_cb": self.on_error,
            "disconnected_cb": self.on_lost,
            "reconnected_cb": self.on_back,
            "closed_cb": self.on_closed,
            "connect_timeout": CONNECT_TIMEOUT,
            "ping_interval": PING_INTERVAL,
            "max_outstanding_pings": 2,
            "reconnect_time_wait": RECONNECT_WAIT,
            "max_reconnect_attempts": -1,
            # Nothing is kept while there is no connection: it would be stored after its caller was told
            # that it was not.
            "pending_size": 0,
            "nkeys_seed_str": access.seed.reveal() if access.seed else None,
            "user_credentials": access.credentials or None,
            "token": access.token.reveal() if access.token else None,
            "user": access.user or None,
            "password": access.password.reveal() if access.password else None,
            "tls": tls_of(access),
        }

    async def on_error(self, error: Exception) -> None:
        """Hears of each failed attempt and of messages that were dropped."""
        text = str(error).lower()
        if isinstance(error, SlowConsumerError):
            log.error("messages dropped, their reader is too slow", subject=clean(error.subject))
        elif any(word in text for word in REFUSALS) and not self.refused.done():
            self.refused.set_result(error)
            if self.opened:
                log.error("NATS does not let us in any more", error=str(error))
        else:
            log.debug("connection error", error=str(error) or type(error).__name__)

    async def on_lost(self) -> None:
        """Hears of the loss of the connection."""
        self.up.clear()
        if self.opened:
            # What was not yet sent must never be: its callers are told now that it failed.
            self.client._pending.clear()
            self.client._pending_data_size = 0
            await self.lost()

    async def on_back(self) -> None:
        """Hears of a new connection."""
        self.up.set()
        await self.back()

    async def on_closed(self) -> None:
        """Hears of the end, after which the client does not try again."""
        if self.opened:
            await self.closed()

    async def close(self) -> None:
        """Ends the connection."""
        self.up.clear()
        await self.client.close()
        if not self.refused.done():
            self.refused.cancel()


def tls_of(access: Access) -> ssl.SSLContext | None:
    """Makes the TLS settings. Raises StartError for a file that cannot be used."""
    if not (access.ca or access.certificate):
        return None
    try:
        context = ssl.create_default_context(cafile=access.ca or None)
        if access.certificate:
            context.load_cert_chain(access.certificate, access.key or None)
    except (OSError, ssl.SSLError) as error:
        names = ", ".join(filter(None, [access.ca, access.certificate, access.key]))
        raise StartError(f"reading {names}: {error}") from error
    return context


def shown(url: str) -> str:
    """Shows a URL without what may be a password."""
    scheme, _, rest = url.rpartition("://")
    return f"{scheme or 'nats'}://{rest.rpartition('@')[2]}"


def clean(subject: str) -> str:
    """Shows a subject on one line."""
    return subject.encode("unicode_escape").decode()
