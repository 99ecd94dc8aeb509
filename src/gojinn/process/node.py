"""The node as its supervisor has it: data directory, NATS, a connection of its own. Workers get `Node`.

Opened when the first configuration with a function comes, and kept until the end, whatever comes after.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from gojinn.config.node import agreed, filled
from gojinn.config.walk import find
from gojinn.errors import GojinnError, StartError, Unavailable
from gojinn.functions.config import FunctionConfig
from gojinn.libsql.config import TENANT, LibsqlConfig
from gojinn.observe.log import get
from gojinn.process.folders import DataFolder, data_folder
from gojinn.process.orphans import die_with_parent
from gojinn.triggers.mqtt.config import listener

if TYPE_CHECKING:
    from gojinn.config.model import Config
    from gojinn.config.node import External, NodeOptions
    from gojinn.fabric.connection import Fabric
    from gojinn.fabric.node import Access, Node
    from gojinn.fabric.server import Server
    from gojinn.fabric.serverconfig import MqttListener

log = get("gojinn.node")


def needs_node(config: Config) -> bool:
    """Whether a configuration has anything for which state is kept."""
    if next(find(config, FunctionConfig), None) is not None or listener(config) is not None:
        return True
    return any(each.database.startswith(TENANT) for each in find(config, LibsqlConfig))


class NodeKeeper:
    """Opens the node and closes it at the end: after the workers, whose connections need it."""

    def __init__(self) -> None:
        self.stack = AsyncExitStack()
        self.node: Node | None = None
        self.server: Server | None = None
        """The embedded NATS; None before the start, and with one of the user's own."""
        self.fabric: Fabric | None = None
        """The supervisor's own connection."""
        self.followers: list[Callable[[Fabric], Awaitable[None]]] = []
        """Told of the connection once everything is there."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stack.aclose()

    async def open_for(self, config: Config) -> Node | None:
        """Returns the node, opening it if this configuration is the first to need it; None if none does.

        Raises StartError for a data directory in use, a NATS that does not start or is not fit, a wrong key.
        """
        if self.node is None and needs_node(config):
            async with AsyncExitStack() as stack:
                await self.open(config, stack)
                self.stack = stack.pop_all()
        return self.node

    @property
    def warnings(self) -> list[str]:
        """What people should know of this node's NATS."""
        from gojinn.fabric.checks import UNPROVEN

        if self.node is None or self.fabric is None:
            return []
        if not self.node.embedded:
            return [UNPROVEN]
        lacking = self.fabric.room.lacking()
        return [str(lacking)] if lacking else []

    async def figures(self) -> dict[str, Any]:
        """Collects what NATS holds and how the server is; nothing while there is none."""
        if self.node is None or self.fabric is None:
            return {}
        from gojinn.fabric.client import shown
        from gojinn.fabric.figures import collect

        server = self.server
        restarts = {} if server is None else {"pid": server.pid, "restarts": server.restarts}
        return {
            "embedded": self.node.embedded,
            "urls": [shown(url) for url in self.node.access.urls],
            "version": self.fabric.version,
            "connected": self.fabric.connected,
            **restarts,
            **(await collect(self.fabric) if self.fabric.connected else {}),
        }

    async def recheck(self) -> None:
        """Looks after a restart of the server whether everything is there again."""
        from gojinn.fabric.checks import check_streams

        if self.fabric is not None and self.server is not None:
            try:
                await check_streams(self.fabric, self.server.settings)
            except GojinnError as error:
                log.error("NATS is not as it was before its restart", error=str(error))

    async def open(self, config: Config, stack: AsyncExitStack) -> None:
        """Opens everything onto a stack. Only when all of it is there it becomes this node's."""
        from gojinn.app import declare
        from gojinn.fabric.checks import UNPROVEN, check, check_streams
        from gojinn.fabric.connection import Fabric
        from gojinn.fabric.node import Node
        from gojinn.fabric.watchdog import Watchdog

        options: NodeOptions = filled(agreed(config)[0], os.environ)
        folder = DataFolder(data_folder(config, options))
        stack.callback(folder.close)
        external = config.options.nats
        server = None
        if external is None:
            server, access = await self.embedded(config, folder, options, stack)
        else:
            access = access_of(filled(external, os.environ))
        node = Node(
            id=folder.id,
            data=folder.path,
            access=access,
            name=options.server_name or folder.id,
            embedded=external is None,
            replicas=1 if external is None else external.replicas,
        )
        try:
            fabric = await stack.enter_async_context(Fabric(node, "supervisor"))
        except Unavailable as error:
            raise StartError(error.message, hint=error.hint) from error
        await check(fabric)
        if server is not None:
            await check_streams(fabric, server.settings)
        await declare(fabric)
        if server is not None:
            await stack.enter_async_context(Watchdog(fabric, server))
        self.node, self.server, self.fabric = node, server, fabric
        if server is not None:
            server.restarted.append(self.recheck)
        for tell in self.followers:
            await tell(fabric)
        if server is None:
            log.warning("NATS may lose data", text=UNPROVEN)

    async def embedded(
        self, config: Config, folder: DataFolder, options: NodeOptions, stack: AsyncExitStack
    ) -> tuple[Server, Access]:
        """Starts the embedded NATS."""
        from gojinn.fabric.keys import kept_seed, public_key
        from gojinn.fabric.node import Access
        from gojinn.fabric.server import Server
        from gojinn.fabric.serverconfig import Listen, ServerSettings

        seed = options.nats_user_seed or kept_seed(folder.path / "nkey")
        settings = ServerSettings(
            name=options.server_name or folder.id,
            data=folder.path,
            user=public_key(seed),
            listen=Listen("127.0.0.1", options.nats_port),
            trusted=options.trusted_nats_users,
            cipher_key=options.store_cipher_key,
            max_file=options.store_limit,
            mqtt=mqtt_listener(config),
        )
        server = await stack.enter_async_context(Server(settings, partial(die_with_parent, os.getpid())))
        return server, Access((server.url,), seed=seed)


def introduce(node: Node) -> None:
    """Logs which node this is."""
    log.info("node is ready", node=node.id, data=str(node.data), nats=node.access.urls[0])


def mqtt_listener(config: Config) -> MqttListener | None:
    """Makes the door for MQTT clients, if there is to be one. Raises ConfigError for an empty secret."""
    from gojinn.fabric.serverconfig import Listen, MqttListener

    found = listener(config)
    if found is None:
        return None
    host, _, port = found.listen.rpartition(":")
    named = filled(found, os.environ)
    return MqttListener(Listen(host.strip("[]"), int(port)), named.username, named.password)


def access_of(external: External) -> Access:
    """Makes what is needed to reach a NATS of the user's own."""
    from gojinn.fabric.node import Access

    return Access(
        urls=external.urls,
        seed=external.user_seed,
        credentials=external.credentials,
        token=external.token,
        user=external.user,
        password=external.password,
        ca=external.ca,
        certificate=external.certificate,
        key=external.key,
    )
