"""Turns guests into awaitables on the event loop: slices, host calls, deadlines, cancellation, the limit on
guests.

How a guest is run step by step is below, in `sandbox`; which functions it is given is above.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final

from gojinn.engine.baton import Baton
from gojinn.engine.capi import WasmtimeError, capi
from gojinn.engine.core import open_core
from gojinn.engine.host import GuestFault, HostFunction
from gojinn.engine.limits import ProgramSpec
from gojinn.engine.link import check_hosts, link
from gojinn.engine.modules import loaded, types_of
from gojinn.engine.outcome import End, Outcome
from gojinn.engine.poll import POLL_ONEOFF
from gojinn.engine.sandbox import PREEMPTED, Core, Files, FileSession, Plan, Sandbox
from gojinn.engine.settings import EngineSettings, slots_that_fit
from gojinn.engine.slots import Slots
from gojinn.errors import BugError, ModuleError

HOST_CALLS: Final = (POLL_ONEOFF,)
"""Host functions that every program is offered."""


@dataclass(frozen=True, slots=True)
class EngineStats:
    """What an engine is doing now, its metered part included."""

    live: int
    """Guests that have an instance."""
    parked: int
    """Those of them that wait in a host call."""
    waiting: int
    """Invocations that wait for a place."""
    slots: int
    """Guests that may live at once."""
    invocations: int
    """Started since the engine was opened."""


class Lane:
    """One of the engine's two halves: guests that are metered, or those that are not."""

    __slots__ = ("core", "invocations", "slots")

    def __init__(self, settings: EngineSettings, *, metered: bool) -> None:
        self.core: Core = open_core(settings, metered=metered)
        self.slots = Slots(settings.metered_slots if metered else settings.slots or slots_that_fit())
        self.invocations = 0


class Program:
    """A compiled module, linked, with its arguments, environment, mounts and limits. Made by
    `Engine.load`."""

    __slots__ = ("files", "handle", "hosts", "lane")

    def __init__(self, lane: Lane, handle: int, hosts: tuple[HostFunction, ...], files: Files | None) -> None:
        self.lane = lane
        self.handle = handle
        self.hosts = hosts
        self.files = files

    def close(self) -> None:
        """Frees it; what still runs of it runs on. Safe to call again."""
        handle, self.handle = self.handle, 0
        if handle:
            self.lane.core.release(handle)


class Engine:
    """Runs programs, each invocation in a fresh sandbox. One to a process, used from one event loop."""

    def __init__(self, settings: EngineSettings) -> None:
        self.settings = settings
        self.baton = Baton()
        self.parked = 0
        self.plain = Lane(settings, metered=False)
        self.metered: Lane | None = None

    def close(self) -> None:
        """Frees the engine. Raises BugError while guests are live; safe to call again."""
        for lane in self.lanes():
            lane.core.close()

    def stats(self) -> EngineStats:
        lanes = self.lanes()
        return EngineStats(
            live=sum(lane.core.live() for lane in lanes),
            parked=self.parked,
            waiting=sum(lane.slots.waiting() for lane in lanes),
            slots=sum(lane.slots.count for lane in lanes),
            invocations=sum(lane.invocations for lane in lanes),
        )

    def lanes(self) -> list[Lane]:
        return [self.plain] if self.metered is None else [self.plain, self.metered]

    def lane(self, *, metered: bool) -> Lane:
        """The half for metered programs is opened with the first of them: few hosts have any."""
        if not metered:
            return self.plain
        if self.metered is None:
            self.metered = Lane(self.settings, metered=True)
        return self.metered

    def load(
        self, compiled: str | os.PathLike[str], spec: ProgramSpec, host: Iterable[HostFunction] = ()
    ) -> Program:
        """Maps a compiled module and links it. A spec with a fuel limit needs one compiled for metering.

        Raises LinkError naming the import that cannot be given, ModuleError for a file that wasmtime refuses.
        """
        spec.check(self.settings.max_memory, self.settings.max_table)
        lane = self.lane(metered=spec.limits.fuel is not None)
        hosts = (*HOST_CALLS, *host)
        check_hosts(hosts)
        try:
            with loaded(lane.core.engine, compiled) as module, types_of(module) as types:
                pre = link(lane.core, module, types, hosts, files=bool(spec.mounts))
        except WasmtimeError as error:
            raise ModuleError(f"compiled module '{os.fspath(compiled)}' cannot be loaded: {error}") from error
        try:
            files = files_of(spec)
            plan = Plan(spec.args, spec.env, spec.limits, metered=spec.limits.fuel is not None)
            return Program(lane, lane.core.program(pre, plan), hosts, files)
        except BaseException:
            capi().wasmtime_instance_pre_delete(pre)
            raise

    async def invoke(self, program: Program, stdin: bytes, *, timeout: float, context: Any = None) -> Outcome:
        """Runs the program once. A guest that ends within its first slice never touches the event loop.

        `timeout` seconds count from the start of the guest, host calls included; a guest that runs longer
        ends as TIMEOUT. `context` is what its host functions see as `guest.context`.

        Cancellation kills the guest. Raises Unavailable when no place gets free within `timeout`.
        """
        lane = program.lane
        if not program.handle:
            raise BugError("a closed program was invoked")
        slots = lane.slots
        if slots.free:
            slots.free -= 1
        else:
            await slots.wait(timeout)
        lane.invocations += 1
        try:
            if program.files is not None:
                return await self.run_with_files(program, program.files, stdin, timeout, context)
            began = monotonic()
            started = lane.core.start(program.handle, stdin)
            if isinstance(started, Outcome):
                return started
            return await self.run(started, program, began + timeout, context)
        finally:
            slots.give_back()

    async def run_with_files(
        self, program: Program, files: Files, stdin: bytes, timeout: float, context: Any
    ) -> Outcome:
        """The same for a program with mounts, whose input and output are files."""
        session = files.open(stdin)
        try:
            deadline = monotonic() + timeout
            started = program.lane.core.start(program.handle, stdin, session.config())
            if isinstance(started, Outcome):
                return session.complete(started)
            return session.complete(await self.run(started, program, deadline, context, session))
        finally:
            session.close()

    async def run(
        self,
        sandbox: Sandbox,
        program: Program,
        deadline: float,
        context: Any,
        session: FileSession | None = None,
    ) -> Outcome:
        """Runs a guest that did not end in its first slice to its end, `deadline` (monotonic) at the
        latest."""
        sandbox.context = context
        try:
            async with asyncio.timeout(deadline - monotonic()) as limit:
                return await self.serve(sandbox, program.hosts, session)
        except TimeoutError:
            if not limit.expired():
                raise
            return sandbox.stop(End.TIMEOUT)
        finally:
            sandbox.discard()

    async def serve(
        self, sandbox: Sandbox, hosts: tuple[HostFunction, ...], session: FileSession | None
    ) -> Outcome:
        """Slice after slice and host call after host call until the guest ends."""
        while True:
            if session is not None and session.overflowed():
                return sandbox.stop(End.OUTPUT)
            if sandbox.operation == PREEMPTED:
                await self.baton.turn()
                outcome = sandbox.step()
            else:
                outcome = await self.host_call(sandbox, hosts[sandbox.operation])
            if outcome is not None:
                return outcome

    async def host_call(self, sandbox: Sandbox, host: HostFunction) -> Outcome | None:
        self.parked += 1
        try:
            value = await host.call(sandbox, *sandbox.arguments)
        except GuestFault as fault:
            return sandbox.fail(f"{host.module}.{host.name}: {fault}")
        finally:
            self.parked -= 1
        return sandbox.resume(value or 0)


def files_of(spec: ProgramSpec) -> Files | None:
    """wasmtime's own WASI for programs with mounts; its cost is paid by those only."""
    if not spec.mounts:
        return None
    from gojinn.engine.wasi_fs import WasiFiles

    return WasiFiles(spec)
