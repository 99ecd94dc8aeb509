"""Tests of the `gojinn` directive: from a request to a response, without a server around it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from gojinn.config.units import Secret
from gojinn.edge.directives import gojinn
from gojinn.edge.handler import BuildContext
from gojinn.edge.message import SERVER, Connection, Handler, Header, Middleware, Request, Response
from gojinn.engine.cache import CompileCache
from gojinn.errors import FunctionError, LimitExceeded, Unauthorized
from gojinn.functions.config import FunctionConfig
from gojinn.functions.lines import ApiKey
from gojinn.functions.modules import Modules
from gojinn.functions.runner import Runner
from gojinn.testing.guests import guest, printing
from gojinn.testing.platform import Platform, opened_platform

KEYS = (ApiKey("acme", Secret("key-a")), ApiKey("default", Secret("key-d")))


class Received:
    """A body that has to be read."""

    limit = 1000

    def __init__(self, data: bytes = b"") -> None:
        self.data = data

    def at_hand(self) -> bytes | None:
        return None

    async def read(self) -> bytes:
        if len(self.data) > self.limit:
            raise LimitExceeded("too much")
        return self.data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.data

    async def disconnected(self) -> None:
        return None


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> CompileCache:
    return CompileCache(tmp_path_factory.mktemp("cache"))


@pytest.fixture
async def platform(cache: CompileCache) -> AsyncIterator[Platform]:
    async with opened_platform(cache) as platform:
        yield platform


Serve = Callable[..., Awaitable[Handler]]


@pytest.fixture
async def serve(platform: Platform) -> AsyncIterator[Serve]:
    """Builds the handler of a function, as a generation does."""
    async with AsyncExitStack() as stack:

        async def build(module: Path, **options: Any) -> Handler:
            config = FunctionConfig(str(module), **options)
            modules = await platform.modules(config)
            context = BuildContext(no_routes, {Runner: platform.runner, Modules: modules})
            handler: Handler = gojinn.build(config, context)(unreached)
            for resource in context.resources:
                await stack.enter_async_context(resource)
            return handler

        yield build


def no_routes(routes: object) -> Middleware:
    raise AssertionError("the directive has no routes inside")


async def unreached(request: Request) -> Response:
    raise AssertionError("the directive answers")


def request(
    method: str = "GET", target: str = "/", headers: list[Header] | None = None, body: bytes = b""
) -> Request:
    connection = Connection("192.0.2.7", 5000, "127.0.0.1", 80)
    return Request(method, target, headers or [], Received(body), connection)


async def envelope(handler: Handler, sent: Request) -> dict[str, Any]:
    response = await handler(sent)
    assert isinstance(response.body, bytes)
    decoded: dict[str, Any] = json.loads(response.body)
    return decoded


async def test_the_function_sees_the_request(serve: Serve) -> None:
    handler = await serve(guest("envelope"))
    sent = request("POST", "/a%20b?c=d", [(b"x-tag", b"1"), (b"x-tag", b"2")], b"hello")
    seen = await envelope(handler, sent)
    assert (seen["method"], seen["uri"], seen["body"]) == ("POST", "/a%20b?c=d", "hello")
    assert seen["headers"] == {"X-Tag": ["1", "2"]}
    assert (seen["tenant"], seen["client_ip"]) == ("default", "192.0.2.7")
    assert (seen["trigger"], seen["attempt"]) == ("http", 1)
    assert seen["trace_id"] == sent.trace.traceparent


async def test_a_rewrite_does_not_change_what_was_received(serve: Serve) -> None:
    handler = await serve(guest("envelope"))
    sent = request(target="/api/x?y")
    sent.path, sent.query = "/x", ""
    assert (await envelope(handler, sent))["uri"] == "/api/x?y"


async def test_the_response_is_what_the_function_said(serve: Serve, tmp_path: Path) -> None:
    module = tmp_path / "teapot.wasm"
    module.write_bytes(printing(b'{"status":418,"headers":{"X-Pot":["a","b"]},"body":"short"}'))
    response = await (await serve(module))(request())
    assert (response.status, response.body) == (418, b"short")
    assert response.headers == [SERVER, (b"x-pot", b"a"), (b"x-pot", b"b")]


async def test_fields_that_directives_set_before_are_kept(serve: Serve) -> None:
    sent = request()
    sent.answer.append((b"x-before", b"1"))
    response = await (await serve(guest("envelope")))(sent)
    assert response.headers is sent.answer
    assert response.headers[1] == (b"x-before", b"1")


async def test_fields_of_the_function_replace_those_set_before(serve: Serve, tmp_path: Path) -> None:
    module = tmp_path / "server.wasm"
    module.write_bytes(printing(b'{"status":200,"headers":{"Server":"mine","X-A":"2","Set-Cookie":"b=2"}}'))
    sent = request()
    sent.answer += [(b"x-a", b"1"), (b"set-cookie", b"a=1")]
    response = await (await serve(module))(sent)
    assert response.headers == [
        (b"set-cookie", b"a=1"),
        (b"server", b"mine"),
        (b"x-a", b"2"),
        (b"set-cookie", b"b=2"),
    ]


async def test_answers_do_not_share_their_headers(serve: Serve) -> None:
    handler = await serve(guest("envelope"))
    first = await handler(request())
    first.headers.append((b"x-more", b"1"))
    assert (b"x-more", b"1") not in (await handler(request())).headers


async def test_failures_are_raised_for_the_edge_to_render(serve: Serve) -> None:
    handler = await serve(guest("unreachable"))
    sent = request()
    with pytest.raises(FunctionError) as caught:
        await handler(sent)
    assert caught.value.reason == "trap"
    assert sent.answer == [SERVER]
    assert sent.function == caught.value.function


async def test_a_body_over_the_limit_is_refused_before_the_function_runs(serve: Serve) -> None:
    handler = await serve(guest("envelope"))
    with pytest.raises(LimitExceeded):
        await handler(request("POST", body=b"x" * 1001))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (b"x-api-key", b"key-a"),
        (b"authorization", b"Bearer key-a"),
        (b"authorization", b"bearer  key-a "),
    ],
)
async def test_a_key_names_the_tenant_and_stays_out_of_the_function(
    serve: Serve, name: bytes, value: bytes
) -> None:
    handler = await serve(guest("envelope"), api_keys=KEYS)
    sent = request(headers=[(name, value), (b"accept", b"*/*")])
    seen = await envelope(handler, sent)
    assert seen["tenant"] == sent.tenant == "acme"
    assert seen["headers"] == {"Accept": ["*/*"]}


async def test_a_key_of_its_own_leaves_authorization_to_the_function(serve: Serve) -> None:
    handler = await serve(guest("envelope"), api_keys=KEYS)
    seen = await envelope(
        handler, request(headers=[(b"x-api-key", b"key-d"), (b"authorization", b"Bearer jwt")])
    )
    assert seen["headers"] == {"Authorization": ["Bearer jwt"]}
    assert seen["tenant"] == "default"


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"x-api-key", b"")],
        [(b"x-api-key", b"key")],
        [(b"x-api-key", b"key-a2")],
        [(b"x-api-key", b"\xff\xfe")],
        [(b"x-api-key", b"wrong"), (b"authorization", b"Bearer key-a")],
        [(b"x-api-key", b"wrong"), (b"x-api-key", b"key-a")],
        [(b"authorization", b"Basic key-a")],
        [(b"authorization", b"Bearer")],
        [(b"authorization", b"Bearer ")],
        [(b"authorization", b"key-a")],
    ],
)
async def test_without_a_good_key_nobody_gets_in(serve: Serve, headers: list[Header]) -> None:
    handler = await serve(guest("envelope"), api_keys=KEYS)
    with pytest.raises(Unauthorized) as caught:
        await handler(request(headers=headers))
    assert "key-a" not in f"{caught.value.message} {caught.value.hint}"


async def test_a_route_without_keys_passes_credentials_on(serve: Serve) -> None:
    handler = await serve(guest("envelope"))
    seen = await envelope(handler, request(headers=[(b"authorization", b"Basic x"), (b"x-api-key", b"y")]))
    assert seen["headers"] == {"Authorization": ["Basic x"], "X-Api-Key": ["y"]}


async def test_the_debug_secret_shows_the_log(serve: Serve) -> None:
    handler = await serve(guest("host_log"), debug_secret=Secret("hunter2"))
    response = await handler(request(headers=[(b"x-gojinn-debug", b"hunter2")]))
    logs = dict(response.headers)[b"x-gojinn-logs"]
    assert json.loads(logs) == ["debug: fine", "info: note", "warn: hmmm", "error: oops", "stderr: on stderr"]


async def test_the_debug_secret_shows_the_log_of_a_failure(serve: Serve) -> None:
    handler = await serve(guest("unreachable"), debug_secret=Secret("hunter2"))
    sent = request(headers=[(b"x-gojinn-debug", b"hunter2")])
    with pytest.raises(FunctionError):
        await handler(sent)
    assert b"unreachable" in dict(sent.answer)[b"x-gojinn-logs"]


@pytest.mark.parametrize("given", [b"", b"hunter", b"hunter22", b"HUNTER2", b"\xff"])
async def test_another_debug_secret_shows_nothing(serve: Serve, given: bytes) -> None:
    handler = await serve(guest("host_log"), debug_secret=Secret("hunter2"))
    response = await handler(request(headers=[(b"x-gojinn-debug", given)]))
    assert b"x-gojinn-logs" not in dict(response.headers)


@pytest.mark.parametrize("given", [b"", b"hunter2", b"None"])
async def test_without_a_debug_secret_nothing_is_shown(serve: Serve, given: bytes) -> None:
    handler = await serve(guest("host_log"))
    response = await handler(request(headers=[(b"x-gojinn-debug", given)]))
    assert b"x-gojinn-logs" not in dict(response.headers)


async def test_the_debug_secret_stays_out_of_the_function(serve: Serve) -> None:
    handler = await serve(guest("envelope"), debug_secret=Secret("hunter2"))
    seen = await envelope(handler, request(headers=[(b"x-gojinn-debug", b"hunter2")]))
    assert seen["headers"] == {}


async def test_a_function_cannot_set_the_log_header_itself(serve: Serve, tmp_path: Path) -> None:
    module = tmp_path / "forger.wasm"
    module.write_bytes(printing(b'{"status":200,"headers":{"X-Gojinn-Logs":"forged"}}'))
    response = await (await serve(module))(request())
    assert response.headers == [SERVER]
