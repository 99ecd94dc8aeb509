"""Control subjects: how nodes of one NATS find each other and are told what to do. What they do is others'.

`gojinn.sys.who` and `gojinn.sys.<node>.<order>`, or `gojinn.sys.all.<order>` for every node. A message is
signed with what the node logs in with, so that somebody else who may use the NATS (it may be a user's own,
with other programs) cannot give orders. Who knows that has the node's rights anyway.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from nats.aio.msg import Msg

from gojinn.errors import Denied, GojinnError, Unavailable
from gojinn.fabric import names
from gojinn.fabric.connection import Fabric
from gojinn.fabric.node import Access
from gojinn.observe.log import get

WHO, ALL = "who", "all"
TIME, SIGNATURE = "Gojinn-Time", "Gojinn-Signature"
SKEW = 30.0
"""Seconds by which the clocks of two nodes may differ."""
QUIET = 0.25
"""Seconds without another answer after which all nodes are taken to have answered."""

log = get("gojinn.control")

Order = Callable[[Any], Awaitable[Any]]
"""Carries out an order; what it is given and what it returns is JSON."""


def signing_key(access: Access) -> bytes | None:
    """Makes the key that orders are signed with; None where the NATS lets everybody in."""
    secrets = [each.reveal() for each in (access.seed, access.token, access.password) if each]
    if access.credentials:
        secrets.append(Path(access.credentials).read_text(encoding="utf-8"))
    if not secrets:
        return None
    return hmac.digest(b"gojinn control subjects", "\n".join(secrets).encode(), "sha256")


def sign(key: bytes, subject: str, body: bytes, when: str) -> str:
    """Signs an order."""
    text = b"\n".join([subject.encode(), when.encode(), body])
    return hmac.digest(key, text, "sha256").hex()


def verify(key: bytes, subject: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Raises Denied for an order that is not signed by one of us, or not just now."""
    when = headers.get(TIME, "")
    expected = sign(key, subject, body, when)
    if not hmac.compare_digest(expected.encode(), headers.get(SIGNATURE, "").encode()):
        raise Denied("the order is not signed by a node of this NATS")
    if abs(time.time() - float(when)) > SKEW:
        raise Denied("the order is not of now", hint="set the clocks of the nodes")


class ControlSubjects:
    """Listens for orders to this node. Give it what each order does; `close` ends it."""

    def __init__(self, fabric: Fabric, orders: Mapping[str, Order]) -> None:
        self.fabric = fabric
        self.orders = orders
        self.key = signing_key(fabric.node.access)

    async def open(self) -> None:
        """Starts to listen. Where everybody may log in to the NATS nobody is listened to."""
        if self.key is None:
            log.warning("no control subjects", reason="this NATS lets everybody in, who could use them")
            return
        await self.fabric.subscribe(names.system(WHO), self.take)
        for who in (ALL, self.fabric.node.id):
            await self.fabric.subscribe(names.system(who, names.ANY), self.take)

    async def take(self, message: Msg) -> None:
        """Carries out one order and answers."""
        order = message.subject.rpartition(".")[2]
        assert self.key is not None
        try:
            verify(self.key, message.subject, message.data, message.headers or {})
            known = self.orders.get(order)
            if known is None:
                raise Denied(f"there is no order '{order}'")
            answer = {"ok": await known(msgspec.json.decode(message.data) if message.data else None)}
        except (GojinnError, msgspec.MsgspecError) as error:
            log.warning("order refused", order=order, error=str(error))
            answer = {"error": getattr(error, "message", None) or str(error)}
        if message.reply:
            body = {"node": self.fabric.node.id, "name": self.fabric.node.name, **answer}
            await self.fabric.send(message.reply, msgspec.json.encode(body, enc_hook=str))


async def ask_nodes(
    fabric: Fabric, order: str, body: Any = None, *, node: str = "", timeout: float = QUIET
) -> list[dict[str, Any]]:
    """Gives an order to one node, or to all (the order WHO always), and collects what they answer.

    Ends when `timeout` seconds have passed without another answer, or the one node has answered.
    Raises Unavailable where there are no control subjects.
    """
    key = signing_key(fabric.node.access)
    if key is None:
        raise Unavailable("this NATS asks for no login", hint="give it users, and name one in 'nats'")
    subject = names.system(WHO) if order == WHO else names.system(node or ALL, order)
    data = b"" if body is None else msgspec.json.encode(body)
    when = f"{time.time():.3f}"
    answers: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def take(message: Msg) -> None:
        if message.data:
            answers.put_nowait(msgspec.json.decode(message.data, type=dict[str, Any]))

    inbox = fabric.client.new_inbox()
    subscription = await fabric.subscribe(inbox, take)
    found: list[dict[str, Any]] = []
    try:
        signature = {TIME: when, SIGNATURE: sign(key, subject, data, when)}
        await fabric.send(subject, data, headers=signature, reply=inbox)
        while not (node and found):
            async with asyncio.timeout(timeout):
                found.append(await answers.get())
    except TimeoutError:
        pass
    finally:
        await subscription.close()
    return found
