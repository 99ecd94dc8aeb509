"""Functions as Gojinn 1.x users wrote them, in C, Go and Rust with raw imports, run unchanged over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest

from gojinn.errors import StartError
from gojinn.testing.app import App, Record, serve
from gojinn.testing.elsewhere import elsewhere
from gojinn.testing.guests import c_guest, go_guest, rust_guest

pytestmark = [pytest.mark.slow, pytest.mark.toolchain]

FUNCTIONS = Path(__file__).with_name("functions")
PERMISSIONS = """
        db_dsn tenant:
        permissions {
            kv_read *
            kv_write *
            s3_read *
            s3_write *
        }"""


def in_c(width: str) -> Path:
    source = (FUNCTIONS / "gojinn.h").read_text() + (FUNCTIONS / "every_import.c").read_text()
    return c_guest(source, flags=[f"-DRESULT={width}_t"])


def in_go(width: str) -> Path:
    return go_guest((FUNCTIONS / "every_import.go").read_text().replace("RESULT", f"u{width}"))


def in_rust(width: str) -> Path:
    width = width.replace("int", "i")
    return rust_guest((FUNCTIONS / "every_import.rs").read_text().replace("RESULT", width))


def site(module: Path, options: str = PERMISSIONS) -> str:
    return f":0 {{\n    gojinn * {module} {{{options}\n    }}\n}}\n"


async def post(app: App) -> list[str]:
    """Calls the function; returns the lines of its answer."""
    async with app.session.post(f"{app.url}/path?query", data="body") as response:
        text = await response.text()
        assert response.status == 200, text
        return text.splitlines()


async def returned_by(app: App) -> dict[str, str]:
    """Calls the function; returns what each import returned."""
    return dict(line.partition("=")[::2] for line in await post(app))


ROWS = "[{'1':1}]"


@pytest.mark.parametrize("width", ["int32", "int64"])
async def test_every_import_links_and_answers_in_c(width: str) -> None:
    async with serve(site(in_c(width))) as app:
        returned = await returned_by(app)
        await app.record("guest log", text="logged by the host")
        await app.record("guest log", text="written by an operation")
    assert {name: value.strip() for name, value in returned.items()} == {
        "host_db_query": f"{len(ROWS)} {ROWS}",
        "host_kv_get": "5",
        "host_mutex_lock": "1",
        "host_mutex_unlock": "1",
        "host_s3_put": "0",
        "host_s3_get": "5",
        "host_enqueue": "1",
        "host_ask_ai": "0",
        "host_ws_upgrade": "0",
        "host_ws_read": "0",
        "host_http_get": "0",
        "host_call": "2",
        "host_take": "2 {}",
    }


@pytest.mark.parametrize("width", ["int32", "int64"])
async def test_a_function_in_go_runs_unchanged(width: str) -> None:
    async with serve(site(in_go(width))) as app:
        lines = await post(app)
        await app.record("guest log", text="logged by the host")
    assert lines == [
        "POST /path?query body",
        r'host_db_query=40 [{"error":"near \"key\": syntax error"}]',
        "host_kv_get=5",
        "host_s3_put=0",
        "host_ask_ai=0",
    ]


@pytest.mark.parametrize("width", ["int32", "int64"])
async def test_a_function_in_rust_runs_unchanged(width: str) -> None:
    async with serve(site(in_rust(width))) as app:
        returned = await returned_by(app)
        await app.record("guest log", text="logged by the host")
        await app.record("guest log", text="answering")
    expected = {"host_kv_get": "3", "host_mutex_lock": "1", "host_s3_get": "0", "host_http_get": "0"}
    assert returned == expected


@pytest.mark.parametrize("language", ["go", "rust"])
async def test_a_function_asks_the_servers_that_its_block_allows(language: str) -> None:
    make, suffix = {"go": (go_guest, "go"), "rust": (rust_guest, "rs")}[language]
    module = make((FUNCTIONS / f"http_get.{suffix}").read_text())
    async with elsewhere() as server:
        address = f"env ADDRESS http://{server}/fields"
        allowed = f"gojinn * {module} {{\n{address}\nallow_host {server}\n}}"
        denied = f"gojinn * {module} {{\n{address}\n}}"
        async with serve(f":0 {{\nhandle /denied {{\n{denied}\n}}\nhandle {{\n{allowed}\n}}\n}}\n") as app:
            assert await app.get("/") == (200, "grün".encode())
            assert await app.get("/denied") == (200, b"")
            noted = await app.wait_for(lambda: find(app, "guest log"))
    assert f"allow_host {server}" in noted["text"]


def find(app: App, message: str) -> Record | None:
    return next((record for record in app.records if record["msg"] == message), None)


async def test_an_import_that_is_not_granted_stops_the_start() -> None:
    options = PERMISSIONS.replace("kv_write", "kv_read")
    with pytest.raises(StartError) as caught:
        async with serve(site(in_c("int32"), options)):
            pass
    said = str(caught.value)
    assert "imports 'gojinn.host_kv_set', which this function is not granted" in said
    assert "kv_write <prefix or *>" in said
    assert "Caddyfile:" in said


async def test_capabilities_that_are_not_served_are_named_in_the_log() -> None:
    async with serve(site(in_c("int32"))) as app:
        await post(app)
        await app.record("capability not served, its calls fail", capability="ai")
