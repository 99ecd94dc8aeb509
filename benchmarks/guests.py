"""Builds the benchmark guests with the toolchains that `make bench` installs. Knows no server."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from wasmtime import wat2wasm

from gojinn.testing.components import python_proxy

SOURCES = Path(__file__).with_name("guests")
SMALL_STACK = 65_536
DEFAULT_STACK = 16 * 1024 * 1024
"""What `zig cc` gives a guest when nobody says otherwise."""


LARGER = "(i32.const 42)", "(i32.const 4096)"
"""Has the component answer with as many bytes, the most that wasmtime takes at once."""


def build(folder: Path) -> dict[str, Path]:
    """Builds every guest into `folder`; returns name → module. A missing toolchain leaves its guest out."""
    folder.mkdir(parents=True, exist_ok=True)
    built = {
        "empty": _wat("empty", folder),
        "loop": _wat("loop", folder),
        "c": _c("hello", folder / "c.wasm", SMALL_STACK),
        "c-16m": _c("hello", folder / "c-16m.wasm", DEFAULT_STACK),
        "park": _c("park", folder / "park.wasm", SMALL_STACK),
        "no-query": _c("point", folder / "no-query.wasm", SMALL_STACK),
        "query": _c("point", folder / "query.wasm", SMALL_STACK, "-DQUERY"),
        "go": _go("tax", folder / "go.wasm"),
        "rust": _rust("hello", folder / "rust.wasm"),
        "proxy": _wat("serve", folder),
        "proxy.4k": _wat("serve", folder, LARGER),
        "proxy.py": python_proxy() if find_spec("componentize_py") else None,
        "js": _js("tax", folder / "js.wasm"),
    }
    return {name: path for name, path in built.items() if path is not None}


def _wat(name: str, folder: Path, change: tuple[str, str] | None = None) -> Path:
    """Builds a module from text, or from that with one part in place of another."""
    target = folder / (f"{name}.changed.wasm" if change else f"{name}.wasm")
    text = SOURCES.joinpath(f"{name}.wat").read_text()
    target.write_bytes(wat2wasm(text.replace(*change) if change else text))
    return target


def _c(name: str, target: Path, stack: int, *more: str) -> Path:
    flags = [*more, "-target", "wasm32-wasi", "-Os", "-s", f"-Wl,-z,stack-size={stack}"]
    _run(sys.executable, "-m", "ziglang", "cc", *flags, str(SOURCES / f"{name}.c"), "-o", str(target))
    return target


def _go(name: str, target: Path) -> Path | None:
    beside = Path(sys.executable).with_name("go")
    go = str(beside) if beside.exists() else shutil.which("go")
    if go is None:
        return None
    environment = {"GOOS": "wasip1", "GOARCH": "wasm"}
    _run(go, "build", "-ldflags=-s -w", "-o", str(target), str(SOURCES / f"{name}.go"), **environment)
    return target


def _js(name: str, target: Path) -> Path | None:
    from gojinn.build.runtimes import locate, runtime

    if locate(runtime("javascript")) is None:
        return None
    _run(sys.executable, "-m", "gojinn.build.interpret", "js", f"{name}.js", str(target), cwd=SOURCES)
    return target


def _rust(name: str, target: Path) -> Path | None:
    rustc, linker, crt = (
        "/usr/bin/rustc",
        shutil.which("wasm-ld-14"),
        Path("/usr/lib/wasm32-wasi/crt1-command.o"),
    )
    if not Path(rustc).exists() or linker is None or not crt.exists():
        return None
    link = [
        f"link-arg={crt}",
        "link-self-contained=no",
        f"link-arg=-zstack-size={SMALL_STACK}",
        "strip=symbols",
    ]
    options = [part for option in [f"linker={linker}", *link] for part in ("-C", option)]
    source = str(SOURCES / f"{name}.rs")
    _run(rustc, "--target", "wasm32-wasi", "-O", "-L", str(crt.parent), *options, source, "-o", str(target))
    return target


def _run(*command: str, cwd: Path | None = None, **environment: str) -> None:
    environ = {**os.environ, **environment}
    done = subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"'{' '.join(command)}' failed:\n{done.stderr}")
