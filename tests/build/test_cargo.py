"""Functions in Rust that use crates."""

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gojinn.build import cargo, rust
from gojinn.build.compile import build
from gojinn.build.language import Toolchain
from gojinn.build.languages import read
from gojinn.build.sdk import lend

CRATES = 'itoa = "=1.0.5"\n'
"""A version that Debian's rustc compiles."""
MANIFEST = """[package]
name = "order-total"
version = "0.1.0"
edition = "2021"

[dependencies]
gojinn = { path = ".gojinn/sdk/rust" }
"""
MAIN = """
use gojinn::{Request, Response, Result};

fn handle(request: &Request) -> Result<Response> {
    let size = itoa::Buffer::new().format(request.body.len()).to_string();
    Ok(Response::text(200, &size))
}

fn main() {
    gojinn::serve(handle)
}
"""
GOJINN = str(Path(sys.executable).with_name("gojinn"))
VENDORED = '[source.crates-io]\nreplace-with = "vendor"\n[source.vendor]\ndirectory = "vendor"\n'


def manifest(folder: Path, text: str) -> Path:
    (folder / "Cargo.toml").write_text(text)
    return folder


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        (MANIFEST + CRATES, True),
        (MANIFEST, False),
        ("", False),
        ("dependencies = 3", False),
        ("[dependencies", False),
    ],
)
def test_cargo_is_for_functions_with_crates(text: str, needed: bool, tmp_path: Path) -> None:
    assert cargo.has_crates(manifest(tmp_path, text)) is needed


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", "usual"),
        ('[package]\nname = "one"', "one"),
        ('[package]\nname = "one"\n[[bin]]\nname = "two"', "two"),
        ("package = 1\nbin = 2", "usual"),
    ],
)
def test_program_is_called_as_cargo_calls_it(text: str, name: str, tmp_path: Path) -> None:
    assert cargo.program(cargo.described(manifest(tmp_path, text)), "usual") == name


def test_without_cargo_a_function_with_crates_has_no_compiler(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiler = tmp_path / "rustc"
    compiler.write_text("")
    found = Toolchain((str(compiler),), "PATH", "1", ("--target", "wasm32-wasip1"))
    monkeypatch.setattr(rust, "compilers", lambda: iter([compiler]))
    monkeypatch.setattr(rust, "probe", lambda _: found)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert rust.find(tmp_path) == found
    assert rust.find(manifest(tmp_path, MANIFEST + CRATES)) is None
    (tmp_path / "cargo").touch(0o755)
    with_cargo = rust.find(tmp_path)
    assert with_cargo is not None
    assert with_cargo.stamp != found.stamp


@pytest.mark.slow
@pytest.mark.toolchain
def test_crate_of_the_registry_is_used(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main.rs").write_text(MAIN)
    (tmp_path / "gojinn.toml").write_text('name = "order"\n')
    project = read(manifest(tmp_path, MANIFEST + CRATES))
    lend(project.scratch, ("rust",))
    vendor(tmp_path)
    asyncio.run(build(project))
    done = subprocess.run(
        [GOJINN, "invoke", str(project.output), "-d", "12345"], capture_output=True, check=True
    )
    assert done.stdout == b"5"


def vendor(folder: Path) -> None:
    """Gets the crates by a cargo that knows the registry's protocol of today; Debian's old one does not."""
    program = shutil.which("cargo")
    assert program is not None
    subprocess.run([program, "vendor", "--quiet"], cwd=folder, check=True, capture_output=True)
    (folder / "Cargo.lock").unlink()  # it may be in a newer form than the other cargo reads
    (folder / ".cargo").mkdir()
    (folder / ".cargo" / "config.toml").write_text(VENDORED)
