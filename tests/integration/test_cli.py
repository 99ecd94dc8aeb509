"""Commands that talk to a running server, and `up` itself, in processes of their own."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gojinn.testing.app import App, serve

pytestmark = pytest.mark.slow
SITE = ":0\nrespond hello"


class Finished(NamedTuple):
    """What came of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


async def gojinn(*args: object, folder: Path | None = None) -> Finished:
    """Runs a command."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gojinn", *map(str, args)),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return Finished(process.returncode or 0, out.decode(), err.decode())


def address(app: App) -> str:
    return app.admin.removeprefix("http://")


async def test_status_tells_of_workers_and_sites_as_json_in_a_pipe() -> None:
    async with serve(SITE, workers=2) as app:
        await app.get("/")
        done = await gojinn("status", "--address", address(app))
    assert done.code == 0
    assert len(done.json["workers"]) == 2
    assert done.json["generation"] == 1
    assert done.json["sites"][0]["urls"] == app.urls


async def test_reload_serves_what_the_file_says_now() -> None:
    async with serve(SITE) as app:
        app.caddyfile.write_text(app.caddyfile.read_text().replace("hello", "goodbye"))
        done = await gojinn("reload", "--address", address(app))
        assert (done.code, done.err) == (0, "")
        assert (await app.get("/"))[1] == b"goodbye"


async def test_reload_of_a_wrong_file_says_why_and_changes_nothing() -> None:
    async with serve(SITE) as app:
        app.caddyfile.write_text(app.caddyfile.read_text().replace("respond", "repsond"))
        done = await gojinn("reload", "--address", address(app))
        assert done.code == 3
        assert "unknown directive 'repsond'" in done.err
        assert "did you mean 'respond'?" in done.err
        assert (await app.get("/"))[1] == b"hello"


@pytest.mark.parametrize("command", ["status", "reload"])
async def test_without_a_server_there_is_a_hint(tmp_path: Path, command: str) -> None:
    (tmp_path / "Caddyfile").write_text("{\n\tadmin 127.0.0.1:1\n}\n")
    done = await gojinn(command, folder=tmp_path)
    assert done.code == 1
    assert "no server answers at 127.0.0.1:1" in done.err
    assert "gojinn up" in done.err


@pytest.mark.parametrize(
    ("text", "code"), [(None, 3), ("nonsense {\n", 3), (":0 {\n\tgojinn nowhere.wasm\n}\n", 3)]
)
async def test_up_does_not_start_with_a_wrong_caddyfile(tmp_path: Path, text: str | None, code: int) -> None:
    if text is not None:
        (tmp_path / "Caddyfile").write_text(text)
    done = await gojinn("up", folder=tmp_path)
    assert done.code == code
    assert done.err.startswith("error: ")


async def test_up_cannot_start_on_a_port_in_use(tmp_path: Path) -> None:
    async with serve(SITE) as app:
        port = app.url.rpartition(":")[2]
        (tmp_path / "Caddyfile").write_text(f"{{\n\tadmin off\n}}\n:{port}\nrespond hi\n")
        done = await gojinn("up", folder=tmp_path)
    assert done.code == 4
    assert port in done.err


async def test_bench_reports_figures() -> None:
    async with serve(SITE) as app:
        done = await gojinn("bench", app.url, "-n", 2, "-t", "100ms")
    assert done.json["requests"] > 0
    assert set(done.json["statuses"]) == {"200"}


async def test_doctor_looks_at_the_ports_of_the_caddyfile(tmp_path: Path) -> None:
    async with serve(SITE) as app:
        port = app.url.rpartition(":")[2]
        (tmp_path / "Caddyfile").write_text(f":{port}\nrespond hi\n")
        done = await gojinn("doctor", "--config", tmp_path)
    found = {finding["name"]: finding for finding in done.json}
    assert found[f"port {port}"]["level"] == "note"
    assert found["python"]["level"] == "ok"
