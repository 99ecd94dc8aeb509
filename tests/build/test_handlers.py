"""Which of a JavaScript module's functions answers what comes: the forms that Workers have."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest

from gojinn.build.bundle import Bundle
from gojinn.build.interpret import load
from gojinn.build.js.language import INTERPRETER
from gojinn.build.runtimes import locate, runtime
from gojinn.engine.cache import CompileCache
from gojinn.errors import BuildError
from gojinn.functions.config import FunctionConfig
from gojinn.functions.invocation import Invocation
from gojinn.testing.platform import opened_platform

pytestmark = pytest.mark.slow

HTTP = {"method": "GET", "uri": "/a", "headers": {}, "body": "", "trigger": "http"}
CRON = {
    "method": "CRON",
    "uri": "/",
    "body": "",
    "trigger": "cron",
    "headers": {"Gojinn-Schedule": ["@hourly"], "Gojinn-Due": ["2026-01-01T00:00:00Z"]},
}
JOB = {
    "method": "ASYNC",
    "uri": "/",
    "trigger": "queue",
    "attempt": 2,
    "headers": {"X-Gojinn-Job-Id": ["j1"]},
}

ALL = """
export default {
    fetch: (request) => new Response(new URL(request.url).pathname),
    scheduled(event, env, context) {
        context.waitUntil((async () => console.log(event.cron, event.scheduledTime))());
    },
    async queue(batch) {
        for (const { id, body, attempts, ack, retry } of batch.messages) {
            console.log(id, body.to ?? body, attempts);
            body.to ? retry() : ack();
        }
    },
};
"""
CLASS = """
export default class {
    constructor(context, env) { this.env = env; }
    fetch(request, env) { return new Response(String(this.env === env)); }
}
"""
LISTENER = """
addEventListener("fetch", (event) => event.respondWith(answer(event.request)));
async function answer(request) { return new Response(request.method); }
"""
ONE = "export default { scheduled() {} };"


@pytest.fixture(autouse=True)
def image(missing: Callable[[str], NoReturn]) -> None:
    """The runtime's image, without which nothing here can be built."""
    if locate(runtime("javascript")) is None:
        missing("the image of the runtime for JavaScript: run 'make runtimes'")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> CompileCache:
    """One for all, so that the interpreter is compiled once."""
    return CompileCache(tmp_path_factory.mktemp("cache"))


@pytest.mark.parametrize(
    ("source", "envelope", "status", "said"),
    [
        pytest.param(ALL, HTTP, 200, "/a", id="fetch"),
        pytest.param(ALL, CRON, 204, "@hourly 1767225600000", id="scheduled"),
        pytest.param(ALL, JOB | {"body": '{"to": "ada"}'}, 503, "j1 ada 2", id="a job that is to come again"),
        pytest.param(ALL, JOB | {"body": "text"}, 204, "j1 text 2", id="a job that is done"),
        pytest.param(CLASS, HTTP, 200, "true", id="class"),
        pytest.param(LISTENER, HTTP, 200, "GET", id="listener"),
        pytest.param(ONE, HTTP, 500, "there is no 'fetch'", id="none for it"),
    ],
)
async def test_handler_is_chosen_by_what_comes(
    cache: CompileCache, tmp_path: Path, source: str, envelope: dict[str, Any], status: int, said: str
) -> None:
    module = tmp_path / "function.wasm"
    module.write_bytes(load(INTERPRETER, Bundle("index.js", {"index.js": source}))[0])
    async with opened_platform(cache) as platform:
        function = await platform.function(FunctionConfig(str(module)))
        result = await platform.runner.run(Invocation(function, json.dumps(envelope).encode()))
    assert result.outcome is not None
    answer = json.loads(result.outcome.stdout)
    assert answer["status"] == status
    assert said in answer["body"] + "".join(record.text for record in result.log)


def test_module_without_a_handler_is_refused() -> None:
    with pytest.raises(BuildError, match="expected a function or an object with 'fetch'"):
        load(INTERPRETER, Bundle("index.js", {"index.js": "export default { other() {} };"}))
