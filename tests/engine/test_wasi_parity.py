"""Our preview 1 for stdio answers as wasmtime's own does, on good arguments and on hostile ones."""

import ctypes
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from gojinn.engine import link as linking
from gojinn.engine.capi import ByteVec, capi
from gojinn.engine.core import open_core
from gojinn.engine.limits import Limits
from gojinn.engine.link import link
from gojinn.engine.modules import loaded, types_of
from gojinn.engine.outcome import End, Outcome
from gojinn.engine.sandbox import ModuleCore, Plan, Sandbox
from gojinn.engine.settings import EngineSettings, Implementation
from gojinn.engine.wasi import FUNCTIONS, MODULE

Compile = Callable[..., Path]

CASES = 100
"""Random calls of each function."""

IMAGE = 512
"""Bytes at the start of guest memory that a case fills; they are printed after the call."""

INPUT = 4096
"""Where the guest reads its case to: eight arguments, then the image."""

INTERESTING = [0, 1, 2, 3, 4, 5, 7, 8, 16, 24, 64, 100, 496, 65528, 65535, 65536, 65537, 1 << 31, 2**32 - 1]
"""Pointers, lengths, descriptors and flags near every edge."""

TIME = ("clock_time_get", "clock_res_get")
"""What these write differs from call to call, or from clock to clock; only how they end is compared."""

NOT_COMPARED = ("poll_oneoff", "proc_exit", "random_get")
"""Ours in every program that these tests link. What else is shadowed outside of tests is compared here."""
FUNCTIONS_COMPARED = sorted(set(FUNCTIONS) - set(NOT_COMPARED))


WRONG_ENUM = "at convert"
"""In wasmtime's trap for a number that is no such enum or flag; ours is INVAL or BADF, as documented."""

NOMEM = 48
"""wasmtime's errno for buffers of more than 128 MiB; ours looks only whether they are in memory."""


class Result(NamedTuple):
    """How a guest ended and what its memory held then."""

    end: End
    errno: int
    memory: bytes
    trap: str

    def comparable(self) -> bool:
        return WRONG_ENUM not in self.trap and self.errno != NOMEM


def probe(name: str) -> str:
    """A guest that reads arguments and memory, makes a call, prints memory and exits with the errno."""
    params, _ = FUNCTIONS[name]
    declared = "".join(
        f'(import "{MODULE}" "{each}" (func ${each} (param {" ".join(FUNCTIONS[each].params)}) (result i32)))'
        for each in sorted({name, "fd_read", "fd_write"})
    )
    loads = " ".join(f"({kind}.load (i32.const {INPUT + 8 * i}))" for i, kind in enumerate(params))
    return f"""(module {declared}
      (import "{MODULE}" "proc_exit" (func $proc_exit (param i32)))
      (memory (export "memory") 1)
      (func (export "_start") (local $errno i32)
        (i32.store (i32.const 1024) (i32.const {INPUT})) (i32.store (i32.const 1028) (i32.const {64 + IMAGE}))
        (drop (call $fd_read (i32.const 0) (i32.const 1024) (i32.const 1) (i32.const 1032)))
        (memory.copy (i32.const 0) (i32.const {INPUT + 64}) (i32.const {IMAGE}))
        (local.set $errno (call ${name} {loads}))
        (i32.store (i32.const 1024) (i32.const 0)) (i32.store (i32.const 1028) (i32.const {IMAGE}))
        (drop (call $fd_write (i32.const 1) (i32.const 1024) (i32.const 1) (i32.const 1032)))
        (call $proc_exit (local.get $errno))))"""


def case(name: str, randomness: random.Random) -> bytes:
    """Standard input of a probe: eight arguments of 8 bytes, then the memory image."""
    arguments = b"".join(value(randomness).to_bytes(8, "little") for _ in range(8))
    if randomness.random() < 0.6:
        # A likely descriptor first: most functions look at it before anything else.
        arguments = randomness.randrange(4).to_bytes(8, "little") + arguments[8:]
    if name in ("fd_read", "fd_write", "fd_pread", "fd_pwrite"):
        # One vector: wasmtime moves only the first, and both may be short.
        arguments = arguments[:16] + randomness.randrange(2).to_bytes(8, "little") + arguments[24:]
    image = b"".join(value(randomness).to_bytes(8, "little")[:4] for _ in range(IMAGE // 4))
    return arguments + image


def value(randomness: random.Random) -> int:
    if randomness.random() < 0.8:
        return randomness.choice(INTERESTING)
    return randomness.getrandbits(randomness.choice([3, 10, 17, 32]))


class Runner:
    """Runs probes with our WASI or with wasmtime's."""

    def __init__(self, core: ModuleCore, path: Path, *, files: bool) -> None:
        self.core = core
        self.files = files
        with loaded(core.engine, path) as module, types_of(module) as types:
            pre = link(core, module, types, (), files=files)
        self.program = core.program(pre, Plan(("guest",), {"A": "1"}, Limits(), metered=False))

    def run(self, stdin: bytes) -> Result:
        if not self.files:
            return self.result(ended(self.core.start(self.program, stdin)), None)
        with open(os.memfd_create("stdout"), "r+b", buffering=0) as stdout:
            outcome = ended(self.core.start(self.program, b"", wasmtime_wasi(stdin, stdout.fileno())))
            return self.result(outcome, os.pread(stdout.fileno(), 1 << 20, 0))

    def result(self, outcome: Outcome, stdout: bytes | None) -> Result:
        output = outcome.stdout if stdout is None else stdout
        # What the call itself wrote comes before the print of memory.
        memory = output[-IMAGE:] if outcome.end is End.EXITED else b""
        return Result(outcome.end, outcome.exit_code, memory, outcome.trap)

    def close(self) -> None:
        self.core.release(self.program)


def ended(started: Outcome | Sandbox) -> Outcome:
    """Of a guest that calls nobody; a busy machine may make it need several slices."""
    outcome = started
    while not isinstance(outcome, Outcome):
        outcome = outcome.step() or outcome
    return outcome


def wasmtime_wasi(stdin: bytes, stdout: int) -> int:
    config: int = capi().wasi_config_new()
    argument = (ctypes.c_char_p * 1)(b"guest")
    name, content = (ctypes.c_char_p * 1)(b"A"), (ctypes.c_char_p * 1)(b"1")
    assert capi().wasi_config_set_argv(config, 1, argument)
    assert capi().wasi_config_set_env(config, 1, name, content)
    vec = ByteVec()
    capi().wasm_byte_vec_new(ctypes.byref(vec), len(stdin), stdin)
    capi().wasi_config_set_stdin_bytes(config, ctypes.byref(vec))
    assert capi().wasi_config_set_stdout_file(config, f"/proc/self/fd/{stdout}".encode())
    return config


@pytest.fixture
def core(implementation: Implementation) -> Iterator[ModuleCore]:
    core = open_core(EngineSettings(slots=4, implementation=implementation), metered=False)
    yield core
    assert core.live() == 0
    core.close()


@pytest.mark.parametrize("name", FUNCTIONS_COMPARED)
def test_call_ends_as_with_wasmtime(
    core: ModuleCore, compiled: Compile, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(linking, "SHADOWED", NOT_COMPARED)
    randomness = random.Random(name)
    path = compiled(probe(name))
    ours, theirs = Runner(core, path, files=False), Runner(core, path, files=True)
    for number in range(CASES):
        stdin = case(name, randomness)
        mine, reference = ours.run(stdin), theirs.run(stdin)
        if reference.comparable():
            compared = 2 if name in TIME else 3
            assert mine[:compared] == reference[:compared], (number, stdin[:64].hex(" ", 8))
    ours.close()
    theirs.close()
