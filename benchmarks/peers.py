"""What a user would pick instead, on an equivalent guest: `wasmtime serve` and workerd, where installed."""

from __future__ import annotations

import shutil
import sys
from contextlib import ExitStack
from pathlib import Path

from benchmarks.http import Variants, alternate, site
from benchmarks.machine import SERVER_CORES
from benchmarks.server import free_port, gojinn, peer

SOURCES = Path(__file__).with_name("guests")


def measure(
    guests: dict[str, Path], cache: Path, *, rounds: int, seconds: float
) -> dict[str, dict[str, float]]:
    """Requests a second on one core each, alternating with gojinn's."""
    with ExitStack() as stack:
        ours = stack.enter_context(gojinn(site(guests), cores=SERVER_CORES, cache=cache))
        variants: Variants = {"gojinn, fresh sandbox per request": (ours, "/c")}
        program = wasmtime()
        if program is not None:
            port = free_port()
            command = [program, "serve", "--addr", f"127.0.0.1:{port}", str(guests["proxy"])]
            served = stack.enter_context(peer("wasmtime serve", command, port, cores=SERVER_CORES))
            variants["wasmtime serve, fresh instance per request"] = (served, "")
        workerd = _workerd()
        if workerd is not None:
            port = free_port()
            config = str(SOURCES / "workerd.capnp")
            command = [workerd, "serve", config, "--socket-addr", f"http=127.0.0.1:{port}"]
            served = stack.enter_context(peer("workerd", command, port, cores=SERVER_CORES))
            variants["workerd, one isolate for all requests"] = (served, "")
        return alternate(variants, rounds=rounds, seconds=seconds)


def wasmtime() -> str | None:
    """Finds wasmtime's command line tool."""
    folder = Path(sys.executable).parent.parent
    found = next(folder.glob("lib/python*/site-packages/wasmtime_cli/wasmtime"), None)
    if found is None:
        return shutil.which("wasmtime")
    found.chmod(0o755)
    return str(found)


def _workerd() -> str | None:
    local = Path(__file__).with_name("node_modules") / ".bin" / "workerd"
    return str(local) if local.exists() else shutil.which("workerd")
