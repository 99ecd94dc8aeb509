"""`gojinn build`, with a shell script on PATH in place of `go`. Compiling is tested with its package."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
MANIFEST = 'name = "%s"\nlanguage = "go"\nsource = "."\noutput = "out.wasm"\n'
COMPILER = """#!/bin/sh
if [ -e broken ]; then echo 'main.go:1: no'; exit 1; fi
while [ "$1" != -o ]; do shift; done
printf '\\0asm\\1\\0\\0\\0' > "$2"
"""


@pytest.fixture
def functions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Makes two functions and their compiler."""
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "go").write_text(COMPILER)
    (tools / "go").chmod(0o755)
    monkeypatch.setenv("PATH", str(tools), prepend=os.pathsep)
    for name in ("one", "two"):
        folder = tmp_path / "functions" / name
        folder.mkdir(parents=True)
        (folder / "gojinn.toml").write_text(MANIFEST % name)
    return tmp_path / "functions"


def test_builds_everything_below_a_folder(gojinn: Run, functions: Path) -> None:
    done = gojinn("build", functions)
    assert (done.code, done.err) == (0, "")
    assert sorted(line.split()[1] for line in done.out.splitlines()) == ["one", "two"]
    assert len(list(functions.rglob("out.wasm"))) == 2


def test_builds_the_folder_it_is_in(gojinn: Run, functions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(functions / "one")
    assert gojinn("build").out.startswith("✓ one → out.wasm")


def test_an_output_outside_of_the_folder_is_shown(gojinn: Run, functions: Path) -> None:
    elsewhere = str(functions.parent / "elsewhere.wasm")
    (functions / "one" / "gojinn.toml").write_text((MANIFEST % "one").replace("out.wasm", elsewhere))
    assert gojinn("build", functions / "one").out.startswith("✓ one → ../../elsewhere.wasm")


def test_tells_what_was_up_to_date_unless_forced(gojinn: Run, functions: Path) -> None:
    gojinn("build", functions)
    assert gojinn("build", functions).out.count("up to date") == 2
    assert gojinn("build", "--force", functions).out.count("up to date") == 0


def test_a_failure_does_not_keep_the_others_from_being_built(gojinn: Run, functions: Path) -> None:
    (functions / "one" / "broken").touch()
    done = gojinn("build", functions)
    assert done.code == 1
    assert "✓ two" in done.out
    assert "main.go:1: no\nerror: building 'one': the compiler failed\n" in done.err


def test_a_wrong_manifest_is_a_wrong_configuration(gojinn: Run, functions: Path) -> None:
    (functions / "one" / "gojinn.toml").write_text("nonsense")
    assert gojinn("build", functions).code == 3


def test_nothing_to_build_is_told(gojinn: Run, tmp_path: Path) -> None:
    nothing = gojinn("build", tmp_path)
    assert nothing.code == 1
    assert "gojinn init" in nothing.err
