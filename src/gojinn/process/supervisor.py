"""The supervisor's process from its start to its exit code. What it does in between is `service`'s."""

from __future__ import annotations

import os
import resource
import signal
from contextlib import AsyncExitStack, closing

from gojinn.process.options import ServeOptions
from gojinn.process.pool import Pool
from gojinn.process.signals import Orders, handled
from gojinn.process.sockets import Sockets


def serve(options: ServeOptions) -> int:
    """Serves until a signal or the admin listener says to stop; returns the exit code.

    Raises ConfigError or StartError when it cannot start to serve.
    """
    import uvloop

    raise_file_limit()
    return uvloop.run(supervise(options))


def raise_file_limit() -> None:
    """Allows as many open files as the system does; every connection is one, here and in the workers."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def one_a_core() -> int:
    """Counts the cores that this process may use."""
    return len(os.sched_getaffinity(0))


async def supervise(options: ServeOptions) -> int:
    """Spawns the workers and has them serve. Signals are heard from the first moment on."""
    orders = Orders()
    handlers = {
        signal.SIGTERM: orders.stop,
        signal.SIGINT: orders.stop,
        signal.SIGHUP: orders.reloading.set,
    }
    with handled(handlers), closing(Sockets()) as sockets:
        async with AsyncExitStack() as outer, Pool(options.workers or one_a_core(), sockets) as pool:
            # Imported only now: the workers, which need most of the same, do so at the same time.
            from gojinn.process.node import NodeKeeper
            from gojinn.process.service import Service

            # Left after the workers, which talk to its NATS until their end.
            keeper = await outer.enter_async_context(NodeKeeper())
            return await Service(options, orders, sockets, pool, keeper).run()
