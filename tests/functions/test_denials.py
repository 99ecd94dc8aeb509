"""File operations that mounts do not allow: what is counted, what is logged, what to add."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gojinn.engine.limits import Mount
from gojinn.engine.outcome import Record
from gojinn.functions.config import FunctionConfig
from gojinn.functions.invocation import Invocation
from gojinn.observe import log
from gojinn.testing.guests import guest
from gojinn.testing.platform import Platform
from gojinn.testing.script import said

pytestmark = [pytest.mark.toolchain, pytest.mark.slow]

TOLD = (
    "file operation denied: 'path_create_directory' and 'path_open' went beyond its mounts "
    "('/data' read-only): add 'mount <host folder> <guest folder>' to its block, or remove 'ro' from '/data'"
)


def files(folder: Path, *operations: str) -> FunctionConfig:
    mounts = (Mount(str(folder), "/data", read_only=True),)
    return FunctionConfig(str(guest("files")), args=operations, mounts=mounts)


async def test_denied_files_are_told_counted_and_logged(platform: Platform, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    config = files(tmp_path / "data", "create:/data/a:x", "mkdir:/data/b", "read:/data/../c")
    function = await platform.function(config)
    log.configure("json", "DEBUG", str(tmp_path / "log"))
    try:
        result = await platform.runner.run(Invocation(function, b"", tenant="acme"))
    finally:
        log.configure()
    assert said(result.log) == [Record(2, TOLD)]
    assert function.usage.denials == {"mount use": 3}
    events = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    (denied,) = [event for event in events if event["msg"] == "denied"]
    assert (denied["capability"], denied["action"], denied["tenant"]) == ("mount", "use", "acme")
    assert denied["name"] == "path_create_directory path_open"
    assert denied["add"] == "mount <host folder> <guest folder>"


async def test_what_is_only_not_there_is_no_denial(platform: Platform, tmp_path: Path) -> None:
    function = await platform.function(files(tmp_path, "read:/data/none", "read:/elsewhere/a"))
    result = await platform.runner.run(Invocation(function, b""))
    assert said(result.log) == []
    assert not function.usage.denials
