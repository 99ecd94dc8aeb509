"""A worker process: obeys its supervisor over the control socket. What it serves, and how, is `serving`'s."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import uvloop

from gojinn.config.parcel import unpack
from gojinn.edge.listeners import ListenerKey
from gojinn.edge.share import Share
from gojinn.errors import BugError, GojinnError
from gojinn.fabric.watermarks import Watermarks
from gojinn.observe.log import get
from gojinn.process import messages
from gojinn.process.allocation import collect_rarely, keep_buffers
from gojinn.process.channel import LARGE_FRAME, Channel, ChannelClosed
from gojinn.process.messages import Reply, Request
from gojinn.process.orphans import die_with_parent
from gojinn.process.serving import Serving

NAME = "gojinn-worker"
"""What the system calls the process, in `top` or `ps -o comm`; at most 15 bytes."""

COORDINATED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals that a terminal or a service manager sends to every process: the supervisor acts on them."""

log = get("gojinn.worker")


def main() -> None:
    """Runs `python -m gojinn.process.worker <control> <share> <marks> <number> <pid>`."""
    collect_rarely()
    control, share, marks, number, parent = map(int, sys.argv[1:])
    run(control, share, marks, number, parent)


def run(control: int, share: int, marks: int, number: int, parent: int) -> None:
    """Is a worker: with three descriptors, its number among the others, and the supervisor's pid."""
    for each in COORDINATED:
        signal.signal(each, signal.SIG_IGN)
    die_with_parent(parent)
    Path("/proc/self/comm").write_text(NAME)
    keep_buffers()
    uvloop.run(serve(control, Share(share, number), Watermarks(marks, number)))


async def serve(control: int, share: Share, watermarks: Watermarks) -> None:
    """Serves until told to stop. The end of the supervisor ends this process on the spot."""
    channel = Channel(socket.socket(fileno=control), largest=LARGE_FRAME)
    try:
        await Worker(channel, Serving(share, watermarks)).obey()
    except* ChannelClosed:
        os._exit(1)
    channel.close()


class Worker:
    """Carries out commands; one that takes its time does not hold up a ping."""

    def __init__(self, channel: Channel, serving: Serving) -> None:
        self.channel = channel
        self.serving = serving
        self.stopped = asyncio.Event()

    async def obey(self) -> None:
        """Takes commands until one says to stop and that is done.

        Raises ChannelClosed, in a group, when the supervisor has ended.
        """
        async with asyncio.TaskGroup() as group:
            receiving = group.create_task(self.receive(group))
            await self.stopped.wait()
            receiving.cancel()

    async def receive(self, group: asyncio.TaskGroup) -> None:
        """Takes commands for ever."""
        while True:
            payload, sock = await self.channel.receive()
            command = messages.decode_command(payload)
            if isinstance(command, messages.Adopt):
                assert sock is not None
                self.serving.adopt(ListenerKey(command.host, command.port, command.tls), sock)
            else:
                group.create_task(self.answer(command))

    async def answer(self, command: Request) -> None:
        """Carries out one command and says how it ended."""
        try:
            reply = await self.carry_out(command)
        except GojinnError as error:
            reply = messages.Refused(command.id, messages.faults_of(error))
        except Exception as error:
            log.error("command failed", command=type(command).__name__, exc_info=error)
            bug = BugError(f"{type(error).__name__}: {error}", hint="the worker's log has the traceback")
            reply = messages.Refused(command.id, messages.faults_of(bug))
        await self.channel.send(messages.encode(reply))
        if isinstance(command, messages.Stop):
            self.stopped.set()

    async def carry_out(self, command: Request) -> Reply:
        """Does what a command says."""
        match command:
            case messages.Prepare():
                await self.serving.prepare(unpack(command.release))
            case messages.Commit():
                await self.serving.commit()
            case messages.Abort():
                await self.serving.abort()
            case messages.Stop():
                await self.serving.stop(command.grace)
            case messages.Measure():
                return messages.Report(command.id, self.serving.measure())
        return messages.Done(command.id)


if __name__ == "__main__":
    main()
