"""The supervisor's process from its start to its exit code. What it does in between is `service`'s."""

from __future__ import annotations

import os
import resource
import signal
from contextlib import closing

import uvloop

from gojinn.process.allocation import collect_rarely
from gojinn.process.node import NodeKeeper
from gojinn.process.options import ServeOptions
from gojinn.process.pool import Pool
from gojinn.process.service import Service
from gojinn.process.signals import Orders, handled
from gojinn.process.sockets import Sockets


def serve(options: ServeOptions) -> int:
    """Serves until a signal or the admin listener says to stop; returns the exit code.

    Raises ConfigError or StartError when it cannot start to serve.
    """
    raise_file_limit()
    collect_rarely()
    with closing(Sockets()) as sockets:
        pool = Pool(options.workers or one_a_core(), sockets)
        return uvloop.run(supervise(options, sockets, pool))


def raise_file_limit() -> None:
    """Allows as many open files as the system does; every connection is one, here and in the workers."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def one_a_core() -> int:
    """Counts the cores that this process may use."""
    return len(os.sched_getaffinity(0))


async def supervise(options: ServeOptions, sockets: Sockets, pool: Pool) -> int:
    """Has the workers serve. Signals are heard from now on."""
    orders = Orders()
    handlers = {
        signal.SIGTERM: orders.stop,
        signal.SIGINT: orders.stop,
        signal.SIGHUP: orders.reloading.set,
    }
    # The node is left after the workers, which talk to its NATS until their end.
    with handled(handlers):
        async with NodeKeeper() as keeper, pool:
            return await Service(options, orders, sockets, pool, keeper).run()
