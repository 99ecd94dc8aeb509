"""The key-value store and locks as requests see them, over several workers and through restarts."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections import Counter
from pathlib import Path

import pytest

from gojinn.testing.app import App, serve
from gojinn.testing.guests import c_guest

pytestmark = [pytest.mark.slow, pytest.mark.toolchain]

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "keys.md"
FUNCTIONS = Path(__file__).with_name("functions")
SITE = """
:0 {{
    gojinn /secret/* {module} {{
        permissions {{
            kv_read public/
            kv_write public/
        }}
    }}
    gojinn * {module} {{
        permissions {{
            kv_read *
            kv_write *
        }}
    }}
}}
"""

ONE = """
:0 {{
    gojinn * {module} {{
        permissions {{
            kv_read visits
            kv_write visits
        }}
    }}
}}
"""


@pytest.fixture(scope="module")
def site() -> str:
    """A Caddyfile with the function."""
    module = c_guest((FUNCTIONS / "gojinn.h").read_text() + (FUNCTIONS / "kv.c").read_text())
    return SITE.format(module=module)


async def ask(app: App, path: str) -> tuple[int, str]:
    """Asks on a connection of its own, so that any worker may answer."""
    status, body = await app.get(path, headers={"Connection": "close"})
    return status, body.decode()


async def answering(app: App) -> Counter[int]:
    """How many requests each worker has answered."""
    return Counter({worker["pid"]: worker["requests"] for worker in (await app.status())["workers"]})


async def test_the_next_request_reads_what_one_has_set_whoever_serves_it(site: str) -> None:
    async with serve(site, workers=2) as app:
        for number in range(150):
            await ask(app, f"/set/key/{number}")
            found = await asyncio.gather(*(ask(app, "/get/key") for _ in range(4)))
            assert found == [(200, str(number))] * 4
        assert min((await answering(app)).values()) > 50


async def test_a_lock_keeps_workers_apart(site: str) -> None:
    async with serve(site, workers=2) as app:
        for _ in range(6):
            await asyncio.gather(*(ask(app, "/count/visits") for _ in range(5)))
        assert await ask(app, "/get/visits") == (200, "30")


async def test_keys_survive_whatever_is_killed(site: str, tmp_path: Path) -> None:
    async with serve(site, folder=tmp_path, workers=2) as app:
        await ask(app, "/set/a/1")
        for pid in await app.worker_pids():
            os.kill(pid, signal.SIGKILL)
        await app.record("worker started")
        assert await ask(app, "/get/a") == (200, "1")
        await ask(app, "/set/b/2")
        os.kill(app.pid, signal.SIGKILL)
        await app.wait()
    async with serve(site, folder=tmp_path) as app:
        assert await ask(app, "/get/a") == (200, "1")
        assert await ask(app, "/get/b") == (200, "2")


async def test_a_reload_keeps_keys(site: str) -> None:
    async with serve(site) as app:
        await ask(app, "/set/a/1")
        await app.reload(site + "\n:0 {\n\trespond more\n}\n")
        assert await ask(app, "/get/a") == (200, "1")


async def test_the_example_of_the_guide_counts() -> None:
    code = re.findall(r"```c\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.S)
    async with serve(ONE.format(module=c_guest(code[0]))) as app:
        assert [await ask(app, "/") for _ in range(3)] == [(200, "1"), (200, "2"), (200, "3")]


async def test_a_missing_key_is_told(site: str) -> None:
    async with serve(site) as app:
        assert (await ask(app, "/get/nothing"))[0] == 404
