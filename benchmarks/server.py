"""Starts what is measured, pinned to cores: `gojinn up` on a Caddyfile, or a peer's server."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from benchmarks.load import pinned
from benchmarks.machine import ALL_CORES, children, cpu_seconds

READY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Server:
    """A running server. `pids` are the processes that answer (gojinn's workers, or the peer itself)."""

    url: str
    pid: int
    pids: tuple[int, ...]
    cores: Set[int]
    started: float
    """Seconds from its start to its first answer."""
    spent: float = 0.0
    """Seconds of processor time that all its processes took until then."""


@contextmanager
def gojinn(
    caddyfile: str, *, workers: int = 1, cores: Set[int], cache: Path | None = None, engine: str = "auto"
) -> Iterator[Server]:
    """Runs `gojinn up` on a site given as text, with access logs written to a file of its own folder."""
    with tempfile.TemporaryDirectory(prefix="gojinn-bench-") as folder:
        options = _options(folder, cache or Path(folder, "cache"), f"\t\tengine {engine}\n")
        site = (
            f"http://127.0.0.1:0 {{\n\tlog {{\n\t\toutput file {folder}/access.log\n\t}}\n{caddyfile}\n}}\n"
        )
        with _up(Path(folder), options + site, cores, "--workers", str(workers)) as server:
            yield server


@contextmanager
def example(site: Path, *, cache: Path) -> Iterator[Server]:
    """Runs `gojinn up` on a copy of the example site, as it is, on all cores and with the default workers."""
    with tempfile.TemporaryDirectory(prefix="gojinn-bench-") as folder:
        copy = Path(shutil.copytree(site, Path(folder, "site"), ignore=shutil.ignore_patterns(".gojinn")))
        caddyfile = (copy / "Caddyfile").read_text()
        with _up(copy, _options(folder, cache) + caddyfile, ALL_CORES) as server:
            yield server


def _options(folder: str, cache: Path, more: str = "") -> str:
    """Writes global options that keep everything in a folder, and ports to the system's choice."""
    own = f"\t\tcache_dir {cache}\n\t\tdata_dir {folder}/data\n{more}"
    return f"{{\n\tadmin 127.0.0.1:0\n\tgojinn {{\n{own}\t}}\n}}\n"


@contextmanager
def _up(folder: Path, caddyfile: str, cores: Set[int], *more: str) -> Iterator[Server]:
    """Writes a Caddyfile and serves it."""
    config = folder / "Caddyfile"
    config.write_text(caddyfile)
    program = str(Path(sys.executable).with_name("gojinn"))
    command = pinned(cores, program, "up", "--config", str(config), *more)
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PORT": "0"},
    )
    try:
        url = _serving(process.stderr)
        _answers(url)
        took = time.perf_counter() - began
        pids = tuple(children(process.pid))
        yield Server(url, process.pid, pids, cores, took, sum(map(cpu_seconds, (process.pid, *pids))))
    finally:
        process.terminate()
        process.wait(30)


def _serving(stream: IO[str] | None) -> str:
    assert stream is not None
    seen: list[str] = []
    for line in stream:
        seen.append(line)
        if not line.startswith("{"):
            continue
        record = json.loads(line)
        if record.get("msg") == "serving":
            threading.Thread(target=stream.read, daemon=True).start()
            return str(record["urls"][0]).rstrip("/")
    raise RuntimeError("gojinn did not start:\n" + "".join(seen))


@contextmanager
def peer(name: str, command: list[str], port: int, *, cores: Set[int]) -> Iterator[Server]:
    """Runs another product's server that listens on `port` of the loopback address."""
    began = time.perf_counter()
    process = subprocess.Popen(pinned(cores, *command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}/"
    try:
        _answers(url)
        yield Server(url, process.pid, (process.pid,), cores, time.perf_counter() - began)
    except OSError as error:
        raise RuntimeError(f"{name} did not answer on {url}") from error
    finally:
        process.terminate()
        process.wait(30)


def free_port() -> int:
    """A port that was free a moment ago: for peers that cannot report the one that they chose."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> None:
    host, _, port = url.removeprefix("http://").partition("/")[0].partition(":")
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            with socket.create_connection((host, int(port)), timeout=1) as probe:
                probe.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                if probe.recv(16).startswith(b"HTTP/1.1"):
                    return
        except OSError:
            if time.monotonic() > deadline:
                raise
        os.sched_yield()


__all__ = ["Server", "example", "free_port", "gojinn", "peer"]
