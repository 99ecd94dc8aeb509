"""`gojinn invoke`. How a module is run offline is `guest`'s; here is what goes in and what is shown."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import rich_click as click

from gojinn.capabilities.http.config import HttpConfig, parse_allowed
from gojinn.cli.guest import compile_program, function_opened, invocation, looks_at_stdin, run_program
from gojinn.cli.options import HEADER, Parsed, parse_mount, parse_variable
from gojinn.cli.screen import console, size
from gojinn.config.units import Secret
from gojinn.engine.limits import Limits, Mount, ProgramSpec
from gojinn.engine.outcome import STDERR, End, Outcome, Record, records
from gojinn.engine.settings import Implementation
from gojinn.errors import LimitExceeded, NotFound
from gojinn.functions.config import FunctionConfig
from gojinn.functions.envelope import canonical
from gojinn.functions.invocation import Result
from gojinn.functions.lines import Variable, parse_memory, parse_timeout
from gojinn.functions.permissions import Permissions
from gojinn.observe.log import configure

TRAPPED = 134
"""Exit code of `--raw` for a guest that did not end by itself, as a shell shows an abort."""
RAW_OUTPUT = 1 << 30
"""Bytes that a plain program may write to standard output, and to standard error."""
MOST_INPUT = 1 << 30
"""Bytes that are taken from standard input: it may have no end."""
PIECE = 1 << 20
"""Bytes taken from it at once."""
LEVELS = {0: "debug", 1: "info", 2: "warn", 3: "error"}


@dataclass(frozen=True, slots=True)
class World:
    """What both ways of running give the guest."""

    module: str
    args: tuple[str, ...]
    env: tuple[tuple[str, str], ...]
    mounts: tuple[Mount, ...]
    hosts: tuple[str, ...]
    timeout: float
    memory: int
    fuel: int | None
    engine: Implementation | None


TIMEOUT = Parsed("duration", parse_timeout)
MEMORY = Parsed("size", parse_memory)
VARIABLE = Parsed("name=value", parse_variable)
HOST = Parsed("host", parse_allowed)
FOLDER = Parsed("host::guest", parse_mount)


@click.command("invoke", context_settings={"ignore_unknown_options": True})
@click.argument("module", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("trailing", nargs=-1, metavar="[-- ARGS]...")
@click.option("--data", "-d", help="The body; '@file' reads a file, '-' standard input.")
@click.option("--method", "-X", help="The method; POST with a body, else GET.")
@click.option("--uri", default="/", show_default=True, help="Path and query.")
@click.option("--header", "-H", "headers", multiple=True, type=HEADER, help="A header; repeat.")
@click.option("--env", multiple=True, type=VARIABLE, help="A variable; repeat.")
@click.option("--dir", "mounts", multiple=True, type=FOLDER, help="A folder that it sees, '::ro' read-only.")
@click.option("--allow-host", "hosts", multiple=True, type=HOST, help="A host that it may ask; repeat.")
@click.option("--arg", "args", multiple=True, help="An argument of the guest's command line.")
@click.option("--timeout", type=TIMEOUT, default="60s", show_default=True, help="How long it may take.")
@click.option("--memory-limit", type=MEMORY, default="128MB", show_default=True, help="Its memory, at most.")
@click.option("--fuel-limit", type=click.IntRange(min=1), help="Instructions it may take, roughly.")
@click.option(
    "--engine",
    type=click.Choice(["auto", "core", "pure"]),
    default="auto",
    show_default=True,
    help="The engine's implementation.",
)
@click.option("--cgi", is_flag=True, help="Run it as a CGI script.")
@click.option("--raw", is_flag=True, help="Run it as a plain WASI program.")
@click.pass_context
def command(
    ctx: click.Context,
    module: Path,
    trailing: tuple[str, ...],
    data: str | None,
    method: str | None,
    uri: str,
    headers: tuple[tuple[str, str], ...],
    env: tuple[tuple[str, str], ...],
    mounts: tuple[Mount, ...],
    hosts: tuple[str, ...],
    args: tuple[str, ...],
    timeout: float,
    memory_limit: int,
    fuel_limit: int | None,
    engine: str,
    cgi: bool,
    raw: bool,
) -> None:
    """Run a module once, without a server.

    Hands MODULE the JSON that the server would make of a request, in a fresh sandbox. The answer's body goes
    to standard output; its status and headers and the function's log go to standard error. With --cgi the
    module is a CGI or WAGI script, as with 'response cgi' in a Caddyfile. With --raw it is a plain WASI
    program: its streams and its exit code are passed through.

    \b
    Examples:
      gojinn invoke build/hello.wasm -d '{"name": "Ada"}'
      gojinn invoke build/hello.wasm --uri '/?page=2' --env GREETING=hi
      gojinn invoke build/weather.wasm --allow-host api.example.com
      gojinn invoke guestbook.wasm --cgi -d 'name=Ada' -H 'Content-Type: application/x-www-form-urlencoded'
      gojinn invoke tool.wasm --raw --dir data::/data::ro -- /data/a.csv
    """
    if not module.exists():
        raise NotFound(f"no module '{module}'", hint="run 'gojinn build' first, or correct the path")
    configure(output="discard")
    chosen = None if engine == "auto" else cast("Implementation", engine)
    sandbox = (env, mounts, hosts, timeout, memory_limit, fuel_limit)
    world = World(str(module), (*args, *trailing), *sandbox, chosen)
    if raw and cgi:
        raise click.UsageError("'--raw' and '--cgi' exclude each other")
    if raw:
        ctx.exit(run_raw(world))
    body = b"" if data is None else body_of(data)
    method = method or ("GET" if data is None else "POST")
    result = asyncio.run(run_function(world, method, uri, headers, body, "cgi" if cgi else "json"))
    show(result)


def body_of(data: str) -> bytes:
    """Reads what `--data` means. Raises NotFound."""
    if data == "-":
        return read_input()
    if not data.startswith("@"):
        return data.encode("utf-8", "surrogateescape")
    try:
        return Path(data[1:]).read_bytes()
    except OSError as error:
        raise NotFound(f"reading '{data[1:]}': {(error.strerror or str(error)).lower()}") from error


def read_input() -> bytes:
    """Standard input to its end. Raises LimitExceeded when that does not come."""
    if sys.stdin is None:
        return b""
    if sys.stdin.isatty():
        console(stderr=True).print("reading standard input, Ctrl-D ends it", style="dim")
    data = bytearray()
    while len(piece := sys.stdin.buffer.read(PIECE)) == PIECE:  # a terminal tells its end only once
        data += piece
        if len(data) > MOST_INPUT:
            raise LimitExceeded(f"standard input has more than {size(MOST_INPUT)}")
    data += piece
    return bytes(data)


async def run_function(
    world: World, method: str, uri: str, headers: tuple[tuple[str, str], ...], body: bytes, form: str
) -> Result:
    """Runs the module as a function; everything is granted but requests, nothing else leaves the machine."""
    config = FunctionConfig(
        world.module,
        timeout=world.timeout,
        memory_limit=world.memory,
        fuel_limit=world.fuel,
        response=form,
        env=tuple(Variable(name, Secret(value)) for name, value in world.env),
        args=world.args,
        mounts=world.mounts,
        permissions=Permissions.everything(),
        http=HttpConfig(allow_host=world.hosts),
    )
    async with function_opened(config, world.engine) as (runner, function):
        return await runner.run(invocation(function, method, uri, headers, body))


def show(result: Result) -> None:
    """Prints log and head to standard error and the body to standard output. Raises the function's error."""
    err = console(stderr=True)
    for record in result.log:
        err.print(logged(record), style="dim", markup=False)
    if result.reply is None:
        assert result.error is not None
        raise result.error
    reply, outcome = result.reply, result.outcome
    cost = f"{outcome.wall * 1e3:.1f} ms" if outcome else ""
    if outcome and outcome.memory:  # a component's is not known
        cost += f", {size(outcome.memory)} of memory"
    err.print(f"[bold]HTTP {reply.status}[/] [dim]({cost})[/]")
    for name, value in reply.headers:
        err.print(f"{canonical(name)}: {value.decode('latin-1')}", markup=False)
    err.print()
    write_out(reply.body)
    if sys.stdout.isatty() and not reply.body.endswith(b"\n"):
        write_out(b"\n")


def logged(record: Record) -> str:
    """Shows one line of the function's log."""
    return record.text if record.level == STDERR else f"{LEVELS[record.level]}: {record.text}"


def run_raw(world: World) -> int:
    """Runs the module as a program with our standard streams; returns the exit code.

    A program gets its input whole, at its start. One that cannot read is not kept waiting for its end.
    """
    limits = Limits(memory=world.memory, fuel=world.fuel, output=RAW_OUTPUT, log=RAW_OUTPUT)
    spec = ProgramSpec((world.module, *world.args), dict(world.env), world.mounts, limits)
    compiled = asyncio.run(compile_program(world.module, metered=world.fuel is not None))
    stdin = read_input() if looks_at_stdin(compiled.info) else b""
    outcome = asyncio.run(
        run_program(compiled, spec, stdin, timeout=world.timeout, implementation=world.engine)
    )
    write_out(outcome.stdout)
    for record in records(outcome.log):
        sys.stderr.buffer.write(record.text.encode())
    sys.stderr.buffer.flush()
    return exit_code(outcome)


def exit_code(outcome: Outcome) -> int:
    """Returns the guest's exit code; says why it ended when it has none."""
    if outcome.end in (End.RETURNED, End.EXITED):
        return outcome.exit_code & 0xFF
    why = outcome.trap or f"the guest passed its limit: {outcome.end.value}"
    console(stderr=True).print(f"error: {why}", markup=False)
    return TRAPPED


def write_out(data: bytes) -> None:
    """Writes bytes to standard output as they are."""
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
