"""The admin API: which paths there are and what each does. Who may call it is `admin`'s business."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from gojinn.config.export import to_json
from gojinn.edge.message import Request, Response
from gojinn.errors import BadRequest, ConfigError, GojinnError, NotFound, Unavailable
from gojinn.observe.prometheus import CONTENT_TYPE
from gojinn.process.extension import Extension
from gojinn.process.patching import Patch
from gojinn.process.reload import Reloaded, Reloader
from gojinn.process.signals import Orders
from gojinn.process.status import Status
from gojinn.process.topology import Topology

LARGEST_BODY = 64 << 10
"""Bytes; the longest request is a path."""
BODY_HINT = """send nothing, or '{"config": "/absolute/path/of/Caddyfile"}'"""
PATCH_HINT = """send '{"function": "hello", "env": {"GREETING": "hello"}}'"""
JSON = (b"content-type", b"application/json")

Action = Callable[[Request], Awaitable[Response]]


class ReloadRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a reload; it may be missing."""

    config: str | None = None
    """Absolute path of another Caddyfile to serve from now on."""
    all: bool = False
    """Whether every node of this NATS is to reload its own Caddyfile."""


class Rejected(GojinnError):
    """A request that was understood but cannot be carried out; nothing has changed."""

    def __init__(self, status: int, code: str, message: str, *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.code = code


class Control:
    """Answers the admin listener's requests. No answer holds a secret or a value of the environment."""

    def __init__(
        self,
        reloader: Reloader,
        status: Status,
        orders: Orders,
        extension: Extension,
        topology: Topology,
    ) -> None:
        self.extension = extension
        self.topology = topology
        self.reloader = reloader
        self.status = status
        self.orders = orders
        self.actions: dict[str, tuple[str, Action]] = {
            "/_sys/health": ("GET", self.health),
            "/_sys/status": ("GET", self.show_status),
            "/_sys/metrics": ("GET", self.show_metrics),
            "/_sys/config": ("GET", self.show_config),
            "/_sys/nodes": ("GET", self.show_nodes),
            "/_sys/reload": ("POST", self.reload),
            "/_sys/patch": ("POST", self.patch),
            "/_sys/stop": ("POST", self.shut_down),
        }

    async def __call__(self, request: Request) -> Response:
        """Answers a request."""
        request.body.limit = LARGEST_BODY
        found = self.actions.get(request.path)
        if found is None:
            return await self.extended(request)
        method, action = found
        if request.method != method:
            raise wrong_method(request, [method])
        return await action(request)

    async def extended(self, request: Request) -> Response:
        """Answers a request for a path that a subsystem has added."""
        found = self.extension.find(request)
        if found is None:
            paths = [*self.actions, *dict.fromkeys(route.path for route in self.extension.routes)]
            raise NotFound(f"nothing is at '{request.path}'", hint=f"use one of: {', '.join(paths)}")
        if isinstance(found, list):
            raise wrong_method(request, found)
        return await self.extension.answer(request, *found)

    async def health(self, request: Request) -> Response:
        """Tells whether any worker serves."""
        workers = len(self.status.pool.children)
        if not workers:
            raise Unavailable("no worker serves just now", hint="look at the log for why they end")
        return answer(request, {"workers": workers, "generation": self.reloader.release.number})

    async def show_status(self, request: Request) -> Response:
        """Tells how everything is."""
        return answer(request, await self.status.collect())

    async def show_metrics(self, request: Request) -> Response:
        """Tells how everything is, to Prometheus."""
        request.answer.append((b"content-type", CONTENT_TYPE))
        return Response(200, request.answer, (await self.status.metrics()).encode())

    async def show_config(self, request: Request) -> Response:
        """Shows the configuration that serves, secrets masked."""
        request.answer.append(JSON)
        return Response(200, request.answer, to_json(self.reloader.release.config).encode())

    async def show_nodes(self, request: Request) -> Response:
        """Lists the nodes that share this one's NATS."""
        return answer(request, {"nodes": await self.topology.nodes()})

    async def reload(self, request: Request) -> Response:
        """Reloads; what is wrong with the new configuration is the answer's detail."""
        try:
            asked = read_reload(await request.body.read())
        except msgspec.MsgspecError as error:
            raise Rejected(400, "request", f"the body is wrong: {error}", hint=BODY_HINT) from error
        if asked.all:
            return answer(request, {"nodes": await self.topology.order("reload")})
        path = None if asked.config is None else Path(asked.config)
        return await self.changed(request, self.reloader.reload("admin", path))

    async def patch(self, request: Request) -> Response:
        """Changes variables of a function until the next reload."""
        try:
            patch = msgspec.json.decode(await request.body.read(), type=Patch)
        except msgspec.MsgspecError as error:
            raise Rejected(400, "request", f"the body is wrong: {error}", hint=PATCH_HINT) from error
        return await self.changed(request, self.reloader.patch("admin", patch))

    async def changed(self, request: Request, work: Awaitable[Reloaded]) -> Response:
        """Waits for a change; what is wrong with it is the answer's detail."""
        try:
            return answer(request, await work)
        except (BadRequest, NotFound):
            raise
        except ConfigError as error:
            raise Rejected(400, error.code, error.render()) from error
        except GojinnError as error:
            raise Rejected(400, error.code, error.message, hint=error.hint) from error

    async def shut_down(self, request: Request) -> Response:
        """Stops the program, in good order; a second call forces it."""
        self.orders.stop()
        return answer(request, {"stopping": True})


def wrong_method(request: Request, methods: Sequence[str]) -> Rejected:
    """Makes the error for a method that a path does not have."""
    request.answer.append((b"allow", ", ".join(methods).encode()))
    return Rejected(405, "method", f"given {request.method}, expected {' or '.join(methods)}")


def read_reload(body: bytes) -> ReloadRequest:
    """Reads the body of a reload. Raises msgspec's errors for one that is wrong."""
    asked = msgspec.json.decode(body or b"{}", type=ReloadRequest)
    if asked.config is not None and not Path(asked.config).is_absolute():
        raise msgspec.ValidationError(f"given '{asked.config}', expected an absolute path")
    return asked


def answer(request: Request, value: Any) -> Response:
    """Makes a JSON response."""
    request.answer.append(JSON)
    return Response(200, request.answer, msgspec.json.encode(value))
