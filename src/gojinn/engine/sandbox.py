"""What runs one guest at a time: the interface that `core` (native) and `pure` (ctypes only) both implement.

Nothing here knows asyncio; `driver` turns these steps into one awaitable invocation.

How a guest runs. `Core.start` makes a store and an instance, calls its `_start` and polls it once. It comes
back with an `Outcome` when the guest ended within its first slice (two ticks), else with a `Sandbox`:
either preempted (`operation == PREEMPTED`: call `step` when its turn comes) or parked in a host call
(`operation` is the number of the callback it was linked with, `arguments` are its raw values: serve it,
then `resume` or `fail`). Every Sandbox is ended by exactly one of: an Outcome from `step`, `resume` or
`fail`; `stop`; `discard`.

Mounts. A module linked for mounts gets wasmtime's own WASI instead of ours. `start` is then given `wasi`,
the address of a `wasi_config_t` made for this invocation (stdin bytes, stdout and stderr, preopens). The
core hands it to `wasmtime_context_set_wasi`, which takes ownership even when the start fails.
`Outcome.stdout` is then empty and `Outcome.log` holds host_log only: `wasi_fs` fills in what its files
received. An exit through wasmtime's own `proc_exit` arrives as an error with an exit status, which the core
reports like its own. Components' file functions are ours (`components.filesystem`) and find their session in
`Sandbox.session`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from gojinn.engine.host import Reads
from gojinn.engine.limits import Limits, Surroundings
from gojinn.engine.outcome import End, Outcome
from gojinn.engine.parts import Part

PREEMPTED: Final = -1
"""`Sandbox.operation` of a guest that used up its slice."""

MAX_ARGUMENTS: Final = 16
"""Parameters that a host function may have."""


@dataclass(frozen=True, slots=True)
class Callback:
    """A function in C's world, as a linker takes it."""

    address: int
    env: int = 0
    """What it is called with first."""
    suspends: bool = False
    """An async function (`wasmtime_linker_define_async_func`), else an unchecked one."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What every invocation of a program has in common. All text is UTF-8 without NUL (checked by the
    caller)."""

    args: tuple[str, ...]
    env: Mapping[str, str]
    limits: Limits
    metered: bool
    """The engine consumes fuel: `limits.fuel` (or the greatest number) is put into the store."""


class Sandbox(Protocol):
    """One invocation that did not end in its first slice. It is also the `GuestCall` that host functions
    see."""

    context: Any
    """Free for the driver: what was given to `invoke`."""

    session: Any
    """The same: its `FileSession`, None without mounts."""

    requests: Any
    """Those of its own (`components.requests.Requests`), None where it has sent none."""

    operation: int
    """`PREEMPTED`, or which host function the guest is parked in: the `env` number of its
    callback."""

    arguments: tuple[int, ...]
    """Of the host call, unsigned 32 or 64 bits each."""

    @property
    def reads(self) -> Reads | None:
        """What the core answers by itself; None where it answers nothing."""

    @property
    def stdio(self) -> tuple[int, int, int]:
        """What guest descriptors 0, 1 and 2 are now: 0 stdin, 1 stdout, 2 stderr, 3 closed (guests may
        renumber)."""

    @property
    def stdin_left(self) -> int:
        """Bytes of stdin that were not read yet."""

    def read(self, ptr: int, length: int) -> bytes:
        """Copies from guest memory. Raises GuestFault outside of it, and always once the guest has ended."""

    def write(self, ptr: int, data: bytes) -> None:
        """Copies into guest memory. Raises GuestFault as `read` does."""

    def keep(self, answer: bytes) -> None:
        """Has `host_take` hand this out from now on; at first it is nothing. Only for a parked guest."""

    def step(self) -> Outcome | None:
        """Runs a preempted guest for one more slice; None when it has not ended (look at `operation`)."""

    def resume(self, value: Any) -> Outcome | None:
        """Returns `value` (cut to the declared width, None as 0; ignored when there is no result) from the
        host call. Components' functions say what theirs is."""

    def fail(self, message: str) -> Outcome | None:
        """Makes the host call trap with `message`; the outcome's trap text has it and the wasm backtrace."""

    def part(self) -> Part | None:
        """Takes what a handler of HTTP requests has answered since this was last asked; None where it has not
        begun, or nothing is new. What is taken is in no Outcome. Only for programs that have parts."""

    def stop(self, end: End, trap: str = "") -> Outcome:
        """Kills the guest wherever it is and reports `end` with what it left behind (stdout, log, memory,
        fuel)."""

    def discard(self) -> None:
        """Kills the guest and forgets it. Safe to call at any time, again, and after the end."""


class Core(Protocol):
    """One wasmtime engine with its pool and its epoch ticker. All calls come from one thread."""

    implementation: str
    """`core` or `pure`, as `gojinn doctor` shows it."""

    engine: int
    """Address of the `wasm_engine_t`."""

    def release(self, program: int) -> None:
        """Frees a program. Its last running invocation keeps what it needs."""

    def start(
        self, program: int, stdin: bytes, wasi: int = 0, around: Surroundings | None = None
    ) -> Outcome | Sandbox:
        """Starts an invocation in a fresh instance and runs its first slice. `stdin` is kept alive while it
        lives. What it finds `around` it takes the place of its program's.

        An instance that cannot be made (initial memory or table over the limit) is an Outcome too: MEMORY
        when it is the memory, TRAPPED otherwise. Raises errors.Unavailable when the pool has no slot left.
        """

    def live(self) -> int:
        """Invocations that have not ended; 0 after the last one, whatever way they ended."""

    def close(self) -> None:
        """Stops the ticker, then frees the engine. Nothing may be live; safe to call again."""


class ModuleCore(Core, Protocol):
    """An engine for modules, with what they are linked with."""

    def wasi(self, name: str) -> Callback | None:
        """The callback that serves `wasi_snapshot_preview1.<name>` for a guest with stdio only.

        None for an unknown name and for `poll_oneoff`, which suspends and is served by the driver.
        """

    def log(self) -> Callback:
        """The unchecked callback that serves `gojinn.host_log(level, ptr, len)` into the outcome's log."""

    def take(self) -> Callback:
        """The unchecked callback that serves `gojinn.host_take(out, max)` from what the sandbox keeps: copies
        it, cut at `max` bytes, and returns how many those were. Its result fits either width."""

    def host(self, operation: int, *, wide: bool) -> Callback:
        """The async callback that parks the guest with this `operation` number (0 or greater).

        `wide` is a result of i64, else it is i32 or there is none.
        """

    def program(self, pre: int, plan: Plan) -> int:
        """Takes ownership of a `wasmtime_instance_pre_t` and returns a handle for `start`."""


class FileSession(Protocol):
    """One invocation's files."""

    def config(self) -> int:
        """A new `wasi_config_t`, 0 where there is none; whoever asks hands it to `Core.start`, which takes
        ownership. The first slice begins with that."""

    def begin(self) -> None:
        """Another slice begins."""

    def passed(self) -> End | None:
        """Which limit on what it writes the guest has passed. Asked after each slice: it must be cheap."""

    async def complete(self, outcome: Outcome) -> Outcome:
        """Puts into the outcome what is not there yet, and as its end the limit that was passed."""

    def close(self) -> None:
        """Closes the files; called once, whatever happened."""


class Files(Protocol):
    """A program's mounts."""

    def open(self, stdin: bytes, context: Any) -> FileSession:
        """Prepares an invocation. Whose folders it sees, `context.tenant` says where that matters."""

    def close(self) -> None:
        """The program is closed; sessions may still be open."""
