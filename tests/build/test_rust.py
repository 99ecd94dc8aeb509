"""Finding a rustc that can build for WASI among several that cannot."""

from pathlib import Path

import pytest

from gojinn.build import rust
from gojinn.build.language import Toolchain
from gojinn.build.project import read_project


def rustc(folder: Path, *, target: str | None, self_contained: bool = True) -> Path:
    """Makes a fake installation: a compiler that tells its sysroot, with or without a target."""
    library = folder / "root" / "lib" / "rustlib" / (target or "x86_64") / "lib"
    library.mkdir(parents=True)
    (library / "libstd-1.rlib").touch()
    if self_contained:
        (library / "self-contained").mkdir()
        (library / "self-contained" / "crt1-command.o").touch()
    compiler = folder / "rustc"
    compiler.write_text(f"#!/bin/sh\necho {folder}/root\n")
    compiler.chmod(0o755)
    return folder


def test_takes_the_first_rustc_that_has_the_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("bare", "good", "late"):
        (tmp_path / name).mkdir()
    bare = rustc(tmp_path / "bare", target=None)
    good = rustc(tmp_path / "good", target="wasm32-wasip1")
    late = rustc(tmp_path / "late", target="wasm32-wasi")
    monkeypatch.setenv("PATH", f"{bare}:{good}:{late}:/bin")
    found = rust.find(tmp_path)
    assert found is not None
    assert found.argv == (str(good / "rustc"),)
    assert found.flags == ("--target", "wasm32-wasip1")


def test_a_distributions_rustc_needs_linker_and_libc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = rustc(tmp_path, target="wasm32-wasi", self_contained=False)
    libc = tmp_path / "libc"
    libc.mkdir()
    monkeypatch.setattr(rust, "LIBC_FOLDERS", (str(libc),))
    monkeypatch.setenv("PATH", str(folder))
    assert rust.find(tmp_path) is None
    (libc / "crt1-command.o").touch()
    linker = folder / "wasm-ld-14"
    linker.write_text("")
    linker.chmod(0o755)
    found = rust.find(tmp_path)
    assert found is not None
    assert "linker=wasm-ld-14" in found.flags
    assert f"link-arg={libc}/crt1-command.o" in found.flags


def test_a_rustc_that_fails_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "rustc"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert rust.find(tmp_path) is None


def test_what_rustc_keeps_between_runs_is_no_source(tmp_path: Path) -> None:
    (tmp_path / "gojinn.toml").write_text(
        'name = "hi"\nlanguage = "rust"\nsource = "main.rs"\noutput = "hi.wasm"\n'
    )
    project = read_project(tmp_path, {"rust": rust.LANGUAGE.marks})
    argv = rust.commands(Toolchain(("rustc",), "PATH"), project, tmp_path / "out.wasm")[-1].argv
    assert f"incremental={project.scratch}/rust" in argv
    assert project.scratch.name.startswith(".")
