"""Guests for tests, built once into a cache from WebAssembly text, C, Go and Rust. Not the user's build.

`guest("echo")` gives the path of a ready one. Their sources stand in `sources/`; each says in its first line
what it does: echo, envelope, environ, hello (in C, hello.go, hello.rs), files, sleepy, asking; empty,
endless_loop, start_loop, host_call_loop, log_loop, memory_bomb, memory_declared, grow_once, grow_refused,
table_bomb, recursion, unreachable, div_by_zero, out_of_bounds, huge_stdout, huge_stderr, exit_3,
no_start, no_memory, unknown_import, park, host_log, script, ledger.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import wasmtime

from gojinn import xdg
from gojinn.errors import StartError
from gojinn.locking import locked

SOURCES = Path(__file__).with_name("sources")
SMALL_STACK = 65536
"""Bytes of stack that keep a C or Rust guest's live pages within what the sandbox pool keeps resident."""
ZIG_STACK = 16 << 20
"""Bytes of stack that zig gives a guest when nothing is said."""


def guest(name: str) -> Path:
    """The ready guest of that name, with its ending where several languages have one: `guest("hello.go")`.

    Raises LookupError for an unknown name, StartError when its compiler is missing or fails.
    """
    found = sorted(p for p in SOURCES.iterdir() if name in (p.name, p.stem))
    if not found:
        raise LookupError(f"no guest '{name}', expected one of {', '.join(guest_names())}")
    source = found[0].read_text()
    return BUILDERS[found[0].suffix](source)


def guest_names() -> tuple[str, ...]:
    """The names of all ready guests, with their endings."""
    return tuple(sorted(p.name for p in SOURCES.iterdir() if p.suffix in BUILDERS))


def wat(source: str) -> bytes:
    """Assembles WebAssembly text. Raises wasmtime.WasmtimeError with the place of a mistake."""
    return bytes(wasmtime.wat2wasm(source))


def wat_guest(source: str) -> Path:
    """Like `wat`, as a file."""
    return built("wat", [source], lambda out: out.write_bytes(wat(source)))


def c_guest(source: str, stack: int = SMALL_STACK, flags: Sequence[str] = ()) -> Path:
    """Compiles a C program with `zig cc`; `stack` in bytes, `flags` are added to the command."""

    def build(out: Path) -> None:
        (out.parent / "guest.c").write_text(source)
        command = [sys.executable, "-m", "ziglang", "cc", "-target", "wasm32-wasi", "-Os", "-s"]
        linking = [f"-Wl,-z,stack-size={stack}", *flags, "-o", str(out)]
        run([*command, "guest.c", *linking], out.parent, zig_environment())

    return built("c", [source, str(stack), *flags], build)


def go_guest(source: str) -> Path:
    """Compiles one Go file to a WASI command with the system's Go, or that of the `toolchains` extra."""

    def build(out: Path) -> None:
        (out.parent / "main.go").write_text(source)
        go = tool("go")
        target = {"GOOS": "wasip1", "GOARCH": "wasm", "GOTOOLCHAIN": "local", "GOFLAGS": "-buildvcs=false"}
        caches = {"GOCACHE": str(cache_root() / "go")}
        run(
            [go, "build", "-trimpath", "-ldflags=-s -w", "-o", str(out), "main.go"],
            out.parent,
            target | caches,
        )

    return built("go", [source], build)


def rust_guest(source: str, stack: int = SMALL_STACK) -> Path:
    """Compiles one Rust file with a rustc that has the standard library of wasm32-wasip1 or wasm32-wasi."""

    def build(out: Path) -> None:
        (out.parent / "guest.rs").write_text(source)
        rustc, target = rust_compiler()
        options = ["--target", target, "--edition", "2021", "-O", "-C", "strip=symbols"]
        options += ["-C", f"link-arg=-zstack-size={stack}", *rust_linker()]
        run([rustc, *options, "-o", str(out), "guest.rs"], out.parent, {})

    return built("rust", [source, str(stack)], build)


BUILDERS: dict[str, Callable[[str], Path]] = {
    ".wat": wat_guest,
    ".c": c_guest,
    ".go": go_guest,
    ".rs": rust_guest,
}


def printing(stdout: bytes, *, stderr: bytes = b"", exit_code: int | None = None) -> bytes:
    """A guest that writes these bytes to stderr and stdout, then returns, or exits when a code is given."""
    body = "".join(write_call(fd, at) for fd, at, data in ((2, 24, stderr), (1, 16, stdout)) if data)
    ending = "" if exit_code is None else f"(call $exit (i32.const {exit_code}))"
    pages = 1 + (1024 + len(stdout) + len(stderr)) // 65536
    return wat(f"""(module
      (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") {pages})
      (data (i32.const 16) "{escaped(vector(1024, stdout))}{escaped(vector(1024 + len(stdout), stderr))}")
      (data (i32.const 1024) "{escaped(stdout)}{escaped(stderr)}")
      (func (export "_start") {body} {ending}))""")


def many_functions(count: int) -> bytes:
    """A guest of `count` small functions."""
    functions = "".join(f"(func (result i32) (i32.const {i}))" for i in range(count))
    return wat(f'(module (memory (export "memory") 1) (func (export "_start")) {functions})')


def distinct(number: int) -> bytes:
    """A small guest that answers 200 and `number`: thousands of different modules for tests of scale."""
    return printing(f'{{"status":200,"headers":{{}},"body":"{number}"}}'.encode())


def damaged(whole: bytes, count: int) -> Iterator[bytes]:
    """So many copies, the same in each run, with a byte or three changed; every second one is cut off."""
    chance = random.Random(11)
    for _ in range(count):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 3)):
            data[chance.randrange(8, len(data))] = chance.randrange(256)
        yield bytes(data[: chance.choice([len(data), chance.randrange(8, len(data))])])


def write_call(fd: int, vector_at: int) -> str:
    return f"(drop (call $write (i32.const {fd}) (i32.const {vector_at}) (i32.const 1) (i32.const 32)))"


def vector(address: int, data: bytes) -> bytes:
    return address.to_bytes(4, "little") + len(data).to_bytes(4, "little")


def escaped(data: bytes) -> str:
    return "".join(f"\\{byte:02x}" for byte in data)


def cache_root() -> Path:
    """Where built guests are kept: `gojinn/guests` in the user's cache directory."""
    return xdg.cache() / "guests"


def built(kind: str, inputs: Sequence[str], build: Callable[[Path], object]) -> Path:
    """The file that `build(path)` makes of these inputs, made once; safe with several processes at once."""
    key = hashlib.sha256("\0".join([kind, *inputs]).encode()).hexdigest()[:32]
    target = cache_root() / f"{kind}-{key}.wasm"
    if target.exists():
        return target
    with locked(cache_root()):
        if not target.exists():
            with tempfile.TemporaryDirectory(dir=cache_root()) as scratch:
                build(Path(scratch) / "guest.wasm")
                (Path(scratch) / "guest.wasm").replace(target)
    return target


def run(command: Sequence[str], cwd: Path, environment: dict[str, str]) -> None:
    result = subprocess.run(command, cwd=cwd, env=os.environ | environment, capture_output=True, text=True)
    if result.returncode:
        raise StartError(f"building a guest with '{command[0]}' failed: {result.stderr or result.stdout}")


def zig_environment() -> dict[str, str]:
    zig = cache_root() / "zig"
    return {"ZIG_GLOBAL_CACHE_DIR": str(zig), "ZIG_LOCAL_CACHE_DIR": str(zig)}


def tool(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
    if found is None:
        raise StartError(f"no '{name}' on this machine", hint="install the extra 'gojinn[toolchains]'")
    return found


def rust_compiler() -> tuple[str, str]:
    """A rustc and the name under which it has a WASI standard library (old releases say wasm32-wasi)."""
    candidates = [c for c in (shutil.which("rustc"), "/usr/bin/rustc") if c and Path(c).exists()]
    for rustc in candidates:
        sysroot = subprocess.run([rustc, "--print", "sysroot"], capture_output=True, text=True).stdout.strip()
        for target in ("wasm32-wasip1", "wasm32-wasi"):
            if (Path(sysroot) / "lib/rustlib" / target / "lib").is_dir():
                return rustc, target
    raise StartError(
        "no rustc with the standard library of wasm32-wasi on this machine",
        hint="install Debian's rustc, libstd-rust-dev-wasm32, wasi-libc and lld",
    )


def rust_linker() -> list[str]:
    """Debian ships neither rust-lld nor a self-contained wasi-libc: name its own."""
    linker = next((p for p in sorted(Path("/usr/bin").glob("wasm-ld-*"))), None)
    libc = Path("/usr/lib/wasm32-wasi")
    if linker is None or not libc.is_dir():
        return []
    start = libc / "crt1-command.o"
    return [
        "-C",
        f"linker={linker}",
        "-C",
        f"link-arg={start}",
        "-L",
        str(libc),
        "-C",
        "link-self-contained=no",
    ]
