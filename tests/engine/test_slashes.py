"""Names with slashes at their end, cut before they are removed: what reaches the host, and all else as it
was."""

import random
import re
from typing import Any

import pytest
import wasmtime

from gojinn.engine.instructions import calls, skip_locals
from gojinn.engine.slashes import calling, with_trailing_slashes
from gojinn.testing.guests import c_guest, wat

REMOVING = """(module
  (import "wasi_snapshot_preview1" "fd_sync" (func $sync (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_remove_directory"
    (func $remove (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 8) "dir/a//")
  (func $other (param i32) (result i32) (local.get 0))
  (func (export "remove") (param i32 i32 i32) (result i32)
    (drop (i32.const 0x110))
    (i32.add
      (call $other (i32.const 0x1000))
      (call $remove (local.get 0) (local.get 1) (local.get 2)))))"""


class Running:
    """An instance whose host notes what it is asked to remove and answers 7."""

    def __init__(self, data: bytes) -> None:
        engine = wasmtime.Engine()
        self.store = wasmtime.Store(engine)
        i32 = wasmtime.ValType.i32()
        self.asked: list[tuple[int, int, int]] = []
        functions = (
            wasmtime.Func(self.store, wasmtime.FuncType([i32], [i32]), lambda fd: 0),
            wasmtime.Func(self.store, wasmtime.FuncType([i32] * 3, [i32]), self.remove),
        )
        module = wasmtime.Module(engine, data)
        self.exports: Any = wasmtime.Instance(self.store, module, functions).exports(self.store)

    def remove(self, fd: int, name: int, size: int) -> int:
        self.asked.append((fd, name, size))
        return 7

    def call(self, *args: int) -> int:
        return int(self.exports["remove"](self.store, *args))


@pytest.mark.parametrize(
    ("size", "left"), [(0, 0), (1, 1), (3, 3), (4, 3), (5, 5), (6, 5), (7, 5)], ids=lambda size: f"{size}"
)
def test_slashes_at_the_end_are_cut(size, left):
    running = Running(with_trailing_slashes(wat(REMOVING)))
    assert running.call(3, 8, size) == 0x1000 + 7
    assert running.asked == [(3, 8, left)]


def test_of_nothing_but_slashes_one_is_left():
    running = Running(with_trailing_slashes(wat(REMOVING.replace("dir/a//", "///"))))
    running.call(3, 8, 3)
    assert running.asked == [(3, 8, 1)]


@pytest.mark.parametrize(("name", "size"), [(65536, 2), (65530, 8), (0xFFFFFFF0, 4)])
def test_a_name_outside_of_memory_traps(name, size):
    with pytest.raises(wasmtime.Trap):
        Running(with_trailing_slashes(wat(REMOVING))).call(3, name - (1 << 32 if name >> 31 else 0), size)


@pytest.mark.parametrize(
    "source",
    [
        "(module)",
        '(module (memory (export "memory") 1) (data (i32.const 0) "path_remove_directory"))',
        REMOVING.replace("path_remove_directory", "path_unlink_file"),
        REMOVING.replace("wasi_snapshot_preview1", "env"),
        REMOVING.replace('(export "memory")', ""),
        REMOVING.replace("(call $remove (local.get 0) (local.get 1) (local.get 2))", "(i32.const 1)"),
    ],
    ids=["empty", "name in data", "unlink", "other module", "no memory", "never called"],
)
def test_other_modules_stay_as_they_are(source):
    data = wat(source)
    assert with_trailing_slashes(data) is data


def test_cut_off_and_random_modules_stay_as_they_are():
    data = wat(REMOVING)
    chance = random.Random(7)
    for end in range(8, data.rindex(b"\x10\x01\x6a\x0b")):  # the call of $remove
        cut = data[:end]
        assert with_trailing_slashes(cut) is cut
    for _ in range(200):
        noise = data[:8] + chance.randbytes(100) + b"path_remove_directory"
        assert with_trailing_slashes(noise) is noise


@pytest.mark.parametrize("index", [0, 5, 16, 127, 128, 300, 70000])
@pytest.mark.parametrize("padding", range(3))
def test_calls_are_found_however_long_their_index_is(index, padding):
    number = bytearray()
    while index > 0x7F:
        number.append(index & 0x7F | 0x80)
        index >>= 7
    number.append(index)
    if padding:
        number[-1] |= 0x80
        number += b"\x80" * (padding - 1) + b"\x00"
    pattern = calling([read_back(bytes(number))])
    lookalike = b"\x41\x90\x10\x1a"  # i32.const, drop
    code = b"\x00" + lookalike + b"\x41\x10" + b"\x10" + bytes(number) + b"\x1a\x0b"
    found = list(calls(pattern, code, skip_locals(code, 0, len(code)), len(code)))
    assert found == [(7, 8 + len(number))]


def read_back(number: bytes) -> int:
    return sum((byte & 0x7F) << 7 * place for place, byte in enumerate(number))


def test_bytes_that_only_look_like_a_call_are_left_alone():
    pattern = re.compile(b"\x10\x10")
    code = b"\x00\x41\x10\x10\x10\x10\x10\x44\x10\x10\x10\x10\x10\x10\x10\x10\x1a\x10\x11\x0b"
    assert list(calls(pattern, code, 1, len(code))) == [(3, 5), (5, 7)]


@pytest.mark.toolchain
@pytest.mark.slow
def test_what_a_compiler_makes_is_rewritten():
    source = "#include <unistd.h>\nint main(int n, char **v) { return rmdir(v[1]); }"
    data = c_guest(source).read_bytes()
    rewritten = with_trailing_slashes(data)
    assert rewritten is not data
    wasmtime.Module.validate(wasmtime.Engine(), rewritten)
