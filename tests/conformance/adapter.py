"""Lets the runner of the public wasi-testsuite run its wasm32-wasip1 tests with Gojinn; nothing else uses it.

The runner loads this file by itself, without Gojinn's package, and asks the functions below: see
docs/design/wasi.md for how it is called. `GOJINN` may name another command, with options of its own that
go behind `invoke`, for example `GOJINN='.venv/bin/gojinn --engine pure'`.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

COMMAND = shlex.split(os.environ.get("GOJINN", "gojinn"))


def get_name() -> str:
    return "gojinn"


def get_version() -> str:
    done = subprocess.run([COMMAND[0], "version"], capture_output=True, text=True, check=True)
    return done.stdout.split()[1]


def get_wasi_versions() -> list[str]:
    return ["wasm32-wasip1"]


def get_wasi_worlds() -> list[str]:
    return ["wasi:cli/command"]


def compute_argv(test_path: str, *given: Any) -> list[str]:
    """The command that runs one test. Releases of the runner differ in what they give: arguments, variables
    and folders one by one or as one tuple, and a root folder in place of folders with names."""
    args, env, folders = given[0] if isinstance(given[0], tuple) else given[:3]
    command = [COMMAND[0], "invoke", *COMMAND[1:], "--raw", *variables(env), *mounts(folders)]
    return [*command, str(test_path), "--", *args]


def variables(env: Mapping[str, str]) -> list[str]:
    return [part for name, value in env.items() for part in ("--env", f"{name}={value}")]


def mounts(folders: Sequence[tuple[object, str]] | object | None) -> list[str]:
    if not folders:
        return []
    pairs = folders if isinstance(folders, list) else [(folders, "/")]
    return [part for host, guest in pairs for part in ("--dir", f"{host}::{guest}")]
