"""Mounts in a whole server: tenants' own, quotas, restarts, and what file servers make of them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from gojinn.testing.app import serve
from gojinn.testing.components import adapted
from gojinn.testing.guests import guest

pytestmark = [pytest.mark.slow, pytest.mark.toolchain]

KEYS = "api_key one key-one\n\tapi_key two key-two"


@pytest.fixture(params=["module", "component"])
def files(request: pytest.FixtureRequest, missing: Callable[[str], NoReturn]) -> Path:
    """The function in both forms: whoever asks for this runs twice."""
    if request.param == "module":
        return guest("files")
    return adapted(guest("files")) if shutil.which("npm") else missing("npm is needed to make components")


def function(files: Path, operations: str, mount: str, path: str = "/f", more: str = "") -> str:
    return f"gojinn {path} {files} {{\n\targs {operations}\n\tmount {mount}\n\t{more}\n}}"


async def test_tenants_files_stay_apart_and_survive_a_restart(files: Path, tmp_path: Path) -> None:
    write = function(files, "create:/data/a:text", "tenant:uploads /data", "/write", KEYS)
    read = function(files, "read:/data/a", "tenant:uploads /data ro", "/read", KEYS)
    caddyfile = f"http://127.0.0.1:0 {{\n{write}\n{read}\n}}\n"
    async with serve(caddyfile, folder=tmp_path) as app:
        await app.session.get(app.urls[0] + "/write", headers={"X-API-Key": "key-one"})
    async with serve(caddyfile, folder=tmp_path) as app:
        for key in ("key-one", "key-two"):
            await app.session.get(app.urls[0] + "/read", headers={"X-API-Key": key})
    mounts = tmp_path / ".gojinn" / "data" / "mounts"
    assert (mounts / "one" / "uploads" / "a").read_text() == "text"
    assert os.listdir(mounts / "two" / "uploads") == []
    assert (mounts / "one").stat().st_mode & 0o777 == 0o700


async def test_a_function_past_its_quota_is_told_so(files: Path, tmp_path: Path) -> None:
    filling = function(
        files, "create:/data/a:x create:/data/b:x create:/data/c:x", "tenant:small /data quota 8KiB"
    )
    caddyfile = f"http://127.0.0.1:0 {{\n{filling}\n}}\n"
    async with serve(caddyfile, folder=tmp_path) as app, app.session.get(app.urls[0] + "/f") as answer:
        problem = await answer.json(content_type=None)
    assert (answer.status, problem["reason"]) == (502, "quota")
    assert "'/data' (8192 bytes)" in problem["detail"]
    assert "quota" in problem["hint"]


async def test_links_of_functions_lead_no_file_server_out_of_their_mount(files: Path, tmp_path: Path) -> None:
    (tmp_path / "up").mkdir()
    (tmp_path / "secret").write_text("SECRET")
    (tmp_path / "operator").symlink_to("secret")
    linking = function(files, "symlink:../secret:/data/out symlink:a:/data/in create:/data/a:AAA", "up /data")
    async with serve(f"http://127.0.0.1:0 {{\n{linking}\nfile_server\n}}\n", folder=tmp_path) as app:
        await app.session.get(app.urls[0] + "/f")
        assert (tmp_path / "up" / "out").read_text() == "SECRET"
        expected = {"/up/out": 404, "/up/in": 200, "/up/a": 200, "/operator": 200, "/secret": 200}
        for path, status in expected.items():
            async with app.session.get(app.urls[0] + path) as answer:
                assert answer.status == status, path


async def test_the_data_directory_is_not_served(tmp_path: Path) -> None:
    plain = function(guest("files"), "read:/data/a", "tenant:uploads /data")
    async with serve(f"http://127.0.0.1:0 {{\n{plain}\nfile_server browse\n}}\n", folder=tmp_path) as app:
        assert (tmp_path / ".gojinn" / "data" / "node").exists()
        for path in ("/.gojinn/", "/.gojinn/data/node", "/.gojinn/data/lock"):
            async with app.session.get(app.urls[0] + path) as answer:
                assert answer.status == 404, path
        async with app.session.get(app.urls[0] + "/") as answer:
            assert ".gojinn" not in await answer.text()
