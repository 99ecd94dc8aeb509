"""What `gojinn init` writes: every kind of function in every language, built, then served by one server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest
import pytest_asyncio

from gojinn.build.compile import rebuild
from gojinn.build.languages import language, names
from gojinn.build.several import side_by_side
from gojinn.cli.scaffold import kinds, scaffold
from gojinn.testing.app import App, serve
from gojinn.testing.jobs import until
from gojinn.testing.records import ask, over
from gojinn.testing.tools import install_packages

pytestmark = [pytest.mark.slow, pytest.mark.toolchain, pytest.mark.timeout(600)]

BODIES = {
    '{"name": "Ada"}': "Ada",
    '{"other": {"name": "no"}, "name": "A\\u00e9\\ud83d\\ude00\\"q\\n"}': 'Aé😀"q\n',
    '{"name": 3}': "world",
    '{"name"': "world",
    "[" * 2000: "world",
    "no JSON": "world",
    "": "world",
}
"""What is sent → who is greeted."""


SOME = {"ruby": ("http",)}
"""Kinds that are served of languages whose modules take long to compile; the others are only built."""


@dataclass
class Served:
    """The functions, each with the host name `<language>-<kind>`."""

    app: App
    missing: dict[str, str]
    """Languages that cannot be built here, with what to install."""
    warnings: dict[str, str]

    async def send(
        self, name: str, path: str = "/", method: str = "GET", body: str | None = None
    ) -> tuple[int, Any]:
        """Sends a request to a function; returns status and JSON, or None where no JSON is answered."""
        port = self.app.url.rpartition(":")[2]
        url, data = f"http://127.0.0.1:{port}{path}", None if body is None else body.encode()
        headers = {"Host": f"{name}.test"}
        async with self.app.session.request(method, url, data=data, headers=headers) as response:
            text = await response.read()
            return response.status, json.loads(text) if response.content_type == "application/json" else None


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """Makes and builds one of each."""
    folder = tmp_path_factory.mktemp("templates")
    await asyncio.to_thread(install_packages)
    spoken = [language(name) for name in names()]
    missing = {each.name: each.install for each in spoken if each.find(folder) is None}
    functions, sites = [], []
    for each in spoken:
        for kind in kinds(each) if each.name not in missing else ():
            function = folder / f"{each.name}-{kind}"
            scaffold(function, each, kind)
            functions.append(function)
            if kind in SOME.get(each.name, kinds(each)):
                sites.append(site(function))
    said = await side_by_side(functions, built)
    warnings = {function.name: text for function, text in zip(functions, said, strict=True)}
    async with serve("\n".join(sites), folder=folder) as app:
        yield Served(app, missing, warnings)


async def built(folder: Path) -> str:
    """Builds a function. Returns what was said of it, not that its interpreter is put together."""
    said = (await rebuild(folder)).warnings.splitlines()
    return "\n".join(line for line in said if not line.startswith(("putting ", "getting ")))


def site(folder: Path) -> str:
    """Writes a function's Caddyfile for a place above its folder, for a host name of its own."""
    text = (folder / "Caddyfile").read_text()
    text = text.replace(f"gojinn build/{folder.name}.wasm", f"gojinn * {folder}/build/{folder.name}.wasm")
    text = text.replace(f" build/{folder.name}.wasm", f" {folder}/build/{folder.name}.wasm")
    return text.replace(":8080", f"http://{folder.name}.test:0")


def of_kind(kind: str) -> list[str]:
    """Lists the languages that have a template of a kind."""
    return [name for name in names() if kind in SOME.get(name, kinds(language(name)))]


@pytest.fixture
def need(served: Served, missing: Callable[[str], NoReturn]) -> Callable[[str], None]:
    """`need(language)`: leaves the test out, or fails it in CI, where that cannot be built."""

    def say(name: str) -> None:
        if name in served.missing:
            missing(served.missing[name])

    return say


def everywhere(kind: str) -> Callable[[Any], Any]:
    """Runs a test for each language that has templates of a kind, on the loop of the server."""

    def mark(test: Any) -> Any:
        test = pytest.mark.parametrize("name", of_kind(kind))(test)
        return pytest.mark.asyncio(loop_scope="module")(test)

    return mark


@everywhere("http")
async def test_a_greeting_answers_whatever_is_sent(
    served: Served, need: Callable[[str], None], name: str
) -> None:
    need(name)
    assert served.warnings[f"{name}-http"] == ""
    for body, greeted in BODIES.items():
        method = "POST" if body else "GET"
        status, answer = await served.send(f"{name}-http", "/", method, body)
        assert status == 200, body[:40]
        language_title = language(name).title
        assert answer == {"message": f"hello, {greeted}", "language": language_title, "method": method}


@everywhere("json")
async def test_an_api_keeps_items(served: Served, need: Callable[[str], None], name: str) -> None:
    need(name)
    function = f"{name}-json"
    assert served.warnings[function] == ""
    assert await served.send(function) == (200, {"items": []})
    assert await served.send(function, "/tea", "PUT", '{"amount": 3}') == (200, {"id": "tea"})
    assert await served.send(function, "/tea") == (200, {"amount": 3})
    assert await served.send(function) == (200, {"items": ["tea"]})
    assert (await served.send(function, "/tea", "PUT", "{no JSON"))[0] == 400
    assert (await served.send(function, "/", "PUT", "{}"))[0] == 405
    assert await served.send(function, "/tea", "DELETE") == (204, None)
    assert (await served.send(function, "/tea"))[0] == 404


@everywhere("queue")
async def test_a_consumer_does_its_jobs_or_fails_them(
    served: Served, need: Callable[[str], None], name: str
) -> None:
    need(name)
    function = f"{name}-queue"
    assert served.warnings[function] == ""
    assert await served.send(function, f"/?to={name}") == (200, {"sent": False})
    status, answer = await served.send(function, "/", "POST", json.dumps({"to": name}))
    assert status == 202
    assert (await over(served.app, answer["job"]))["state"] == "done"
    assert await served.send(function, f"/?to={name}") == (200, {"sent": True})

    _, bad = await served.send(function, "/", "POST", "{}")

    async def failed() -> bool:
        job = await ask(served.app, f"/_sys/jobs/{bad['job']}")
        return bool(job["state"] in ("retrying", "dead"))

    await until(failed)


@everywhere("cron")
async def test_a_schedule_counts(served: Served, need: Callable[[str], None], name: str) -> None:
    need(name)
    function = f"{name}-cron"
    assert served.warnings[function] == ""
    job = (await ask(served.app, f"/_sys/cron/{function}/run", "POST"))["job"]
    assert (await over(served.app, job))["state"] == "done"
    assert (await served.send(function))[1]["ticks"] >= 1
