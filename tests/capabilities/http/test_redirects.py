"""Tests of redirects, as Fetch follows them."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web
from tests.capabilities.http.conftest import Asking, serving

pytestmark = pytest.mark.slow

SECRETS = {"Authorization": "Bearer x", "Cookie": "a=1", "X-Other": "y", "Content-Type": "text/plain"}


async def hops(request: web.BaseRequest) -> web.Response:
    """`/<status>?<location>` redirects, `/…` ends by telling method, body and headers."""
    word = request.path.strip("/")
    if word.isdigit():
        return web.Response(status=int(word), headers={"Location": request.query_string})
    told = {"method": request.method, "body": await request.text(), "headers": dict(request.headers)}
    return web.json_response(told)


def ended(answer: Any) -> Any:
    import json

    return json.loads(answer["body"])


@pytest.mark.parametrize(
    ("status", "method", "then", "kept"),
    [
        *((301, "POST", "GET", False), (302, "POST", "GET", False), (303, "POST", "GET", False)),
        *((303, "PUT", "GET", False), (301, "PUT", "PUT", True), (302, "DELETE", "DELETE", True)),
        *((307, "POST", "POST", True), (308, "PUT", "PUT", True), (302, "GET", "GET", True)),
    ],
)
async def test_methods_and_bodies(asking: Asking, status: int, method: str, then: str, kept: bool) -> None:
    async with serving(hops) as url:
        answer = await asking.fetch(f"{url}/{status}?/end", method=method, headers=SECRETS, body="sent")
        told = ended(answer)
        assert (answer["url"], answer["redirected"]) == (f"{url}/end", True)
    assert (told["method"], told["body"]) == (then, "sent" if kept else "")
    assert ("Content-Type" in told["headers"]) is kept
    assert told["headers"]["Authorization"] == "Bearer x"


async def test_another_origin_is_not_told_secrets(asking: Asking) -> None:
    async with serving(hops) as url, serving(hops) as other:
        told = ended(await asking.fetch(f"{url}/307?{other}/end", headers=SECRETS))["headers"]
    assert not {"Authorization", "Cookie"} & set(told)
    assert told["X-Other"] == "y"


async def test_redirects_have_an_end(asking: Asking) -> None:
    asked = []

    async def around(request: web.BaseRequest) -> web.Response:
        asked.append(request.path)
        return web.Response(status=302, headers={"Location": request.path + "x"})

    async with serving(around) as url:
        answer = await asking.fetch(url)
    assert answer["error"] == {"code": "unavailable", "message": f"{url} redirects once more after 10 times"}
    assert len(asked) == 11


async def test_a_redirect_may_be_wanted_itself(asking: Asking) -> None:
    async with serving(hops) as url:
        answer = await asking.fetch(f"{url}/302?/end", redirect="manual")
        refused = await asking.fetch(f"{url}/302?/end", redirect="error")
    assert (answer["status"], answer["headers"]["Location"], answer["redirected"]) == (302, ["/end"], False)
    assert refused["error"]["code"] == "unavailable"


async def test_a_redirect_without_an_address_is_an_answer(asking: Asking) -> None:
    async def nowhere(request: web.BaseRequest) -> web.Response:
        return web.Response(status=302, text="where?")

    async with serving(nowhere) as url:
        assert (await asking.fetch(url))["body"] == "where?"


@pytest.mark.parametrize("location", ["file:///etc/passwd", "data:,x", "http://a@b/", "http://[", "ftp://x/"])
async def test_a_redirect_that_is_no_address_cannot_be_followed(asking: Asking, location: str) -> None:
    async with serving(hops) as url:
        error = (await asking.fetch(f"{url}/302?{location}"))["error"]
    assert error["code"] == "unavailable"
    assert f"redirects to '{location}'" in error["message"]


@pytest.mark.parametrize(
    ("location", "line"),
    [
        ("http://169.254.169.254/latest/meta-data", "allow_host 169.254.169.254"),
        ("http://0xa9fea9fe/", "allow_host 169.254.169.254"),
        ("http://[::ffff:10.0.0.1]:81/", "allow_host 10.0.0.1:81"),
        ("//elsewhere.example/", "allow_host elsewhere.example"),
        ("https://localhost/", "allow_host localhost"),
    ],
)
async def test_each_hop_is_checked(asking: Asking, location: str, line: str) -> None:
    async with serving(hops) as url:
        error = (await asking.fetch(f"{url}/302?{location}"))["error"]
    assert error["code"] == "denied"
    assert error["message"].endswith(f"add the line '{line}' to its block")
