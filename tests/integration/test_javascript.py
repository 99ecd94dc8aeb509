"""Functions in JavaScript, as their authors write, build, serve and break them."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from io import BytesIO
from pathlib import Path
from typing import Any, NoReturn

import pytest
import pytest_asyncio

from gojinn.build.compile import build, rebuild
from gojinn.build.languages import language, read
from gojinn.build.runtimes import locate, runtime
from gojinn.cli.scaffold import scaffold
from gojinn.testing.app import App, serve

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

WEB = Path(__file__).parent / "functions" / "web"
SECRET = "a secret for debugging"

SITE = """\
:0 {
	gojinn * %s {
		timeout 20s
		memory_limit 128MB
		env GREETING hello
		debug_secret "a secret for debugging"
	}
}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def web(missing: Callable[[str], NoReturn]) -> AsyncIterator[App]:
    """Serves the function that tries everything."""
    if locate(runtime("javascript")) is None:
        missing("the image of the runtime for JavaScript: run 'make runtimes'")
    built = await build(read(WEB))
    async with serve(SITE % built.project.output) as app:
        yield app


async def ask(app: App, path: str, **options: Any) -> tuple[int, bytes, list[str]]:
    """Asks with a path; the status, the body, the function's log."""
    method = "POST" if "data" in options else "GET"
    if "data" in options:
        options["data"] = BytesIO(options["data"])
    headers = {"X-Gojinn-Debug": SECRET, **options.pop("headers", {})}
    async with app.session.request(method, app.url + path, headers=headers, **options) as response:
        log = json.loads(response.headers.get("X-Gojinn-Logs", "[]"))
        return response.status, await response.read(), log


@pytest.mark.parametrize(
    "suite",
    [
        "addresses",
        "bodies",
        "bytes",
        "clones",
        "cryptography",
        "events",
        "forms",
        "headers",
        "streams",
        "time",
    ],
)
async def test_web_api_does_what_its_standard_says(web: App, suite: str) -> None:
    status, body, log = await ask(web, f"/suite/{suite}")
    assert status == 200, log
    results = json.loads(body)
    assert len(results) > 5
    assert not [result for result in results if result[1] != result[2]]


async def test_nothing_is_frozen_in_the_snapshot(web: App) -> None:
    one, two = [json.loads((await ask(web, "/fresh"))[1]) for _ in range(2)]
    for kind in ("random", "uuid", "bytes"):
        assert one[kind] != two[kind]
    assert two["now"] >= one["now"]
    assert one["env"]["GREETING"] == one["process"] == "hello"


async def test_environment_is_that_of_each_function(web: App, tmp_path: Path) -> None:
    module = read(WEB).output
    site = f":0 {{\n\tgojinn * {module} {{\n\t\tenv GREETING other\n\t\tenv X y\n\t}}\n}}\n"
    async with serve(site) as app:
        env = json.loads((await app.get("/fresh"))[1])["env"]
    assert {name: env[name] for name in ("GREETING", "X")} == {"GREETING": "other", "X": "y"}


FAILING = {
    "throw": "RangeError: on purpose",
    "reject": "rejected",
    "throw null": "thrown: null",
    "undefined": "the handler returned nothing",
    "null": "the handler returned null",
    "number": "the handler returned a Number",
    "function": "the handler returned a Function",
    "symbol": "the handler returned a Symbol",
    "cycle": "TypeError: circular reference",
    "bigint": "TypeError",
    "toJSON": "toJSON",
    "status": "RangeError: a response's status is '99'",
    "header": "line break",
    "used body": "the body has been read already",
    "recursion": "RangeError: Maximum call stack",
    "deep JSON": "RangeError: Maximum call stack",
    "deep answer": "RangeError: Maximum call stack",
    "denied": "HostError: kv.get: ",
}


@pytest.mark.parametrize("name", FAILING)
async def test_failing_handler_is_a_500_and_its_error_is_logged(web: App, name: str) -> None:
    status, body, log = await ask(web, f"/hostile/{name}")
    assert status == 500
    assert json.loads(body) == {"title": "the function failed", "status": 500}
    assert any(FAILING[name] in line for line in log), log


async def test_error_names_file_and_line(web: App) -> None:
    _, _, log = await ask(web, "/hostile/throw")
    assert any("index.js:" in line for line in log)
    assert not any("gojinn:" in line for line in log)


@pytest.mark.parametrize(
    ("name", "said"),
    [("never", "the handler's promise never settles"), ("broken builtins", "")],
)
async def test_handler_that_cannot_go_on_is_a_502(web: App, name: str, said: str) -> None:
    status, body, log = await ask(web, f"/hostile/{name}")
    assert status in (500, 502)
    assert said in "\n".join(log)
    assert b"index.js" not in body


@pytest.mark.parametrize(
    ("name", "answer", "logged"),
    [
        ("lone surrogate", "\N{REPLACEMENT CHARACTER}", ""),
        ("timer", "went on", "in a timer"),
        ("lost", "answered", "unhandled rejection: nobody hears"),
    ],
)
async def test_what_does_no_harm_is_answered(web: App, name: str, answer: str, logged: str) -> None:
    status, body, log = await ask(web, f"/hostile/{name}")
    assert (status, body.decode()) == (200, answer)
    assert logged in "\n".join(log)


async def test_fetch_says_that_it_is_not_granted(web: App) -> None:
    said = json.loads((await ask(web, "/hostile/fetch"))[1])["said"]
    assert said.startswith("TypeError: fetch of 'http://localhost:1/' failed: ")


async def test_later_work_is_done_before_the_sandbox_ends(web: App) -> None:
    status, body, log = await ask(web, "/later")
    assert (status, body) == (200, b"now")
    assert "info: done later" in log


async def test_endless_loop_and_all_memory_end_the_request_alone(web: App) -> None:
    module = read(WEB).output
    site = f":0 {{\n\tgojinn * {module} {{\n\t\ttimeout 1s\n\t\tmemory_limit 32MB\n\t}}\n}}\n"
    async with serve(site) as app:
        answers = await asyncio.gather(app.get("/loop"), app.get("/memory"), app.get("/x?q=1"))
        assert [status for status, _ in answers[:2]] in ([504, 502], [504, 500])
        assert json.loads(answers[2][1]) == {"kind": "x", "q": "1"}
        pids = await app.worker_pids()
        assert (await app.get("/memory"))[0] in (500, 502)
        assert await app.worker_pids() == pids


@pytest.mark.parametrize("size", [0, 1, 5_000_000])
async def test_any_bytes_come_back(web: App, size: int) -> None:
    content = os.urandom(size)
    status, body, _ = await ask(web, "/echo", data=content, headers={"Content-Type": "application/x-test"})
    assert (status, body == content) == (200, True)


@pytest.mark.parametrize("text", ["", "grün €", "\ufeffmark", "\0", "x" * 5_000_000], ids=range(5))
async def test_any_text_comes_back(web: App, text: str) -> None:
    status, body, _ = await ask(web, "/text", data=text.encode())
    assert (status, body.decode()) == (200, text.removeprefix("\ufeff"))


async def test_template_is_built_served_and_rebuilt_on_a_save(web: App, tmp_path: Path) -> None:
    project = tmp_path / "hello"
    scaffold(project, language("js"))
    await rebuild(project)
    site = ":0\ngojinn build/hello.wasm\n"
    async with serve(site, "--watch", folder=project) as app:
        answer = json.loads((await app.get("/", method="POST", data='{"name": "Ada"}'))[1])
        assert answer == {"message": "hello, Ada", "language": "JavaScript", "method": "POST"}
        source = project / "index.js"
        text = source.read_text()
        source.write_text(text.replace("export default {", "export default {{"))
        record = await app.record("build failed")
        assert "index.js:" in record["output"]
        assert b"hello, world" in (await app.get())[1]
        source.write_text(text.replace("hello, ", "good day, "))
        async with asyncio.timeout(30):
            while b"good day, world" not in (await app.get())[1]:
                pass
