"""Functions that ask other servers, served by `gojinn up`."""

from __future__ import annotations

import pytest
from aiohttp import web
from tests.capabilities.http.conftest import serving

from gojinn.testing.app import serve
from gojinn.testing.guests import guest

pytestmark = [pytest.mark.slow, pytest.mark.toolchain]


async def hello(request: web.BaseRequest) -> web.Response:
    return web.Response(text="hello")


async def test_a_server_asks_for_its_functions_and_counts_that() -> None:
    module = guest("asking")
    async with serving(hello) as url:
        lines = f"gojinn /may {module} {{\n\targs {url}/\n\tallow_host 127.0.0.1\n}}\n"
        lines += f"gojinn /may-not {module} {{\n\targs {url}/\n}}\n"
        async with serve(f":0 {{\n{lines}}}\n") as app:
            assert await app.get("/may") == (200, b"hello")
            assert await app.get("/may-not") == (200, b"")
            outgoing = (await app.status())["outgoing"]
            denied = await app.record("denied", capability="http")
            async with app.session.get(app.admin + "/_sys/metrics") as answer:
                metrics = await answer.text()
    assert outgoing == {
        "requests": 1,
        "failures": 0,
        "denied": 1,
        "sent_bytes": 0,
        "received_bytes": 5,
        "under_way": 0,
    }
    assert denied["add"] == "allow_host " + url.removeprefix("http://")
    assert "gojinn_outgoing_requests_total 1" in metrics
    assert 'gojinn_outgoing_bytes_total{way="received"} 5' in metrics
