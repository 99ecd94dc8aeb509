"""Tests of where names may lead, with names that somebody else answers for."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncIterator
from ipaddress import ip_address
from typing import Any

import pytest
from aiohttp import web
from tests.capabilities.http.conftest import serving

from gojinn.capabilities.capability import OperationError
from gojinn.capabilities.http.addresses import Address
from gojinn.capabilities.http.client import system_lookup
from gojinn.capabilities.http.config import HttpConfig
from gojinn.capabilities.http.host import HttpHost
from gojinn.capabilities.http.service import Requests, requests_opened
from gojinn.engine.cache import CompileCache
from gojinn.functions.config import FunctionConfig
from gojinn.functions.invocation import Invocation
from gojinn.functions.permissions import Permissions
from gojinn.testing.guests import guest
from gojinn.testing.platform import Platform, opened_platform

pytestmark = pytest.mark.slow


TRACE = "00-11111111111111111111111111111111-2222222222222222-01"


class Names:
    """Answers for names as they are set up; a name with several answers gives the next each time."""

    def __init__(self) -> None:
        self.answers: dict[str, list[list[str]]] = {}
        self.asked: list[str] = []

    async def lookup(self, name: str, port: int) -> list[Address]:
        self.asked.append(name)
        answers = self.answers.get(name)
        if answers is None:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [ip_address(each) for each in found]


@pytest.fixture
def names() -> Names:
    return Names()


@pytest.fixture
async def requests(names: Names) -> AsyncIterator[Requests]:
    async with requests_opened(names.lookup) as requests:
        yield requests


@pytest.fixture
async def platform(cache: CompileCache) -> AsyncIterator[Platform]:
    async with opened_platform(cache) as platform:
        yield platform


async def ask(requests: Requests, platform: Platform, url: str, *hosts: str) -> Any:
    """What `http.fetch` answers a function that may ask these hosts, or its error's code and message."""
    every, allowed = Permissions.everything(), HttpConfig(allow_host=hosts)
    function = await platform.function(FunctionConfig(str(guest("script")), permissions=every, http=allowed))
    invocation = Invocation(
        function, b"", deadline=float("inf"), trace="00-" + "1" * 32 + "-" + "2" * 16 + "-01"
    )
    try:
        return await HttpHost(requests).fetch(invocation, {"url": url})
    except OperationError as error:
        return error.code, error.message


async def hello(request: web.BaseRequest) -> web.Response:
    return web.json_response({"host": request.host, "trace": request.headers.get("Traceparent")})


async def test_a_name_must_not_lead_inside(requests: Requests, platform: Platform, names: Names) -> None:
    for address, line in (
        ("10.0.0.5", "allow_host 10.0.0.5"),
        ("127.0.0.1", "allow_host 127.0.0.1"),
        ("::1", "allow_host [::1]"),
        ("::ffff:10.0.0.5", "allow_host 10.0.0.5"),
        ("64:ff9b::a00:5", "allow_host [64:ff9b::a00:5]"),
        ("169.254.169.254", "allow_host 169.254.169.254"),
    ):
        names.answers["evil.example"] = [[address]]
        code, message = await ask(requests, platform, "http://evil.example/", "*")
        assert code == "denied"
        assert message.endswith(f", which is not public: add the line '{line}' to its block")


async def test_a_name_with_a_line_for_where_it_leads_is_asked(
    requests: Requests, platform: Platform, names: Names
) -> None:
    names.answers["billing.internal"] = [["127.0.0.1"]]
    async with serving(hello) as url:
        port = url.rpartition(":")[2]
        asked = f"http://Billing.Internal.:{port}/"
        answer = await ask(requests, platform, asked, "billing.internal", "127.0.0.0/8")
        told = json.loads(answer["body"])
        assert told["host"] == f"billing.internal:{port}"
        assert told["trace"] == TRACE
        assert (await ask(requests, platform, asked, "billing.internal", "127.0.0.0/8:1"))[0] == "denied"
        assert (await ask(requests, platform, asked, "127.0.0.0/8"))[0] == "denied"


async def test_what_is_checked_is_what_is_connected_to(
    requests: Requests, platform: Platform, names: Names
) -> None:
    """A name that leads outside when it is checked, and inside when it is asked for again."""
    async with serving(hello) as url:
        port = url.rpartition(":")[2]
        names.answers["rebinding.example"] = [["127.0.0.1"], ["127.0.0.2"]]
        answer = await ask(requests, platform, f"http://rebinding.example:{port}/", "*", "127.0.0.1")
        assert answer["status"] == 200
    assert names.asked == ["rebinding.example"]


async def test_addresses_inside_are_left_out_where_there_are_others(
    requests: Requests, platform: Platform, names: Names
) -> None:
    names.answers["mixed.example"] = [["10.0.0.5", "127.0.0.1", "::1"]]
    async with serving(hello) as url:
        asked = f"http://mixed.example:{url.rpartition(':')[2]}/"
        assert (await ask(requests, platform, asked, "*", "127.0.0.1"))["status"] == 200


async def test_a_connection_does_not_serve_who_could_not_make_it(
    requests: Requests, platform: Platform, names: Names
) -> None:
    names.answers["service.example"] = [["127.0.0.1"]]
    async with serving(hello) as url:
        asked = f"http://service.example:{url.rpartition(':')[2]}/"
        assert (await ask(requests, platform, asked, "*", "localhost"))["status"] == 200
        assert (await ask(requests, platform, asked, "*"))[0] == "denied"
        assert (await ask(requests, platform, asked, "service.example"))[0] == "denied"


async def test_an_unknown_name_is_unavailable(requests: Requests, platform: Platform) -> None:
    code, message = await ask(requests, platform, "http://nobody.example/", "*")
    assert (code, message) == ("unavailable", "there is no host 'nobody.example'")


async def test_the_system_is_asked_for_names() -> None:
    assert set(await system_lookup("localhost", 80)) & {ip_address("127.0.0.1"), ip_address("::1")}
    with pytest.raises(socket.gaierror):
        await system_lookup("nobody.invalid", 80)


async def test_the_report_tells_what_was_done(requests: Requests, platform: Platform, names: Names) -> None:
    names.answers["service.example"] = [["127.0.0.1"]]
    async with serving(hello) as url:
        asked = f"http://service.example:{url.rpartition(':')[2]}/"
        await ask(requests, platform, asked, "*", "localhost")
        await ask(requests, platform, "http://other.example/", "service.example")
        await ask(requests, platform, "http://other.example/", "*")
    report = dict(requests.report())
    assert report.pop("received_bytes") > 0
    assert report == {"requests": 2, "failures": 1, "denied": 1, "sent_bytes": 0, "under_way": 0}
