"""The build backend: which compiler it takes, what it asks for, what a failure leaves."""

import shutil
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def backend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The backend in a copy of the tree's part that it touches."""
    monkeypatch.chdir(tmp_path)
    engine = tmp_path / "src/gojinn/engine"
    shutil.copytree(ROOT / "src/gojinn/engine/native", engine / "native")
    (tmp_path / "packaging").mkdir()
    shutil.copy(ROOT / "packaging/backend.py", tmp_path / "packaging/backend.py")
    spec = spec_from_file_location("backend", tmp_path / "packaging/backend.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def no_compiler(monkeypatch: pytest.MonkeyPatch, backend: ModuleType) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setattr(backend, "find_spec", lambda name: None)


def tool(folder: Path, name: str, script: str) -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_variable_names_the_compiler_with_its_options(
    backend: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    command = tool(tmp_path, "my-cc", "exit 0")
    monkeypatch.setenv("CC", f"{command} -m64")
    assert backend.find_compiler() == [command, "-m64"]


def test_variable_naming_nothing_is_passed_over(
    backend: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tool(tmp_path, "clang", "exit 0")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CC", "no-such-compiler")
    assert backend.find_compiler() == ["clang"]


@pytest.mark.usefixtures("no_compiler")
def test_machine_without_a_compiler_asks_for_one(backend: ModuleType) -> None:
    assert backend.ZIG in backend.get_requires_for_build_wheel()
    assert backend.ZIG in backend.get_requires_for_build_editable()


def test_machine_with_a_compiler_asks_for_nothing(
    backend: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CC", tool(tmp_path, "my-cc", "exit 0"))
    assert backend.extra_requirements() == []


@pytest.mark.usefixtures("no_compiler")
def test_no_compiler_leaves_no_library(backend: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    backend.LIBRARY.write_bytes(b"of another day")
    assert not backend.build_or_warn()
    assert not backend.LIBRARY.exists()
    assert "pure Python" in capsys.readouterr().err


def test_failing_compiler_leaves_no_library(
    backend: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CC", tool(tmp_path, "my-cc", "exit 1"))
    backend.LIBRARY.write_bytes(b"of another day")
    assert not backend.build_library()
    assert list(backend.ENGINE.iterdir()) == [backend.SOURCES]


def test_wheel_with_the_library_is_for_this_platform(backend: ModuleType) -> None:
    options = backend.for_this_platform({"--build-option": "--quiet"})["--build-option"]
    assert options[0] == "--quiet"
    assert options[1].startswith("--plat-name=linux_")


@pytest.mark.slow
def test_system_compiler_builds_the_library_without_warnings(
    backend: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = backend.find_compiler()
    assert found is not None
    monkeypatch.setenv("CC", " ".join([*found, "-Werror"]))
    assert backend.build_library()
    assert backend.LIBRARY.read_bytes()[:4] == b"\x7fELF"


@pytest.mark.toolchain
def test_zig_builds_the_library(backend: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setenv("ZIG_GLOBAL_CACHE_DIR", str(tmp_path / "zig"))
    monkeypatch.delenv("CC", raising=False)
    assert backend.find_compiler() == [sys.executable, "-m", "ziglang", "cc"]
    assert backend.build_library()
