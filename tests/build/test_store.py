"""Modules that are kept: whatever is the matter with the folder, a build goes on."""

import os
from pathlib import Path

import pytest

from gojinn.build.store import entry, folder, keep, restore

MODULE = b"\0asm\1\0\0\0"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module, and an empty store."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / "module.wasm"
    path.write_bytes(MODULE)
    return path


def test_a_kept_module_is_put_in_place(module: Path, tmp_path: Path) -> None:
    keep("mark", module)
    assert restore("mark", tmp_path / "out" / "x.wasm")
    assert (tmp_path / "out" / "x.wasm").read_bytes() == MODULE


@pytest.mark.parametrize("content", [b"", b"\0as", b"something else"], ids=["empty", "cut", "other"])
def test_a_damaged_entry_is_not_taken(module: Path, tmp_path: Path, content: bytes) -> None:
    keep("mark", module)
    entry("mark").write_bytes(content)
    assert not restore("mark", tmp_path / "x.wasm")
    assert not (tmp_path / "x.wasm").exists()


def test_a_store_that_is_no_folder_is_done_without(module: Path, tmp_path: Path) -> None:
    folder().parent.mkdir(parents=True)
    folder().touch()
    keep("mark", module)
    assert not restore("mark", tmp_path / "x.wasm")


def test_a_user_without_a_home_has_no_store(
    module: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 1_234_567)
    keep("mark", module)
    assert not restore("mark", tmp_path / "x.wasm")


def test_what_a_killed_build_was_writing_is_removed_when_it_is_old(module: Path) -> None:
    keep("mark", module)
    old, young = folder() / ".partial-old", folder() / ".partial-young"
    old.touch()
    young.touch()
    os.utime(old, (0, 0))
    keep("other", module)
    assert not old.exists()
    assert young.exists()
