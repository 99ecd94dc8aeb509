"""The family of commands: what is shown, what is loaded, which exit code an error gets."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from gojinn import __version__
from gojinn.cli.main import PANELS, load

Run = Callable[..., Any]
NAMES = [name for commands in PANELS.values() for name in commands]
LIST_MODULES = """
import sys
from gojinn.cli.main import main
try:
    main(%r)
finally:
    print(*sys.modules, file=sys.stderr)
"""


def imported_by(*args: str) -> set[str]:
    """Runs a command in a process of its own and tells which modules that imported."""
    done = subprocess.run([sys.executable, "-c", LIST_MODULES % list(args)], capture_output=True, text=True)
    return set(done.stderr.split())


@pytest.mark.slow
def test_help_loads_no_command() -> None:
    assert not {name for name in imported_by("--help") if name.startswith("gojinn.cli.commands")}


@pytest.mark.slow
def test_a_command_loads_no_other() -> None:
    modules = imported_by("version")
    assert "gojinn.cli.commands.version" in modules
    assert "gojinn.cli.commands.up" not in modules
    assert "wasmtime" not in modules


@pytest.mark.slow
def test_version_is_told_at_once() -> None:
    times = []
    for _ in range(3):
        start = time.process_time(), time.perf_counter()
        done = subprocess.run([sys.executable, "-m", "gojinn", "--version"], capture_output=True, text=True)
        times.append(time.perf_counter() - start[1])
        assert done.stdout == f"gojinn {__version__}\n"
    assert min(times) < 0.15 * 3  # other tests may be using the machine


def test_version_is_that_of_the_package() -> None:
    assert version("gojinn") == __version__


def test_help_shows_every_command_and_the_first_steps(gojinn: Run) -> None:
    shown = gojinn("--help")
    assert shown.code == 0
    for name in NAMES:
        assert f" {name} " in shown.out
    assert "gojinn init hello" in shown.out
    assert "gojinn invoke build/hello.wasm" in shown.out


@pytest.mark.parametrize("name", NAMES)
def test_summary_is_the_first_line_of_the_commands_help(name: str) -> None:
    summaries = {name: summary for panel in PANELS.values() for name, summary in panel.items()}
    assert (load(name).help or "").splitlines()[0] == summaries[name]


@pytest.mark.parametrize("name", NAMES)
def test_each_command_explains_itself(gojinn: Run, name: str) -> None:
    shown = gojinn(name, "--help")
    assert shown.code == 0
    assert f"Usage: gojinn {name}" in shown.out


def test_unknown_command_is_a_usage_error_with_a_suggestion(gojinn: Run) -> None:
    wrong = gojinn("biuld")
    assert wrong.code == 2
    assert "Did you mean 'build'?" in wrong.err


@pytest.mark.parametrize("args", [("init",), ("up", "--nope"), ("build", "/nowhere"), ("invoke",)])
def test_wrong_usage_is_exit_code_2(gojinn: Run, args: tuple[str, ...]) -> None:
    assert gojinn(*args).code == 2


def test_wrong_configuration_is_exit_code_3(gojinn: Run, tmp_path: Any) -> None:
    (tmp_path / "Caddyfile").write_text(":8080 {\n\tnonsense\n}\n")
    wrong = gojinn("validate", "--config", tmp_path)
    assert wrong.code == 3
    assert wrong.err.startswith(f"error: {tmp_path}/Caddyfile:2:2: unknown directive 'nonsense'")
    assert "\n    | \t^\n" in wrong.err


def test_what_the_system_refuses_is_no_traceback(gojinn: Run, tmp_path: Any) -> None:
    (tmp_path / "file").touch()
    refused = gojinn("init", tmp_path / "file" / "hello")
    assert refused.code == 1
    assert refused.err == f"error: '{tmp_path}/file/hello': not a directory\n"


def test_no_colour_in_a_pipe(gojinn: Run) -> None:
    assert "\x1b" not in gojinn("--help").out


CLOSED = """
import os, sys
os.closerange(0, 3)
os.execv(sys.executable, [sys.executable, "-m", "gojinn", *sys.argv[1:]])
"""


@pytest.mark.slow
@pytest.mark.parametrize(("args", "code"), [(["version"], 0), (["validate", "--config", "/none"], 3)])
def test_closed_streams_do_not_matter(args: list[str], code: int) -> None:
    assert subprocess.run([sys.executable, "-c", CLOSED, *args]).returncode == code


@pytest.mark.slow
def test_a_server_without_streams_starts(tmp_path: Path) -> None:
    caddyfile, log = tmp_path / "Caddyfile", tmp_path / "access.log"
    caddyfile.write_text(
        f"{{\n\tadmin off\n}}\n:0 {{\n\tlog {{\n\t\toutput file {log}\n\t}}\n\trespond hi\n}}\n"
    )
    server = subprocess.Popen([sys.executable, "-c", CLOSED, "up", "--config", str(caddyfile), "-n", "1"])
    try:
        deadline = time.monotonic() + 20
        while not log.exists() and time.monotonic() < deadline:
            assert server.poll() is None
            time.sleep(0.05)
    finally:
        server.terminate()
    assert server.wait(20) == 0
