"""This node among others: what it tells of itself, what they may have it do. How is `control`'s."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import msgspec

from gojinn import __version__
from gojinn.errors import Unavailable
from gojinn.fabric.connection import Fabric
from gojinn.fabric.control import WHO, ControlSubjects, ask_nodes
from gojinn.process.node import NodeKeeper
from gojinn.process.patching import Patch
from gojinn.process.reload import Reloader
from gojinn.process.status import Status

ORDER_TIMEOUT = 120.0
"""Seconds for one node's reload, which compiles what has changed."""

Figures = dict[str, Any]


class Topology:
    """Answers orders of other nodes, and gives them."""

    def __init__(self, reloader: Reloader, status: Status, keeper: NodeKeeper) -> None:
        self.reloader = reloader
        self.status = status
        self.keeper = keeper
        keeper.followers.append(self.open)

    async def open(self, fabric: Fabric) -> None:
        """Listens to other nodes from now on."""
        orders = {WHO: self.who, "status": self.tell, "reload": self.reload, "patch": self.patch}
        await ControlSubjects(fabric, orders).open()

    async def who(self, body: Any) -> Figures:
        """Tells in short what this node is and does."""
        node = self.keeper.node
        if node is None or not self.reloader.serving:
            raise Unavailable("this node does not serve yet")
        return {
            "id": node.id,
            "name": node.name,
            "version": __version__,
            "uptime": round(time.time() - self.status.started, 3),
            "generation": self.reloader.release.number,
            **await self.status.load(),
        }

    async def tell(self, body: Any) -> Figures:
        """Tells everything of this node."""
        return await self.status.collect()

    async def reload(self, body: Any) -> Figures:
        """Has this node read its own Caddyfile anew."""
        return told(await self.reloader.reload("control"))

    async def patch(self, body: Any) -> Figures:
        """Has this node change variables of a function."""
        return told(await self.reloader.patch("control", msgspec.convert(body, Patch)))

    async def nodes(self) -> list[Figures]:
        """Lists all nodes of this NATS, as they tell of themselves; only this one where it can ask none."""
        if self.keeper.node is None or self.keeper.fabric is None:
            return []
        try:
            answers = await ask_nodes(self.keeper.fabric, WHO)
        except Unavailable:
            return [await self.who(None)]
        return sorted((each["ok"] for each in answers if "ok" in each), key=lambda each: each["name"])

    async def order(self, order: str, body: Any = None) -> list[Figures]:
        """Gives an order to all nodes, waits for each, and lists how they took it."""
        fabric = self.keeper.fabric
        if fabric is None:
            raise Unavailable("this server has no NATS over which it could reach others")
        present = [each["id"] for each in await self.nodes()]
        asked = (ask_nodes(fabric, order, body, node=id, timeout=ORDER_TIMEOUT) for id in present)
        answered = await asyncio.gather(*asked)
        return [
            found[0] if found else {"node": id, "error": f"no answer within {ORDER_TIMEOUT:g} s"}
            for id, found in zip(present, answered, strict=True)
        ]


def told(value: Any) -> Figures:
    """Makes plain data of a struct or dataclass."""
    plain: Figures = msgspec.to_builtins(value)
    return plain
