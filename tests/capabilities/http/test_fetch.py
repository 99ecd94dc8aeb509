"""Tests of `http.fetch` and `host_http_get` with servers that mean well."""

from __future__ import annotations

import gzip
import json
import socket
from base64 import b64decode, b64encode
from typing import Any

import pytest
from aiohttp import web
from tests.capabilities.http.conftest import Asking, serving

from gojinn import __version__
from gojinn.testing.script import Script

pytestmark = pytest.mark.slow


async def echo(request: web.BaseRequest) -> web.Response:
    """Tells what it was asked."""
    body = await request.read()
    told = {
        "method": request.method,
        "target": request.raw_path,
        "headers": [[name, value] for name, value in request.headers.items()],
        "body": b64encode(body).decode(),
    }
    return web.json_response(told)


def heard(answer: Any) -> Any:
    """What `echo` was asked, its headers as a table."""
    told = json.loads(answer["body"])
    return {**told, "headers": {name.lower(): value for name, value in told["headers"]}}


async def test_a_get_says_who_asks_and_no_more(asking: Asking) -> None:
    async with serving(echo) as url:
        answer = await asking.fetch(url + "/a/b?c=d#e")
        told = heard(answer)
    assert (told["method"], told["target"], told["body"]) == ("GET", "/a/b?c=d", "")
    assert told["headers"] == {
        "host": url.removeprefix("http://"),
        "accept": "*/*",
        "accept-encoding": "gzip",
        "user-agent": f"gojinn/{__version__}",
    }
    assert (answer["status"], answer["url"], answer["redirected"]) == (200, url + "/a/b?c=d", False)
    assert answer["headers"]["Content-Type"] == ["application/json; charset=utf-8"]


async def test_what_a_guest_says_is_sent(asking: Asking) -> None:
    headers = {
        "X-One": ["1", "2"],
        "x-two": "ü",
        "User-Agent": "me",
        "Accept": "text/plain",
        "TraceParent": "t",
    }
    async with serving(echo) as url:
        answer = await asking.fetch(url, method="put", headers=headers, body="hällo")
    told = json.loads(answer["body"])
    assert told["method"] == "PUT"
    assert b64decode(told["body"]).decode() == "hällo"
    sent = [(name.lower(), value) for name, value in told["headers"]]
    assert ("x-one", "1") in sent
    assert ("x-one", "2") in sent
    assert [value for name, value in sent if name in ("x-two", "user-agent", "accept", "traceparent")] == [
        *("ü", "me", "text/plain", "t")
    ]
    assert ("content-length", "6") in sent
    assert "content-type" not in dict(sent)


async def test_fields_of_the_connection_are_ours(asking: Asking) -> None:
    headers = {
        "Host": "evil",
        "Connection": "close",
        "Transfer-Encoding": "chunked",
        "Content-Length": "1",
        "TE": "x",
    }
    async with serving(echo) as url:
        told = heard(await asking.fetch(url, method="POST", headers=headers, body="four"))
    assert told["headers"]["host"] == url.removeprefix("http://")
    assert told["headers"]["content-length"] == "4"
    assert not {"connection", "transfer-encoding", "te"} & set(told["headers"])
    assert b64decode(told["body"]) == b"four"


@pytest.mark.parametrize("form", ["body_base64", "body_encoding"])
async def test_bodies_may_be_bytes(asking: Asking, form: str) -> None:
    text = b64encode(bytes(range(256))).decode()
    given = {"body_base64": text} if form == "body_base64" else {"body": text, "body_encoding": "base64"}
    async with serving(echo) as url:
        told = heard(await asking.fetch(url, method="POST", **given))
    assert b64decode(told["body"]) == bytes(range(256))


async def test_bodies_of_megabytes_go_both_ways(asking: Asking) -> None:
    async def back(request: web.BaseRequest) -> web.Response:
        return web.Response(body=await request.content.read())

    for body in (b"x" * 5_000_000, bytes([0, 200]) * 2_500_000, b"\0" * 5_000_000):
        async with serving(back) as url:
            answer = await asking.fetch(url, method="POST", body_base64=b64encode(body).decode())
        got = b64decode(answer["body_base64"]) if "body_base64" in answer else answer["body"].encode()
        whole = got == body  # a difference of megabytes takes long to show
        assert whole


@pytest.mark.parametrize("status", [204, 304, 404, 500, 599])
async def test_any_status_is_an_answer(asking: Asking, status: int) -> None:
    async def handler(request: web.BaseRequest) -> web.Response:
        return web.Response(status=status)

    async with serving(handler) as url:
        answer = await asking.fetch(url)
    assert (answer["status"], answer["body"]) == (status, "")


async def test_head_has_a_length_and_no_body(asking: Asking) -> None:
    async def handler(request: web.BaseRequest) -> web.Response:
        return web.Response(headers={"Content-Length": "100000000"})

    async with serving(handler) as url:
        answer = await asking.fetch(url, method="HEAD")
    assert answer["body"] == ""
    assert answer["headers"]["Content-Length"] == ["100000000"]


async def packed(request: web.BaseRequest) -> web.Response:
    """Answers in gzip, in two members, whoever asks."""
    body = gzip.compress(b"one ") + gzip.compress(b"two")
    return web.Response(body=body, headers={"Content-Encoding": "gzip", "ETag": '"x"'})


async def test_gzip_is_unpacked(asking: Asking) -> None:
    async with serving(packed) as url:
        answer = await asking.fetch(url)
    assert answer["body"] == "one two"
    assert not {"Content-Encoding", "Content-Length"} & set(answer["headers"])
    assert answer["headers"]["Etag"] == ['"x"']


async def test_a_guest_that_asks_for_gzip_gets_it(asking: Asking) -> None:
    async with serving(packed) as url:
        answer = await asking.fetch(url, headers={"accept-encoding": "gzip"})
    assert gzip.decompress(b64decode(answer["body_base64"])) == b"one two"
    assert answer["headers"]["Content-Encoding"] == ["gzip"]


async def test_values_of_fields_are_all_there(asking: Asking) -> None:
    async def handler(request: web.BaseRequest) -> web.Response:
        response = web.Response()
        response.headers.extend([("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("x-odd_name", "ü")])
        return response

    async with serving(handler) as url:
        answer = await asking.fetch(url)
        again = await asking.fetch(url)
    assert answer["headers"]["Set-Cookie"] == ["a=1", "b=2"]
    assert answer["headers"]["X-Odd_name"] == ["ü"]
    assert again["status"] == 200


async def test_no_cookie_of_one_function_is_sent_for_another(asking: Asking) -> None:
    async def handler(request: web.BaseRequest) -> web.Response:
        return web.Response(text=request.headers.get("Cookie", "none"), headers={"Set-Cookie": "a=1"})

    async with serving(handler) as url:
        answers = [await asking.fetch(url) for _ in range(2)]
    assert [answer["body"] for answer in answers] == ["none", "none"]


async def test_connections_are_used_again(asking: Asking) -> None:
    seen = set()

    async def handler(request: web.BaseRequest) -> web.Response:
        assert request.transport is not None
        seen.add(request.transport.get_extra_info("peername"))
        return web.Response(text="x")

    async with serving(handler) as url:
        for _ in range(3):
            await asking.fetch(url)
        assert len(seen) == 1
        await asking.fetch(url, "127.0.0.0/8")
        assert len(seen) == 2


async def test_host_http_get_gives_the_beginning_of_any_answer(asking: Asking) -> None:
    async def handler(request: web.BaseRequest) -> web.Response:
        return web.Response(status=404, text="not here " + "x" * 50_000)

    async with serving(handler) as url:
        assert await asking.get(url, limit=8) == ["8\tnot here"]
        assert (await asking.get(url, limit=60_000))[0].startswith("50009\tnot here xxx")


async def test_host_http_get_notes_why_there_is_nothing(asking: Asking) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    answers = await asking.get(f"http://127.0.0.1:{port}/")
    assert answers == ["0\t"]
    assert answers.log[0].text == f"host_http_get failed: http://127.0.0.1:{port} refuses connections"


async def test_a_name_that_leads_nowhere_is_unavailable(asking: Asking) -> None:
    answer = await asking.fetch("http://nobody.invalid/", "*")
    assert answer["error"]["code"] == "unavailable"
    assert "'nobody.invalid'" in answer["error"]["message"]


async def test_a_request_has_a_timeout(asking: Asking) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        answer = await asking.fetch(url, timeout=0.05)
    assert answer["error"] == {"code": "timeout", "message": f"{url} has not answered within 0.05 seconds"}


WRONG = {
    "no url": {"url": ""},
    "a word": {"url": "hello"},
    "another scheme": {"url": "file:///etc/passwd"},
    "a login": {"url": "http://user:secret@127.0.0.1/"},
    "a line break": {"url": "http://127.0.0.1/\r\nX: y"},
    "a method of two words": {"method": "GET / HTTP/1.1\r\nX: y"},
    "no method": {"method": ""},
    "a tunnel": {"method": "connect"},
    "a line break in a header": {"headers": {"X": "a\r\nY: b"}},
    "a NUL in a header": {"headers": {"X": ["a", "b\0"]}},
    "a line break in a name": {"headers": {"X\r\nY": "a"}},
    "a header without a name": {"headers": {"": "a"}},
    "a number for a header": {"headers": {"X": 1}},
    "many headers": {"headers": {f"X-{i}": "a" for i in range(200)}},
    "long headers": {"headers": {"X": "a" * 100_000}},
    "a negative timeout": {"timeout": -1},
    "two bodies": {"body": "a", "body_base64": "YQ=="},
    "no base64": {"body": "a", "body_encoding": "base64"},
    "an unknown redirect": {"redirect": "maybe"},
    "an unknown field": {"cache": "no"},
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_what_is_no_request_is_refused(asking: Asking, wrong: str) -> None:
    script = await asking.script("127.0.0.1")
    request = {"url": "http://127.0.0.1:1/", **WRONG[wrong]}  # type: ignore[dict-item]
    answers = await script(("call", "http.fetch", request))
    assert answers.codes == ["bad-request"]
    assert "secret" not in answers[0]


async def test_requests_that_are_no_objects_are_refused(asking: Asking) -> None:
    script = await asking.script("127.0.0.1")
    answers = await script(*(("call", "http.fetch", text) for text in ("", "[]", "{", '{"url":1}', '"x"')))
    assert answers.codes == ["bad-request"] * 5


async def test_nobody_may_be_asked_without_a_line(asking: Asking) -> None:
    function = await asking.function()
    script = Script(asking.platform, function)
    answers = await script(
        ("call", "http.fetch", {"url": "https://api.example.com/x"}),
        ("call", "http.fetch", {"url": "http://0x7f.1:8080/"}),
        ("http_get", "http://[::1]/", 10),
    )
    first, second = [line["error"] for line in (json.loads(line) for line in answers[:2])]
    start = f"'http fetch' of 'api.example.com' is not granted to function '{function.name}': "
    assert first == {
        "code": "denied",
        "message": start + "add the line 'allow_host api.example.com' to its block",
    }
    assert second["message"].endswith("add the line 'allow_host 127.0.0.1:8080' to its block")
    assert answers[2] == "0\t"
    assert answers.log[0].text.endswith("add the line 'allow_host [::1]' to its block")
    assert function.usage.denials == {"http fetch": 3}
