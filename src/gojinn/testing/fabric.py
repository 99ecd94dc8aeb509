"""Real NATS servers for tests: the embedded one, and clusters as users run them.

    async with fabric() as connection:
        await connection.publish(…)

Servers have folders of their own and ports that the system chose; leaving ends them.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gojinn.config.units import Secret
from gojinn.errors import Unavailable
from gojinn.fabric.checks import check
from gojinn.fabric.connection import Fabric
from gojinn.fabric.keys import kept_seed, public_key
from gojinn.fabric.node import Access, Node
from gojinn.fabric.program import find_program
from gojinn.fabric.server import Server
from gojinn.fabric.serverconfig import ServerSettings
from gojinn.process.orphans import die_with_parent

STOP_TIMEOUT = 10.0
"""Seconds for a server of a cluster to end."""
ASK_TIMEOUT, ASK_AGAIN = 0.5, 0.05
"""Seconds for an answer, and between two attempts, while a cluster has no leader."""


@asynccontextmanager
async def node(folder: Path | None = None, **settings: Any) -> AsyncIterator[tuple[Node, Server]]:
    """Runs an embedded server and yields what its node's processes would know.

    Args:
        folder: The data directory; None makes a temporary one.
        settings: More fields of `ServerSettings`.
    """
    with TemporaryDirectory(prefix="gojinn-nats-") as scratch:
        data = Path(scratch) if folder is None else folder
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        seed = kept_seed(data / "nkey")
        wanted = ServerSettings(name="test", data=data, user=public_key(seed), **settings)
        async with Server(wanted, partial(die_with_parent, os.getpid())) as server:
            yield Node(id="test", data=data, access=Access((server.url,), seed=seed)), server


@asynccontextmanager
async def fabric(folder: Path | None = None, **settings: Any) -> AsyncIterator[Fabric]:
    """Runs an embedded server and yields a connection to it, checked and ready."""
    async with node(folder, **settings) as (there, _), Fabric(there, "test") as connection:
        await check(connection)
        yield connection


@dataclass
class Member:
    """One server of a cluster."""

    name: str
    config: Path
    process: asyncio.subprocess.Process

    async def kill(self) -> None:
        """Kills it at once."""
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def start(self) -> None:
        """Starts it again."""
        self.process = await launch(self.config)

    async def stop(self) -> None:
        """Ends it, by force if it has to."""
        if self.process.returncode is None:
            self.process.terminate()
            try:
                async with asyncio.timeout(STOP_TIMEOUT):
                    await self.process.wait()
            except TimeoutError:
                await self.kill()


@dataclass
class Cluster:
    """Servers that form one NATS, without Gojinn's doing."""

    members: list[Member]
    urls: tuple[str, ...]
    data: Path

    accounts: int = 0
    """Accounts that are apart from each other, `user0` with the password `user0` in the first; with none
    everybody is let in."""

    def node(self, replicas: int = 3) -> Node:
        """What a node's processes know of it."""
        own = {"user": "user0", "password": Secret("user0")} if self.accounts else {}
        access = Access(self.urls, **own)  # type: ignore[arg-type]
        return Node("test", self.data, access, embedded=False, replicas=replicas)


@asynccontextmanager
async def cluster(size: int = 3, accounts: int = 0) -> AsyncIterator[Cluster]:
    """Runs a NATS cluster that is ready to make replicated streams."""
    with TemporaryDirectory(prefix="gojinn-cluster-") as scratch:
        folder = Path(scratch)
        with reserved(2 * size) as ports:
            clients, routes = ports[:size], ports[size:]
            rights = account_lines(accounts)
            configs = [write_config(folder, number, clients, routes, rights) for number in range(size)]
        async with AsyncExitStack() as stack:
            members = []
            for config in configs:
                member = Member(config.stem, config, await launch(config))
                stack.push_async_callback(member.stop)
                members.append(member)
            urls = tuple(f"nats://127.0.0.1:{port}" for port in clients)
            made = Cluster(members, urls, folder, accounts)
            await until_elected(made, size)
            yield made


@asynccontextmanager
async def server(config: str) -> AsyncIterator[str]:
    """Runs a single nats-server with a configuration of the test's and yields its URL."""
    with TemporaryDirectory(prefix="gojinn-nats-") as scratch:
        path = Path(scratch) / "server.conf"
        with reserved(1) as ports:
            path.write_text(f"listen: 127.0.0.1:{ports[0]}\n{config}\n")
        member = Member("server", path, await launch(path))
        try:
            yield f"nats://127.0.0.1:{ports[0]}"
        finally:
            await member.stop()


class reserved:
    """Ports that nobody else is given while the block runs; a server may bind them all the same.

    The sockets are bound with SO_REUSEPORT and never listen; the servers bind after the block, so two tests
    at once would have to be given the same port within milliseconds to meet.
    """

    def __init__(self, count: int) -> None:
        self.sockets = [socket.socket() for _ in range(count)]

    def __enter__(self) -> list[int]:
        for each in self.sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in self.sockets]

    def __exit__(self, *_: object) -> None:
        for each in self.sockets:
            each.close()


def account_lines(count: int) -> str:
    """Writes the configuration of so many accounts."""
    each = (
        f"  a{number}: {{ jetstream: enabled, users: [{{ user: user{number}, password: user{number} }}] }}"
        for number in range(count)
    )
    return "\n".join(["accounts {", *each, "}"]) if count else ""


def write_config(folder: Path, number: int, clients: list[int], routes: list[int], rights: str) -> Path:
    """Writes the configuration of one server."""
    name = f"n{number + 1}"
    path = folder / f"{name}.conf"
    others = [f"nats://127.0.0.1:{port}" for port in routes]
    path.write_text(
        f"server_name: {name}\nlisten: 127.0.0.1:{clients[number]}\n"
        f"jetstream {{ store_dir: {json.dumps(str(folder / name))}, max_file: 1GB, max_mem: 64MB,"
        " sync_interval: always }\n"
        f"cluster {{ name: test, listen: 127.0.0.1:{routes[number]}, routes: {json.dumps(others)} }}\n"
        f"{rights}\n"
    )
    return path


async def launch(config: Path) -> asyncio.subprocess.Process:
    """Starts one server; its log goes into a file beside its configuration."""
    with config.with_suffix(".log").open("ab") as log:
        return await asyncio.create_subprocess_exec(
            find_program(),
            "-c",
            str(config),
            stdout=log,
            stderr=log,
            preexec_fn=partial(die_with_parent, os.getpid()),
        )


async def until_elected(made: Cluster, size: int) -> None:
    """Waits until the cluster has elected the leader that makes streams."""
    async with asyncio.timeout(60), Fabric(made.node(), "test") as connection:
        while True:
            try:
                wanted = {"name": "ready", "subjects": ["ready"], "num_replicas": size}
                await connection.api("STREAM.CREATE.ready", wanted, timeout=ASK_TIMEOUT)
                await connection.api("STREAM.DELETE.ready")
                return
            except Unavailable:
                await asyncio.sleep(ASK_AGAIN)
