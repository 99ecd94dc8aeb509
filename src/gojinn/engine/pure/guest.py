"""One guest: its store, its slices and its end. Which functions it can call is in `core`.

Order matters in two places, or the process aborts: a future is deleted before its store, and a finished
future is never polled again.
"""

from __future__ import annotations

import ctypes
import struct
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from gojinn.engine.capi import GLOBAL, capi, message
from gojinn.engine.denials import DENIED_EXPORT
from gojinn.engine.growth import REFUSED_EXPORT
from gojinn.engine.host import ENDED, GuestFault
from gojinn.engine.outcome import End, Outcome
from gojinn.engine.pure.calls import EXPORT_AT, FLAG_AT, HANDLE, RESULTS, TRAP_AT, VALUE_AT, Scratch
from gojinn.engine.pure.memory import NOTHING, GuestMemory
from gojinn.engine.pure.program import PureProgram
from gojinn.engine.pure.wasi import OutputPassed, Strings, random_piece
from gojinn.engine.python import FIRST_SLICE, LIBC, SLICE, STRLEN, PythonSandbox
from gojinn.engine.recorder import Recorder
from gojinn.engine.sandbox import PREEMPTED
from gojinn.engine.traps import trap_text

if TYPE_CHECKING:
    from gojinn.engine.pure.core import PureCore

WARM_GUESTS = 256
"""Slots that may stay resident when their guests end; the rest is given back to the system."""

MADV_DONTNEED = 4
OUT_OF_FUEL = 11
MAX_U64 = (1 << 64) - 1
READ_LIMIT = 1 << 30
"""Bytes that one `read` may copy, as in `core`."""

TRAPS = (End.TRAPPED, End.FUEL, End.MEMORY)
"""Ends that have a trap's text."""
REFUSED: Final = REFUSED_EXPORT.encode()
DENIED: Final = DENIED_EXPORT.encode()

VALUE: Final = struct.Struct("<B7xI")
"""A `wasmtime_val_t` of kind I32."""
I32: Final = 0


class PureSandbox(GuestMemory, PythonSandbox):
    """`sandbox.Sandbox` in Python, also for guests that end in their first slice."""

    __slots__ = (
        "arguments",
        "around",
        "began",
        "context",
        "core",
        "end",
        "exit_code",
        "files",
        "future",
        "host_trap",
        "kept",
        "operation",
        "output",
        "output_size",
        "program",
        "random_at",
        "random_left",
        "recorder",
        "result",
        "session",
        "stdin",
        "stdin_left",
        "stdio",
        "store",
    )

    core: PureCore
    program: PureProgram

    def __init__(self, core: PureCore, program: PureProgram, stdin: bytes, scratch: Scratch) -> None:
        super().__init__(core.calls, scratch)
        self.core = core
        self.session: Any = None
        self.store = 0
        self.program = program
        self.around = program.around
        self.stdin = stdin
        self.stdin_left = len(stdin)
        self.stdio = (0, 1, 2)
        self.future: int = 0
        self.operation = PREEMPTED
        self.arguments: tuple[int, ...] = ()
        self.output: list[bytes] = []
        self.output_size = 0
        self.recorder: Recorder | None = None
        self.end = End.TRAPPED
        """What a guest that stops by itself has come to, unless it turns out to be something else."""
        self.exit_code = 0
        self.random_at = 0
        self.random_left = 0
        self.result: Any = None
        """Where the answer of the host call goes that the guest is parked in; None when it has none."""
        self.host_trap: Any = None
        """Where a trap goes that the host call is to end in."""
        self.kept = b""
        """What `host_take` hands out."""
        self.context: Any = None

    @property
    def args(self) -> Strings:
        return self.around.args

    @property
    def env(self) -> Strings:
        return self.around.env

    # Running

    def start(self, wasi: int) -> Outcome | None:
        """Makes the instance and runs the first slice."""
        calls, program, scratch = self.calls, self.program, self.scratch
        self.files = bool(wasi)
        program.users += 1
        self.core.count += 1
        self.began = monotonic()
        self.store = store = calls.store_new(self.core.engine, None, None)
        self.store_context = store_context = calls.store_context(store)
        calls.store_limiter(store, *program.walls)
        calls.set_epoch_deadline(store_context, FIRST_SLICE)
        calls.yield_at_epoch(store_context, SLICE)
        RESULTS.pack_into(scratch.buffer, TRAP_AT, 0, 0)
        if program.metered or wasi:
            error = self.prepare(wasi)
            if error:
                RESULTS.pack_into(scratch.buffer, TRAP_AT, 0, error)
                return self.finish(*self.why_it_ended(0, error))
        self.future = calls.instantiate(
            program.pre, store_context, scratch.instance, scratch.trap, scratch.error
        )
        return self.run_slice()

    def prepare(self, wasi: int) -> int | None:
        """Gives the store its fuel and wasmtime's WASI; the address of an error."""
        error: int | None = None
        if self.program.metered:
            error = capi().wasmtime_context_set_fuel(self.store_context, self.program.fuel)
        if wasi:
            error = capi().wasmtime_context_set_wasi(self.store_context, wasi) or error
        return error

    def run_slice(self) -> Outcome | None:
        core, calls, buffer = self.core, self.calls, self.scratch.buffer
        ticker = core.ticker
        core.current = self
        while True:
            ticker.polls += 1
            if ticker.parked:
                ticker.wake()
            done = calls.poll(self.future)
            ticker.polls += 1
            if core.failure is not None:
                self.raise_failure()
            if not done:
                self.caller = 0
                return None
            calls.future_delete(self.future)
            self.future = 0
            trap, error = RESULTS.unpack_from(buffer, TRAP_AT)
            if trap or error:
                return self.finish(*self.why_it_ended(trap, error))
            if self.started or not self.call_start():
                return self.finish(End.RETURNED, "")

    def call_start(self) -> bool:
        """Calls `_start` of the new instance. False when it has none, which linking has ruled out."""
        self.started = True
        scratch, calls = self.scratch, self.calls
        if not calls.export_get(self.store_context, scratch.instance, b"_start", 6, scratch.export):
            return False
        self.note_memory()
        self.future = calls.call(
            self.store_context, scratch.export + HANDLE, None, 0, None, 0, scratch.trap, scratch.error
        )
        return True

    def step(self) -> Outcome | None:
        if self.random_left:
            self.fill_random()
            if self.random_left:
                return None
            self.let_go()
        return self.run_slice()

    def resume(self, value: int | None) -> Outcome | None:
        if self.result is not None:
            self.result[1] = (value or 0) & MAX_U64
        return self.go_on()

    def fail(self, message: str) -> Outcome | None:
        self.host_trap[0] = self.core.trap(message)
        return self.go_on()

    def go_on(self) -> Outcome | None:
        self.operation = PREEMPTED
        self.arguments = ()
        self.let_go()
        return self.run_slice()

    def suspend(self, continuation: Any, *, ready: bool) -> None:
        """Fills in when a call that was begun will be over: now, or when `let_go` says so."""
        continuation[0], continuation[1], continuation[2] = STRLEN, self.scratch.flag, 0
        self.scratch.buffer[FLAG_AT] = b"\1" if ready else b"\0"

    def let_go(self) -> None:
        self.scratch.buffer[FLAG_AT] = b"\1"

    def begin_random(self, at: int, size: int, at_once: int) -> bool:
        """Fills a range with random bytes; a large one is left to `step`, piece by piece. Raises Fault."""
        self.reach(at + size)
        self.random_at, self.random_left = at, size
        if size <= at_once:
            self.fill_random()
        return not self.random_left

    def fill_random(self) -> None:
        done = random_piece(self, self.random_at, self.random_left)
        self.random_at += done
        self.random_left -= done

    # Memory, while the guest is parked

    def read(self, ptr: int, length: int) -> bytes:
        if ptr < 0 or not 0 <= length <= READ_LIMIT or ptr + length > self.size():
            raise GuestFault(f"{length} bytes at {ptr} are not in the guest's memory")
        return self.copy_out(ptr, length)

    def write(self, ptr: int, data: bytes) -> None:
        if ptr < 0 or ptr + len(data) > self.size():
            raise GuestFault(f"{len(data)} bytes at {ptr} are not in the guest's memory")
        self.copy_in(ptr, data)

    def keep(self, answer: bytes) -> None:
        if not self.store:
            raise GuestFault(ENDED)
        self.kept = answer

    def size(self) -> int:
        """Bytes that a parked guest has; less than none once it has ended."""
        return len(self.memory) if self.store else -1

    # What the guest writes

    def write_output(self, data: bytes) -> None:
        room = self.program.output_limit - self.output_size
        self.output.append(data if len(data) <= room else data[:room])
        self.output_size += len(data)
        if len(data) > room:
            raise OutputPassed

    def write_log(self, level: int, data: bytes) -> None:
        if self.recorder is None:
            self.recorder = Recorder(self.program.log_limit)
        self.recorder.append(level, data)

    # The end

    def why_it_ended(self, trap: int, error: int) -> tuple[End, str]:
        """A guest that fails after memory was refused to it is taken to have failed for that."""
        if not trap and not error:
            return End.RETURNED, ""
        text = message(capi().wasm_trap_message if trap else capi().wasmtime_error_message, trap or error)
        end = self.end_of_trap(trap) if trap else self.end_of_error(error, text)
        failed = end is End.TRAPPED or (end is End.EXITED and self.exit_code)
        return End.MEMORY if failed and self.noted(REFUSED) else end, text

    def end_of_trap(self, trap: int) -> End:
        code = ctypes.c_uint8()
        has_code = capi().wasmtime_trap_code(trap, ctypes.byref(code))
        return End.FUEL if has_code and code.value == OUT_OF_FUEL else self.end

    def end_of_error(self, error: int, text: str) -> End:
        """Errors are what is no trap: an exit through wasmtime's WASI, an instance that cannot be made."""
        status = ctypes.c_int()
        if capi().wasmtime_error_exit_status(error, ctypes.byref(status)):
            self.exit_code = status.value & 0xFFFFFFFF
            return End.EXITED
        return End.MEMORY if not self.started and "exceeds memory limit" in text else self.end

    def noted(self, name: bytes) -> int:
        """What an exported i32 global holds; 0 when there is none."""
        if not self.started or not self.find(name, GLOBAL, EXPORT_AT):
            return 0
        scratch = self.scratch
        capi().wasmtime_global_get(self.store_context, scratch.export + HANDLE, scratch.value)
        kind, value = VALUE.unpack_from(scratch.buffer, VALUE_AT)
        return int(value) if kind == I32 else 0

    def finish(self, end: End, text: str) -> Outcome:
        outcome = Outcome(
            end,
            self.exit_code if end is End.EXITED else 0,
            self.output[0] if len(self.output) == 1 else b"".join(self.output),
            b"" if self.recorder is None else bytes(self.recorder.data),
            trap_text(text.encode()) if text and end in TRAPS else "",
            self.memory_in_use(),
            self.fuel_consumed(),
            monotonic() - self.began,
            self.noted(DENIED) if self.files else 0,
        )
        self.retire()
        return outcome

    def retire(self) -> None:
        """Kills the guest wherever it is. What it wrote stays."""
        core, calls = self.core, self.calls
        if self.future:
            calls.future_delete(self.future)
            self.future = 0
        trap, error = RESULTS.unpack_from(self.scratch.buffer, TRAP_AT)
        if trap:
            capi().wasm_trap_delete(trap)
        if error:
            capi().wasmtime_error_delete(error)
        calls.store_delete(self.store)
        if core.count > WARM_GUESTS:
            self.cool_slot()
        self.store = 0
        self.memory = NOTHING
        self.program.drop_user()
        core.count -= 1

    def cool_slot(self) -> None:
        """Gives the pages that the pool keeps resident in the free slot back to the system."""
        size = min(len(self.memory), self.core.memory_keep)
        if size:
            LIBC.madvise(ctypes.c_void_p(self.base), ctypes.c_size_t(size), MADV_DONTNEED)
