"""The program nats-server: found beside this Python, and refused when it is too old or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from gojinn.errors import StartError
from gojinn.fabric.program import check_version, environment, find_program, refuse_old


async def test_the_installed_one_is_new_enough() -> None:
    assert (await check_version(find_program())).startswith("2.")


@pytest.mark.parametrize("version", ["2.15.0", "2.9.99", "", "nonsense", "1.99.99"])
def test_old_versions_are_refused(version: str) -> None:
    with pytest.raises(StartError, match=r"is too old: given version '.*', expected 2\.15\.1 or newer"):
        refuse_old(version, "the server")


@pytest.mark.parametrize("version", ["2.15.1", "2.16.0-dev", "3.0.0"])
def test_newer_versions_are_taken(version: str) -> None:
    refuse_old(version, "the server")


@pytest.mark.parametrize(
    ("script", "said"),
    [("#!/bin/sh\necho nats-server: v2.3.4\n", "given version '2.3.4'"), ("nonsense", "does not run")],
    ids=["old", "none"],
)
async def test_another_program_is_told(tmp_path: Path, script: str, said: str) -> None:
    program = tmp_path / "nats-server"
    program.write_text(script)
    program.chmod(0o755)
    with pytest.raises(StartError, match=said):
        await check_version(str(program))


def test_the_server_gets_no_secret_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_PASSWORD", "hunter2")
    assert "hunter2" not in environment().values()
