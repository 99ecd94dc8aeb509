"""Secrets of the Caddyfile stay secret: searched for in everything that the program says."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from gojinn.errors import GojinnError
from gojinn.testing.app import App, serve
from gojinn.testing.guests import c_guest, guest

pytestmark = [pytest.mark.slow, pytest.mark.toolchain, pytest.mark.asyncio(loop_scope="module")]

VALUE, DEBUG, KEY = "s3cr3t-value", "s3cr3t-debug", "s3cr3t-key"
SECRETS = (VALUE, DEBUG, KEY)

TALKATIVE = """
#include <stdio.h>
#include <stdlib.h>
extern char **environ;
int main(void) {
    static char in[1 << 16];
    fread(in, 1, sizeof in - 1, stdin);
    fputs(in, stderr);
    for (char **each = environ; *each; each++) fprintf(stderr, "\\n%s", *each);
    abort();
}
"""

SITE = """
:0 {{
    log
    gojinn /talkative {talkative} {{
        env TOKEN {value}
        debug_secret {debug}
        api_key acme {key}
    }}
    gojinn /envelope {envelope} {{
        env TOKEN {{env.FROM_ENVIRONMENT}}
        api_key acme {key}
        debug_secret {debug}
    }}
    gojinn /open {envelope}
}}
"""


def caddyfile(more: str = "") -> str:
    site = SITE.format(
        talkative=c_guest(TALKATIVE), envelope=guest("envelope"), value=VALUE, debug=DEBUG, key=KEY
    )
    return site + more


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def app() -> AsyncIterator[App]:
    async with serve(caddyfile(), env={"FROM_ENVIRONMENT": VALUE}) as app:
        yield app


async def get(app: App, path: str, **headers: str) -> tuple[int, str, str]:
    """Returns status, all of the head and the body."""
    async with app.session.get(
        app.url + path, headers={k.replace("_", "-"): v for k, v in headers.items()}
    ) as r:
        return r.status, str(r.raw_headers), await r.text()


def shows_secret(text: str) -> bool:
    return any(secret in text for secret in SECRETS)


async def test_a_function_that_logs_its_environment_does_not_log_secrets(app: App) -> None:
    status, head, body = await get(app, "/talkative", X_API_Key=KEY, X_Gojinn_Debug=DEBUG)
    assert status == 502
    assert "TOKEN=***" in head
    assert not shows_secret(head + body)
    await app.record("guest log", text="TOKEN=***")


@pytest.mark.parametrize("path", ["/talkative", "/envelope"])
@pytest.mark.parametrize("key", ["", "wrong", KEY[:-1], KEY + "x"])
async def test_a_refused_key_does_not_tell_the_right_one(app: App, path: str, key: str) -> None:
    status, head, body = await get(app, path, Authorization=f"Bearer {key}")
    assert status == 401
    assert "Bearer" in head
    assert json.loads(body)["code"] == "unauthorized"
    assert not shows_secret(body)


async def test_the_envelope_has_neither_key_nor_debug_secret(app: App) -> None:
    status, _, body = await get(app, "/envelope", X_API_Key=KEY, X_Gojinn_Debug=DEBUG)
    assert status == 200
    assert json.loads(body)["tenant"] == "acme"
    assert not shows_secret(body)


async def test_a_route_without_keys_is_the_default_tenant_s(app: App) -> None:
    _, _, body = await get(app, "/open")
    assert json.loads(body)["tenant"] == "default"


@pytest.mark.parametrize("given", ["", DEBUG[:-1], DEBUG + "x", DEBUG.upper(), "*"])
async def test_a_wrong_debug_secret_shows_no_log(app: App, given: str) -> None:
    _, head, _ = await get(app, "/talkative", X_API_Key=KEY, X_Gojinn_Debug=given)
    assert "x-gojinn-logs" not in head.lower()


async def test_nothing_that_the_server_said_holds_a_secret(app: App) -> None:
    await get(app, "/talkative", Authorization=f"Bearer {KEY}", X_Gojinn_Debug=DEBUG)
    await get(app, "/envelope", X_API_Key=KEY)
    with pytest.raises(GojinnError) as caught:
        await app.reload(caddyfile(f":0 {{\ngojinn missing.wasm {{\nenv TOKEN {VALUE}\n}}\n}}"))
    with pytest.raises(GojinnError) as again:
        await app.reload(caddyfile(f":0 {{\ngojinn * {guest('envelope')} {{\napi_key a b {KEY}\n}}\n}}"))
    said = "\n".join([str(caught.value), str(again.value), json.dumps(await app.status()), app.log_text()])
    assert len(app.records) > 10
    assert not shows_secret(said)


async def command(name: str, config: Path) -> tuple[int, str]:
    """Runs a command on a Caddyfile; returns its exit code and all that it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gojinn", name, "--config", str(config)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, printed.decode()


@pytest.mark.parametrize("name", ["adapt", "validate"])
async def test_commands_do_not_print_secrets(tmp_path: Path, name: str) -> None:
    config = tmp_path / "Caddyfile"
    config.write_text(caddyfile())
    code, printed = await command(name, config)
    assert code == 0, printed
    assert not shows_secret(printed)


@pytest.mark.parametrize(
    "line",
    ["api_key a b {secret}", "debug_secret {secret} {secret}", "env A=B {secret}", "env A B {secret}"],
)
async def test_errors_in_the_caddyfile_do_not_print_secrets(tmp_path: Path, line: str) -> None:
    config = tmp_path / "Caddyfile"
    config.write_text(f":0 {{\ngojinn * hello.wasm {{\n{line.format(secret=VALUE)}\n}}\n}}\n")
    code, printed = await command("validate", config)
    assert code == 3
    assert "Caddyfile:3" in printed
    assert not shows_secret(printed)


async def test_the_environment_of_the_server_is_not_the_function_s(app: App) -> None:
    _, head, _ = await get(app, "/talkative", X_API_Key=KEY, X_Gojinn_Debug=DEBUG)
    assert "TOKEN=" in head
    assert "PATH=" not in head
    assert "FROM_ENVIRONMENT" not in head
