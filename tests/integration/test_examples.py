"""The example site, built and served by the real thing."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gojinn.build.compile import rebuild
from gojinn.build.project import projects_below
from gojinn.build.several import side_by_side
from gojinn.testing.app import App, serve
from gojinn.testing.jobs import until
from gojinn.testing.records import ask, done, over

EXAMPLES = Path(__file__).parents[2] / "examples"
SITE = EXAMPLES / "site"
MADE = ("*.wasm", ".gojinn", "routes.caddy", "gallery.json")
"""What is no source."""
pytestmark = [pytest.mark.slow, pytest.mark.toolchain]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Builds a copy of the example site."""
    folder = tmp_path_factory.mktemp("examples") / "site"
    shutil.copytree(SITE, folder, ignore=shutil.ignore_patterns(*MADE))
    asyncio.run(side_by_side(projects_below(folder), rebuild))
    return folder


@pytest.fixture
async def site(built: Path, tmp_path: Path) -> AsyncIterator[App]:
    """Serves the built site."""
    folder = tmp_path / "site"
    shutil.copytree(built, folder)
    caddyfile = (folder / "Caddyfile").read_text()
    async with serve(caddyfile, folder=folder, env={"PORT": "0", "USER": "tester"}) as app:
        yield app


async def call(app: App, path: str, **options: Any) -> dict[str, Any]:
    """Calls a function; it has to answer JSON."""
    status, body = await app.get(path, **options)
    assert status == 200, body
    answer: dict[str, Any] = json.loads(body)
    return answer


async def test_page_and_functions_of_the_example_site_answer(site: App) -> None:
    status, page = await site.get("/")
    assert status == 200
    for path in ("/hello", "/words", "/primes", "/dates", "/together", "/visits"):
        assert f'href="{path}' in page.decode()

    assert 'href="notes.html"' in page.decode()

    hello = await call(site, "/hello", data='{"name": "Ada"}')
    assert hello["greeting"] == "hello from tester"
    assert (hello["name"], hello["language"], hello["uri"]) == ("Ada", "C", "/hello")

    words = await call(site, "/words?text=to+be+or+not+to+be")
    assert (words["language"], words["words"], words["different"]) == ("Go", 6, 4)
    assert words["top"][0] == {"word": "be", "times": 2}

    primes = await call(site, "/primes?below=100000")
    assert (primes["language"], primes["count"], primes["last"][-1]) == ("Zig", 9592, 99_991)


async def test_the_example_counts_days_in_javascript(site: App) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date()
    dates = await call(site, f"/dates?until={tomorrow}")
    assert (dates["language"], dates["until"]) == ("JavaScript", str(tomorrow))
    assert dates["days"] in (0, 1)
    assert (await site.get("/dates?until=soon"))[0] == 400


async def test_the_example_asks_the_servers_that_it_may(site: App) -> None:
    together = await call(site, "/together")
    assert (together["greeting"], together["primes"]) == ("hello from tester", 168)
    assert "add the line 'allow_host example.com'" in together["elsewhere"]


async def test_the_example_remembers_its_visits(site: App) -> None:
    for number in range(1, 4):
        assert await call(site, "/visits") == {"language": "C", "visits": number}


async def test_orders_of_the_example_become_invoices_or_dead_letters(site: App) -> None:
    order = '{"item": "tea", "amount": 12.5}'
    assert (await site.get("/orders"))[0] == 405
    for body in (order, "a poisoned order"):
        async with site.session.post(f"{site.urls[0]}/orders", data=body) as answer:
            assert (answer.status, (await answer.json())["order"]) == (202, "accepted")
    (job,) = await done(site, 1)
    assert json.loads(job["body"]) == {"invoice": "12.50 for tea"}

    async def dead() -> dict[str, Any] | None:
        letters = (await ask(site, "/_sys/dlq"))["letters"]
        return letters[0] if letters else None

    letter = await until(dead)
    assert (letter["queue"], letter["attempts"]) == ("invoices", 2)


async def test_the_example_counts_by_the_clock(site: App) -> None:
    (minutes,) = (await ask(site, "/_sys/cron"))["schedules"]
    assert (minutes["name"], minutes["schedule"]) == ("minutes", "* * * * *")
    job = (await ask(site, "/_sys/cron/minutes/run", "POST"))["job"]
    assert json.loads((await over(site, job))["body"])["minutes"] >= 1


async def test_a_function_of_the_example_runs_later_when_asked_to(site: App) -> None:
    headers = {"X-Gojinn-Async": "true"}
    async with site.session.post(f"{site.urls[0]}/words", data="to be", headers=headers) as answer:
        assert answer.status == 202
        job = answer.headers["X-Gojinn-Job-ID"]
    assert json.loads((await over(site, job))["body"])["words"] == 2


async def test_notes_and_their_files_of_the_example_site_are_kept(site: App) -> None:
    for page in ("/notes.html", "/notes.js"):
        assert (await site.get(page))[0] == 200
    notes = site.urls[0] + "/api/notes"
    async with site.session.post(notes, data='{"text": "<b>oil</b>"}') as answer:
        assert (answer.status, (await answer.json())["id"]) == (201, 1)
    headers = {"Content-Type": "text/html"}
    async with site.session.put(
        notes + "/1/file?name=a%20b.html", data=b"\xff<b>", headers=headers
    ) as answer:
        assert await answer.json() == {"file": "a b.html", "size": 4}
    async with site.session.get(notes + "/1/file") as answer:
        assert await answer.read() == b"\xff<b>"
        assert answer.headers["Content-Disposition"].startswith("attachment")
    (note,) = json.loads((await site.get("/api/notes"))[1])
    assert (note["text"], note["file"]) == ("<b>oil</b>", "a b.html")

    stores = {each["kind"]: each for each in (await site.status())["stores"]}
    assert stores["database"]["name"] == "tenant:notes"
    assert stores["objects"]["functions"] == stores["database"]["functions"] == ["notes"]

    async with site.session.delete(notes + "/1") as answer:
        assert answer.status == 204
    for path in ("/api/notes/1/file", "/api/notes/9/none"):
        assert (await site.get(path))[0] == 404
    async with site.session.post(notes, data="no json") as answer:
        assert answer.status == 400


async def test_the_examples_fuel_limit_stops_a_long_calculation(site: App) -> None:
    status, body = await site.get("/primes?below=10000000")
    assert status == 502
    assert json.loads(body)["reason"] == "fuel"


async def test_a_page_outside_of_the_public_folder_is_not_served(site: App) -> None:
    for path in ("/Caddyfile", "/../Caddyfile", "/functions/hello/main.c"):
        assert (await site.get(path))[0] == 404


async def test_gallery_serves_the_languages_that_could_be_built(tmp_path: Path) -> None:
    for name in ("site", "gallery/c", "gallery/js", "gallery/rust"):
        shutil.copytree(EXAMPLES / name, tmp_path / name, ignore=shutil.ignore_patterns(*MADE, "build"))
    script = shutil.copy(EXAMPLES / "gallery.py", tmp_path)
    process = await asyncio.create_subprocess_exec(
        sys.executable, script, env={**os.environ, "PATH": str(tmp_path)}, stdout=PIPE
    )
    said, _ = await process.communicate()
    assert "gallery: no Rust: run 'rustup target add" in said.decode()
    assert "gallery: C, JavaScript;" in said.decode()

    site = tmp_path / "site"
    entries = json.loads((site / "public" / "gallery.json").read_text())
    assert [entry["title"] for entry in entries] == ["C", "JavaScript"]
    caddyfile = "http://localhost:0 {\n\timport gallery/*.caddy\n}\n"
    async with serve(caddyfile, folder=site) as app:
        for entry in entries:
            answer = await call(app, f"/{entry['path']}", data='{"id": "A-1", "value": 100}')
            assert (answer["order_id"], round(answer["total"], 6)) == ("A-1", 115)
