"""Components of `wasi:http`: the same file under `gojinn up` and `wasmtime serve`.

Both are pinned to the same core: one worker here, and there one thread, as many as there are cores for it.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from benchmarks.http import Variants, alternate
from benchmarks.machine import SERVER_CORES
from benchmarks.peers import wasmtime
from benchmarks.server import free_port, gojinn, peer


def measure(
    guests: dict[str, Path], cache: Path, *, rounds: int, seconds: float
) -> dict[str, dict[str, float]]:
    """Requests a second for a component that answers a fixed text, for the same with 4 KiB, and for one in
    Python."""
    served = {name: guests[name] for name in ("proxy", "proxy.4k", "proxy.py") if name in guests}
    routes = "\n".join(f"\tgojinn /{name} {path}" for name, path in served.items())
    with ExitStack() as stack:
        ours = stack.enter_context(gojinn(routes, cores=SERVER_CORES, cache=cache))
        variants: Variants = {f"gojinn, {name}": (ours, f"/{name}") for name in served}
        program = wasmtime()
        for name, path in served.items():
            if program is not None:
                port = free_port()
                command = [program, "serve", "-S", "cli=y", "--addr", f"127.0.0.1:{port}", str(path)]
                server = stack.enter_context(peer("wasmtime serve", command, port, cores=SERVER_CORES))
                variants[f"wasmtime serve, {name}"] = (server, f"/{name}".removeprefix("/"))
        return alternate(variants, rounds=rounds, seconds=seconds)
