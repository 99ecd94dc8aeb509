"""The part of the admin API that subsystems add: finds the route of a request and calls it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from gojinn.config.model import Config
from gojinn.edge.message import Request, Response
from gojinn.edge.query import pairs
from gojinn.fabric.admin import AdminCall, AdminRoute
from gojinn.fabric.connection import Fabric
from gojinn.fabric.node import Node
from gojinn.fabric.watermarks import Watermarks
from gojinn.process.node import NodeKeeper
from gojinn.process.reload import Reloader

JSON = (b"content-type", b"application/json")
BYTES = (b"content-type", b"application/octet-stream")


class Extension:
    """The routes of all subsystems, with what the supervisor has for them."""

    def __init__(
        self, routes: Iterable[AdminRoute], reloader: Reloader, keeper: NodeKeeper, watermarks: Watermarks
    ) -> None:
        self.routes = tuple(routes)
        self.watermarks = watermarks
        self.reloader = reloader
        self.keeper = keeper

    def find(self, request: Request) -> tuple[AdminRoute, dict[str, str]] | list[str] | None:
        """Finds the route of a request; the methods that its path has with another one; None for no route."""
        path = request.original_target.partition("?")[0]
        found = [(each, parameters) for each in self.routes if (parameters := each.match(path)) is not None]
        chosen = next((each for each in found if each[0].method == request.method), None)
        return chosen or [route.method for route, _ in found] or None

    async def answer(self, request: Request, route: AdminRoute, parameters: dict[str, str]) -> Response:
        """Calls a route and writes what it returns."""
        request.body.limit = route.largest
        call = AdminCall(
            parameters=parameters,
            query=dict(pairs(request.query)[0]),
            body=await request.body.read(),
            services=self.services(),
        )
        value = await route.action(call)
        plain = isinstance(value, bytes)
        request.answer.append(BYTES if plain else JSON)
        return Response(200, request.answer, value if plain else msgspec.json.encode(value))

    def services(self) -> dict[type, Any]:
        """What the supervisor has at this moment."""
        found: dict[type, Any] = {Config: self.reloader.release.config}
        if self.keeper.node is not None:
            found |= {Node: self.keeper.node, Fabric: self.keeper.fabric, Watermarks: self.watermarks}
        return found
