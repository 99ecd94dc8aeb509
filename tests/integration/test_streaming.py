"""Answers on the wire while their handler is still at work."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest

from gojinn.testing.app import App, serve
from gojinn.testing.components import streaming

pytestmark = pytest.mark.slow

FIRST = "(call $answer) (call $write (i32.const 1024) (i32.const 5))"
MOMENT, FOREVER = "(call $sleep (i64.const 1000000))", "(call $sleep (i64.const 3600000000000))"
FLOOD = f"(call $answer) {MOMENT} (loop (call $write (i32.const 0) (i32.const 60000)) (br 0))"
PROGRAMS = {"forever": FIRST + FOREVER, "cut": FIRST + MOMENT + "(unreachable)", "flood": FLOOD}


async def guests(app: App) -> int:
    """How many are running."""
    [worker] = (await app.status())["workers"]
    live: int = worker["sandboxes"]["live"]
    return live


async def test_clients_see_what_is_there_and_take_their_handlers_with_them(tmp_path: Path) -> None:
    for name, body in PROGRAMS.items():
        (tmp_path / f"{name}.wasm").write_bytes(streaming(body, b"first"))
    routes = "\n".join(f"\thandle /{name} {{\n\t\tgojinn {name}.wasm\n\t}}" for name in PROGRAMS)
    async with serve(f":0 {{\n{routes}\n}}\n", folder=tmp_path) as app:
        async with app.session.get(app.url + "/forever") as answer:
            assert answer.status == 200
            assert answer.headers["Transfer-Encoding"] == "chunked"
            assert await answer.content.readany() == b"first"
            assert await guests(app) == 1
        async with app.session.get(app.url + "/cut") as answer:
            assert answer.status == 200
            with pytest.raises(aiohttp.ClientPayloadError):
                await answer.read()
        async with app.session.get(app.url + "/flood") as answer:
            assert len(await answer.content.readexactly(9 << 20)) == 9 << 20, "more than 'max_output'"
        async with asyncio.timeout(30):
            while await guests(app):  # noqa: ASYNC110 (the clients are gone, their handlers go without a word)
                await asyncio.sleep(0.01)
