"""`gojinn bench`. The load comes from `load`, offline runs from `guest`; `make bench` is something else."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import rich_click as click

from gojinn.cli.guest import function_opened, invocation
from gojinn.cli.load import Tally, load, target
from gojinn.cli.options import DURATION, HEADER, json_option
from gojinn.cli.screen import console, show_json, wants_json
from gojinn.functions.config import FunctionConfig
from gojinn.observe.log import configure

COUNT = click.IntRange(1, 10_000)


@click.command("bench")
@click.argument("what", metavar="URL|MODULE")
@click.option("--connections", "-n", type=COUNT, default=16, show_default=True, help="How many at once.")
@click.option("--time", "-t", "seconds", type=DURATION, default="3s", show_default=True, help="How long.")
@click.option("--method", "-X", help="The method; POST with a body, else GET.")
@click.option("--header", "-H", "headers", multiple=True, type=HEADER, help="A header; repeat.")
@click.option("--data", "-d", default="", help="The body.")
@json_option
def command(
    what: str,
    connections: int,
    seconds: float,
    method: str | None,
    headers: tuple[tuple[str, str], ...],
    data: str,
    as_json: bool,
) -> None:
    """Load an address or a module and report figures.

    With an address it asks again on each connection as soon as it has the answer. With a module it runs one
    invocation after the other in this process, without HTTP: what a sandbox costs. For figures to compare,
    the generator and the server want cores of their own.

    \b
    Examples:
      gojinn bench http://localhost:8080/hello
      gojinn bench localhost:8080 -n 64 -t 10s -d '{"name": "Ada"}'
      gojinn bench build/hello.wasm
    """
    configure(output="discard")
    method = method or ("POST" if data else "GET")
    body = data.encode("utf-8", "surrogateescape")
    if what.endswith(".wasm"):
        figures = asyncio.run(run_module(what, method, headers, body, seconds))
    else:
        asked = target(what, method, tuple(f"{name}: {value}" for name, value in headers), body)
        figures = of_load(asyncio.run(load(asked, connections=connections, seconds=seconds)))
    if wants_json(as_json):
        show_json(figures)
    else:
        for name, value in figures.items():
            console().print(f"{name.replace('_', ' '):14} [bold]{value}[/]")


async def run_module(
    module: str, method: str, headers: tuple[tuple[str, str], ...], body: bytes, seconds: float
) -> dict[str, Any]:
    """Invokes a module again and again; the first failure ends it."""
    walls: list[float] = []
    async with function_opened(FunctionConfig(str(Path(module)))) as (runner, function):
        call = invocation(function, method, "/", headers, body)
        start, cpu = time.perf_counter(), time.process_time()
        while (began := time.perf_counter()) < start + seconds:
            result = await runner.run(call)
            if result.error is not None:
                raise result.error
            walls.append(time.perf_counter() - began)
        took, busy = time.perf_counter() - start, time.process_time() - cpu
    ranked = sorted(walls)
    return {
        "invocations": len(walls),
        "per_second": round(len(walls) / took),
        "cpu_us": round(busy / len(walls) * 1e6, 1),
        "p50_us": round(ranked[len(ranked) // 2] * 1e6, 1),
        "p99_us": round(ranked[int(len(ranked) * 0.99)] * 1e6, 1),
    }


def of_load(tally: Tally) -> dict[str, Any]:
    """Makes the figures of a load."""
    return {
        "requests": len(tally.latencies),
        "per_second": round(len(tally.latencies) / tally.seconds),
        "p50_ms": round(tally.percentile(0.5) * 1e3, 2),
        "p90_ms": round(tally.percentile(0.9) * 1e3, 2),
        "p99_ms": round(tally.percentile(0.99) * 1e3, 2),
        "max_ms": round(tally.percentile(1) * 1e3, 2),
        "statuses": {str(status): count for status, count in sorted(tally.statuses.items())},
        "broken": tally.broken + tally.refused,
    }
