"""wasmtime's report of a trap, put into the form that the log shows: what happened, then who called whom."""

from __future__ import annotations

import re
from itertools import groupby

FRAME = re.compile(r"\s*\d+:\s+(?:(0x[0-9a-f]+) - )?(.+)")
"""A line of wasmtime's backtrace: number, offset in the module, `module!function`."""

MAX_FRAMES = 32

CAUSE = "\nCaused by:\n"

HINTS = {
    "out of bounds memory access": "look for a wrong index or pointer, or for what fills the stack, such as"
    " deep recursion or thousands of exceptions in one request",
    "call stack exhausted": "look for recursion without an end, or make it a loop",
}
"""What to do about kinds of trap that name no line of the author's."""


def trap_text(raw: bytes) -> str:
    """`kind`, a line `  at function (offset)` for each frame, innermost first, and a hint for some kinds."""
    report = raw.rstrip(b"\0").decode("utf-8", "replace")
    backtrace, separator, cause = report.rpartition(CAUSE)
    if not separator:
        return report
    kind = cause.strip().removeprefix("wasm trap: ")
    frames = [frame for line in backtrace.splitlines() if (frame := FRAME.fullmatch(line))]
    called = [(frame, len(list(same))) for frame, same in groupby(map(frame_text, frames))]
    lines = [kind]
    lines.extend(f"{frame}, {times} times" if times > 1 else frame for frame, times in called[:MAX_FRAMES])
    if len(called) > MAX_FRAMES:
        lines.append(f"  and {len(called) - MAX_FRAMES} more")
    lines.extend(f"hint: {hint}" for words, hint in HINTS.items() if words in kind)
    return "\n".join(lines)


def frame_text(frame: re.Match[str]) -> str:
    offset, function = frame.groups()
    name = function.rpartition("!")[2]
    return f"  at {name} ({offset})" if offset else f"  at {name}"
