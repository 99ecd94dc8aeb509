"""Turns guests into awaitables on the event loop: slices, host calls, deadlines, cancellation, the limit on
guests.

How a guest is run step by step is below, in `sandbox`, and how programs are loaded in `loading`; which
functions a guest is given is above.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine, Iterable
from dataclasses import dataclass
from time import monotonic
from typing import Any

from gojinn.engine.baton import Baton
from gojinn.engine.begun import continued
from gojinn.engine.calls import answered, failed
from gojinn.engine.host import GuestFault
from gojinn.engine.lanes import Program
from gojinn.engine.limits import Surroundings
from gojinn.engine.loading import Loader
from gojinn.engine.outcome import End, Outcome
from gojinn.engine.parts import handed_over
from gojinn.engine.sandbox import PREEMPTED, Files, FileSession, Sandbox
from gojinn.engine.settings import EngineSettings
from gojinn.engine.slots import Slots, give_back
from gojinn.errors import BugError


@dataclass(frozen=True, slots=True)
class EngineStats:
    """What an engine is doing now."""

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


class Engine(Loader):
    """Runs programs, each invocation in a fresh sandbox. One to a process, used from one event loop."""

    def __init__(self, settings: EngineSettings) -> None:
        super().__init__(settings)
        self.tick = settings.tick
        self.baton = Baton()
        self.parked = 0
        self.invocations = 0

    def stats(self) -> EngineStats:
        waiting = [self.slots, *(lane.slots for lane in self.lanes() if lane.slots is not None)]
        return EngineStats(
            live=sum(lane.core.live() for lane in self.lanes()),
            parked=self.parked,
            waiting=sum(slots.waiting() for slots in waiting),
            slots=self.slots.count,
            invocations=self.invocations,
        )

    async def invoke(
        self,
        program: Program,
        stdin: bytes,
        *,
        timeout: float,
        context: Any = None,
        around: Surroundings | None = None,
    ) -> Outcome:
        """Runs the program once. A guest that ends within its first slice never touches the event loop.

        `timeout` seconds count from the start of the guest, host calls included; a guest that runs longer
        ends as TIMEOUT. `context` is what its host functions see as `guest.context`; where it says `parts`,
        a handler of HTTP requests hands over what it has answered whenever it waits or is preempted. What it
        finds `around` it takes the place of its program's.

        Cancellation kills the guest. Raises Unavailable when no place gets free within `timeout`.
        """
        begun = self.begin(program, stdin, timeout=timeout, context=context, around=around)
        return begun if isinstance(begun, Outcome) else await begun

    def begin(
        self,
        program: Program,
        stdin: bytes,
        *,
        timeout: float,
        context: Any = None,
        around: Surroundings | None = None,
    ) -> Outcome | Coroutine[Any, Any, Outcome]:
        """Does `invoke` without a coroutine where nothing has to be waited for: a short guest is run to its
        end, with its host calls that can be answered at once. What is returned of any other is for the same
        task to await, at once."""
        own = program.lane.slots
        full = not self.slots.free or (own is not None and not own.free)
        if full or program.slow or program.files is not None:
            return self.invoke_in_turn(program, stdin, timeout, context, around)
        began = monotonic()
        started = self.first_slice(program, stdin, around)
        if isinstance(started, Outcome):
            return started
        started.context = context
        try:
            outcome = answered(started, program)
            if outcome is not None:
                return outcome
            serving = self.serve(started, program, None)
            waiting = serving.send(None)
        except StopIteration as ended:
            outcome = ended.value
            assert isinstance(outcome, Outcome)
            return outcome
        except BaseException:
            started.discard()
            if started.requests is not None:
                started.requests.cancel()
            raise
        for slots in program.lane.places:
            slots.free -= 1
        return self.finish(started, continued(serving, waiting), began + timeout, program.lane.places)

    async def finish(
        self, sandbox: Sandbox, serving: Awaitable[Outcome], deadline: float, places: Iterable[Slots]
    ) -> Outcome:
        """Runs a guest that found a free place at once to its end."""
        try:
            return await in_time(sandbox, serving, deadline)
        finally:
            give_back(places)

    async def invoke_in_turn(
        self, program: Program, stdin: bytes, timeout: float, context: Any, around: Surroundings | None
    ) -> Outcome:
        """Waits for the places that a guest needs, then runs it."""
        taken: list[Slots] = []
        try:
            for slots in program.lane.places:
                await slots.take(timeout)
                taken.append(slots)
            return await self.invoke_in_place(program, stdin, timeout, context, around)
        finally:
            give_back(taken)

    async def invoke_in_place(
        self, program: Program, stdin: bytes, timeout: float, context: Any, around: Surroundings | None
    ) -> Outcome:
        deadline = monotonic() + timeout
        if program.slow:
            await self.first_turn(program)
        if program.files is not None:
            return await self.run_with_files(program, program.files, stdin, deadline, context, around)
        started = self.first_slice(program, stdin, around)
        if isinstance(started, Outcome):
            return started
        return await self.run(started, program, deadline, context)

    def first_slice(
        self, program: Program, stdin: bytes, around: Surroundings | None, session: FileSession | None = None
    ) -> Outcome | Sandbox:
        """Starts a guest."""
        if not program.handle:
            raise BugError("a closed program was invoked")
        self.invocations += 1
        started = program.lane.core.start(program.handle, stdin, session.config() if session else 0, around)
        slow = started.wall > self.tick if isinstance(started, Outcome) else started.operation == PREEMPTED
        if slow or program.slow:
            program.found(slow=slow)
        return started

    async def first_turn(self, program: Program) -> None:
        """Waits until a slow program's next guest may begin."""
        turn = self.baton.turn()
        program.queued.append(turn)
        try:
            await turn
        finally:
            if turn in program.queued:
                program.queued.remove(turn)

    async def run_with_files(
        self,
        program: Program,
        files: Files,
        stdin: bytes,
        deadline: float,
        context: Any,
        around: Surroundings | None,
    ) -> Outcome:
        """The same for a program with mounts."""
        session = files.open(stdin, context)
        try:
            started = self.first_slice(program, stdin, around, session)
            if not isinstance(started, Outcome):
                started = await self.run(started, program, deadline, context, session)
            return await session.complete(started)
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
        sandbox.context, sandbox.session = context, session
        return await in_time(sandbox, self.serve(sandbox, program, session), deadline)

    async def serve(self, sandbox: Sandbox, program: Program, session: FileSession | None) -> Outcome:
        """Slice after slice and host call after host call until the guest ends."""
        while True:
            if session is None:
                outcome = answered(sandbox, program)
                if outcome is not None:
                    return outcome
            elif (end := session.passed()) is not None:
                return sandbox.stop(end)
            if program.parts and sandbox.context is not None and sandbox.context.parts:
                part = sandbox.part()
                if part is not None:
                    await handed_over(part)
            if sandbox.operation == PREEMPTED:
                await self.baton.turn()
                if session is not None:
                    session.begin()
                outcome = sandbox.step()
            else:
                host = program.hosts[sandbox.operation]
                self.parked += 1
                try:
                    value = await host.call(sandbox, *sandbox.arguments)
                except GuestFault as fault:
                    outcome = failed(sandbox, host, fault)
                else:
                    if session is not None:
                        session.begin()
                    outcome = sandbox.resume(value)
                finally:
                    self.parked -= 1
            if outcome is not None:
                if sandbox.requests is not None:
                    await sandbox.requests.close()
                return outcome


async def in_time(sandbox: Sandbox, serving: Awaitable[Outcome], deadline: float) -> Outcome:
    """Awaits the end of a guest, until `deadline` (monotonic), and kills it however that goes."""
    try:
        async with asyncio.timeout(deadline - monotonic()) as limit:
            return await serving
    except TimeoutError:
        if not limit.expired():
            raise
        return sandbox.stop(End.TIMEOUT)
    finally:
        sandbox.discard()
        if sandbox.requests is not None:
            await sandbox.requests.close()
