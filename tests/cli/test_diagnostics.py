"""What doctor makes of what it finds."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from gojinn.build.languages import language
from gojinn.cli import diagnostics
from gojinn.cli.diagnostics import Level, check_address, check_cache, check_compiler, check_core, checks


def test_this_machine_can_run_gojinn() -> None:
    for check in list(checks())[:4]:
        assert check().level is not Level.BAD, check()


def test_a_free_port_is_free_and_a_used_one_is_noted() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert check_address("127.0.0.1", port).level is Level.NOTE
    assert check_address("127.0.0.1", port).level is Level.OK
    assert check_address("", port).level is Level.OK


def test_a_missing_compiler_is_noted_with_what_to_get(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = check_compiler(language("rust"))
    assert found.level is Level.NOTE
    assert "wasm32-wasip1" in found.hint


def test_a_compiler_that_does_not_run_is_bad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "go"
    broken.write_text("")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert check_compiler(language("go")).level is Level.BAD


def test_a_cache_that_others_may_write_is_bad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert check_cache().level is Level.OK
    (tmp_path / "gojinn" / "modules").chmod(0o777)
    found = check_cache()
    assert found.level is Level.BAD
    assert "chmod" in found.hint


def test_the_pure_engine_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnostics, "LIBRARY", tmp_path / "none.so")
    assert check_core().level is Level.NOTE
