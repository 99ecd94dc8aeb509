"""The adapter for the public suite's runner, by the commands it makes, each of them run."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from gojinn import __version__
from gojinn.testing.guests import guest, wat_guest

pytestmark = pytest.mark.slow

EXIT_13 = """(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start") (call $exit (i32.const 13))))"""


@pytest.fixture(params=["core", "pure"])
def adapter(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The file, loaded as the runner loads it."""
    gojinn = Path(sys.executable).with_name("gojinn")
    monkeypatch.setenv("GOJINN", f"{gojinn} --engine {request.param}")
    spec = importlib.util.spec_from_file_location("adapter", Path(__file__).with_name("adapter.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(argv: list[str]) -> tuple[int, str]:
    """What a command exits with and prints, with its standard input held open as the runner does."""
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        out, _ = running.communicate(timeout=60)
        return running.returncode, out


def test_it_names_itself_as_the_runner_wants(adapter: Any):
    assert (adapter.get_name(), adapter.get_version()) == ("gojinn", __version__)
    assert adapter.get_wasi_versions() == ["wasm32-wasip1"]
    assert adapter.get_wasi_worlds() == ["wasi:cli/command"]


def test_the_exit_code_is_the_programs(adapter: Any):
    assert run(adapter.compute_argv(str(wat_guest(EXIT_13)), [], {}, []))[0] == 13


@pytest.mark.toolchain
@pytest.mark.parametrize("release", ["root", "folders", "apart"])
def test_arguments_variables_and_folders_arrive(adapter: Any, tmp_path: Path, release: str):
    (tmp_path / "note").write_text("found")
    args, env, folder = ["read:/note"], {"A": "b"}, str(tmp_path)
    given: dict[str, tuple[Any, ...]] = {
        "root": ((args, env, folder), [], "wasi:cli/command", "wasm32-wasip1"),
        "folders": ((args, env, [(tmp_path, "/")]), [], "wasm32-wasip1"),
        "apart": (args, env, [(tmp_path, "/")]),
    }
    assert run(adapter.compute_argv(str(guest("files")), *given[release])) == (0, "found\n")
    out = run(adapter.compute_argv(str(guest("environ")), *given[release]))[1]
    assert json.loads(out)["body"].splitlines()[1:] == ["read:/note", "A=b"]
