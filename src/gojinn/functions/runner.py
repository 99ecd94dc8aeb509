"""The one way to run a function: every trigger makes an Invocation and gets a Result. Knows no trigger."""

from __future__ import annotations

import asyncio
from asyncio import CancelledError
from collections.abc import Awaitable, Callable
from time import monotonic

from gojinn.engine.driver import Engine
from gojinn.engine.outcome import Outcome, Record
from gojinn.errors import FunctionError, Unavailable
from gojinn.functions.cgi import decode_cgi
from gojinn.functions.failure import beginning, failure, invalid, succeeded
from gojinn.functions.gate import Gate
from gojinn.functions.guestlog import GuestLog, lines
from gojinn.functions.invocation import Invocation, Result
from gojinn.functions.registry import FunctionRegistry
from gojinn.functions.reply import Invalid, Reply, decode, decode_http
from gojinn.observe.log import get

LARGE = 64 << 10
"""Bytes of output from which on an invocation that failed lets go of it: an error keeps its frames, and what
is in them, until the collector finds it."""

log = get("gojinn.functions")


class Runner:
    """Runs invocations. Whatever is true of every one of them is made true here."""

    def __init__(self, engine: Engine, registry: FunctionRegistry) -> None:
        self.engine = engine
        self.registry = registry
        self.operations = registry.host.operations
        self.at_once = registry.host.at_once
        self.guest_log = GuestLog(get("gojinn.function"))

    async def run(self, invocation: Invocation) -> Result:
        """Runs a function once, in a sandbox of its own. Cancelling it kills the guest.

        What goes wrong with the function is the result's `error`. Raises ModuleError when it does not load.
        """
        function = invocation.function
        gate = function.gate
        timeout = function.config.timeout if invocation.timeout is None else invocation.timeout
        invocation.deadline = monotonic() + timeout
        invocation.operations = self.operations
        invocation.at_once = self.at_once
        try:
            if gate.busy < gate.size:
                gate.busy += 1
            else:
                timeout = await self.wait(gate, timeout)
            try:
                program = function.program or await self.registry.load(function)
                function.fresh = True
                begun = self.engine.begin(
                    program, invocation.stdin, timeout=timeout, context=invocation, around=invocation.around
                )
                outcome = begun if isinstance(begun, Outcome) else await begun
            finally:
                if gate.waiting:
                    gate.leave()
                else:
                    gate.busy -= 1
                if invocation.ending is not None:
                    await end(invocation.ending)
        except CancelledError:
            function.usage.failures["cancelled"] += 1
            raise
        except Unavailable as error:
            function.usage.failures[error.code] += 1
            return Result(None, None, error, [])
        return self.conclude(invocation, outcome)

    async def wait(self, gate: Gate, timeout: float) -> float:
        """Waits for a place; returns the seconds that are left. Raises Unavailable."""
        began = monotonic()
        await gate.enter(timeout)
        return max(0.001, timeout - (monotonic() - began))

    def conclude(self, invocation: Invocation, outcome: Outcome) -> Result:
        """Makes the result of an outcome, counts it and logs what the guest logged."""
        function = invocation.function
        function.usage.add(outcome)
        if outcome.denied:
            invocation.deny_files(outcome.denied)
        reply: Reply | None = None
        error: FunctionError | None = None
        if succeeded(outcome):
            try:
                if invocation.begun:
                    reply = Reply(200, (), frozenset(), outcome.stdout)
                elif outcome.answer is not None:
                    reply = decode_http(*outcome.answer, outcome.stdout)
                elif function.bare and invocation.answers:
                    raise Invalid("it exited without one")
                elif outcome.stdout or invocation.answers:
                    reply = (decode if function.config.response == "json" else decode_cgi)(outcome.stdout)
                else:
                    reply = Reply(204, (), frozenset(), b"")
            except Invalid as why:
                error = invalid(function.config, str(why), outcome.stdout, http=function.bare)
                if outcome.stdout and not function.bare:
                    invocation.note(2, f"written to stdout: {beginning(outcome.stdout)}")
        else:
            error = failure(function.config, outcome)
        if error is not None:
            function.usage.failures[error.reason] += 1
            if len(outcome.stdout) > LARGE:
                outcome.stdout = b""
        log = self.log(invocation, outcome) if outcome.log or outcome.trap or invocation.notes else []
        return Result(outcome, reply, error, log)

    def log(self, invocation: Invocation, outcome: Outcome) -> list[Record]:
        """Logs what an invocation left in its log and returns that."""
        function = invocation.function
        found = lines(outcome, invocation.notes, function.masking)
        self.guest_log.write(
            found,
            function.allowance,
            function=function.name,
            tenant=invocation.tenant,
            trace_id=invocation.trace[3:35],
        )
        return found


async def end(actions: list[Callable[[], Awaitable[None]]]) -> None:
    """Does what capabilities wanted done after the guest, the last first, also while being cancelled."""
    for action in reversed(actions):
        task = asyncio.ensure_future(action())
        try:
            await asyncio.shield(task)
        except CancelledError:
            await asyncio.wait([task])
            raise
        except Exception as error:
            log.error("ending an invocation failed", exc_info=error)
