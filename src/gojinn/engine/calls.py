"""Host calls of a parked guest that need no waiting. Those that do are `driver`'s."""

from __future__ import annotations

from gojinn.engine.components.link import ComponentFunction
from gojinn.engine.host import GuestFault, HostFunction
from gojinn.engine.lanes import Program
from gojinn.engine.outcome import Outcome
from gojinn.engine.sandbox import PREEMPTED, Sandbox


def answered(sandbox: Sandbox, program: Program) -> Outcome | None:
    """Answers a guest's calls while none has to be waited for; the outcome when it has ended by that. One
    that calls on and on is preempted like any other."""
    while sandbox.operation != PREEMPTED:
        at_once = program.at_once[sandbox.operation]
        if at_once is None:
            return None
        try:
            value = at_once(sandbox, *sandbox.arguments)
        except GuestFault as fault:
            outcome = failed(sandbox, program.hosts[sandbox.operation], fault)
        else:
            if value is None:
                return None
            outcome = sandbox.resume(value)
        if outcome is not None:
            return outcome
    return None


def failed(sandbox: Sandbox, host: HostFunction | ComponentFunction, fault: GuestFault) -> Outcome | None:
    """Has the guest trap in a call."""
    return sandbox.fail(f"{host.module}.{host.name}: {fault}")
