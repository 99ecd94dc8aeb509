"""A guest that makes the preview 1 calls it is told on stdin, and what two hosts make of the same calls."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from gojinn.engine.wasi import FUNCTIONS, MODULE

NAMES = tuple(sorted(FUNCTIONS))

MAX_ARGUMENTS = 9
PLAN_AT, ARGUMENTS_AT, ERRNOS_AT = 0x10000, 0x20000, 0x28000
"""Where the guest keeps the calls it was told, the arguments of the one it makes, and what they returned."""
OWN_VECTOR, OWN_COUNT = 0x27000, 0x27008
"""What it uses itself to read and write."""
PAGES = 3
WINDOW = 0x8000
"""Bytes at the beginning of memory that calls may use and that are reported."""
SIZE = PAGES << 16

CALL = struct.Struct("<Q9Q")
MAX_CALLS = 400
PLAN_SIZE = MAX_CALLS * CALL.size
NO_ERRNO = 0xAAAA
"""What a function without a result reports."""

Call = tuple[str, tuple[int, ...]]


def call(name: str, *args: int) -> Call:
    assert len(args) == len(FUNCTIONS[name].params), name
    return name, args


@dataclass(frozen=True)
class Script:
    """What the guest is to do, and in which world."""

    calls: Sequence[Call]
    memory: Mapping[int, bytes] = field(default_factory=dict)
    """What stands in the window before the first call."""
    stdin: bytes = b""
    args: tuple[str, ...] = ("guest",)
    env: Mapping[str, str] = field(default_factory=dict)
    report_to: int = 1
    """The descriptor that the report is written to."""

    def input(self) -> bytes:
        """The guest's stdin: window, calls, then what `fd_read` is to find."""
        window = bytearray(WINDOW)
        for at, data in self.memory.items():
            window[at : at + len(data)] = data
        plan = b"".join(
            CALL.pack(
                NAMES.index(name), *(a & (1 << 64) - 1 for a in args), *[0] * (MAX_ARGUMENTS - len(args))
            )
            for name, args in self.calls
        )
        head = struct.pack("<II", len(self.calls), self.report_to)
        return bytes(window) + head + plan.ljust(PLAN_SIZE, b"\0") + self.stdin


class Result(NamedTuple):
    """What became of a script."""

    end: str
    """`returned`, `trapped` or `exit <code>`."""
    errnos: tuple[int, ...]
    window: bytes
    printed: bytes
    """What the calls wrote to the report's descriptor before the report."""
    other: bytes
    """What they wrote to the other one of stdout and stderr."""


def result(end: str, stdout: bytes, stderr: bytes, script: Script) -> Result:
    """Takes the report off the end of what a guest wrote."""
    output, other = (stdout, stderr) if script.report_to == 1 else (stderr, stdout)
    size = WINDOW + 4 * len(script.calls)
    if end != "returned" or len(output) < size:
        return Result(end, (), b"", output, other)
    printed, report = output[:-size], output[-size:]
    errnos = struct.unpack(f"<{len(script.calls)}I", report[WINDOW:])
    return Result(end, errnos, report[:WINDOW], printed, other)


def guest_text() -> str:
    """The guest, in WebAssembly text."""
    imports = "".join(
        f'(import "{MODULE}" "{name}" (func ${name} (param {" ".join(FUNCTIONS[name].params)})'
        f"{'(result i32)' if FUNCTIONS[name].results else ''}))"
        for name in NAMES
    )
    wrappers = "".join(wrapper(name) for name in NAMES)
    elements = " ".join(f"$do_{name}" for name in NAMES)
    return f"""(module {imports}
      (type $wrapper (func (result i32)))
      (memory (export "memory") {PAGES})
      (table {len(NAMES)} funcref) (elem (i32.const 0) {elements})
      {wrappers}
      (func $read (param $at i32) (param $size i32) (local $got i32)
        (block $done (loop $more
          (br_if $done (i32.eqz (local.get $size)))
          (i32.store (i32.const {OWN_VECTOR}) (local.get $at))
          (i32.store (i32.const {OWN_VECTOR + 4}) (local.get $size))
          (drop (call $fd_read (i32.const 0) (i32.const {OWN_VECTOR}) (i32.const 1) (i32.const {OWN_COUNT})))
          (br_if $done (i32.eqz (local.tee $got (i32.load (i32.const {OWN_COUNT})))))
          (local.set $at (i32.add (local.get $at) (local.get $got)))
          (local.set $size (i32.sub (local.get $size) (local.get $got)))
          (br $more))))
      (func $write (param $at i32) (param $size i32) (local $sent i32)
        (block $done (loop $more
          (br_if $done (i32.eqz (local.get $size)))
          (i32.store (i32.const {OWN_VECTOR}) (local.get $at))
          (i32.store (i32.const {OWN_VECTOR + 4}) (local.get $size))
          (br_if $done (call $fd_write (i32.load (i32.const {PLAN_AT + 4}))
            (i32.const {OWN_VECTOR}) (i32.const 1) (i32.const {OWN_COUNT})))
          (local.set $sent (i32.load (i32.const {OWN_COUNT})))
          (local.set $at (i32.add (local.get $at) (local.get $sent)))
          (local.set $size (i32.sub (local.get $size) (local.get $sent)))
          (br $more))))
      (func $load (param $plan i32) (local $i i32)
        (loop $next
          (i64.store
            (i32.add (i32.const {ARGUMENTS_AT}) (i32.mul (local.get $i) (i32.const 8)))
            (i64.load offset=8 (i32.add (local.get $plan) (i32.mul (local.get $i) (i32.const 8)))))
          (br_if $next (i32.lt_u
            (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const {MAX_ARGUMENTS})))))
      (func (export "_start") (local $i i32) (local $plan i32)
        (call $read (i32.const 0) (i32.const {WINDOW}))
        (call $read (i32.const {PLAN_AT}) (i32.const {8 + PLAN_SIZE}))
        (block $done (loop $next
          (br_if $done (i32.ge_u (local.get $i) (i32.load (i32.const {PLAN_AT}))))
          (local.set $plan
            (i32.add (i32.const {PLAN_AT + 8}) (i32.mul (local.get $i) (i32.const {CALL.size}))))
          (call $load (local.get $plan))
          (i32.store
            (i32.add (i32.const {ERRNOS_AT}) (i32.mul (local.get $i) (i32.const 4)))
            (call_indirect (type $wrapper) (i32.load (local.get $plan))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br $next)))
        (call $write (i32.const 0) (i32.const {WINDOW}))
        (call $write (i32.const {ERRNOS_AT}) (i32.mul (local.get $i) (i32.const 4)))))"""


def wrapper(name: str) -> str:
    """A function that loads the arguments from memory and makes the call."""
    params = FUNCTIONS[name].params
    loads = " ".join(f"({kind}.load (i32.const {ARGUMENTS_AT + 8 * i}))" for i, kind in enumerate(params))
    value = "" if FUNCTIONS[name].results else f"(i32.const {NO_ERRNO})"
    return f"(func $do_{name} (result i32) (call ${name} {loads}) {value})"
