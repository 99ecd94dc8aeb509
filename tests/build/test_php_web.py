"""PHP: what scripts for other servers expect of variables, forms, files and output."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from yarl import URL

from gojinn.build.compile import build
from gojinn.build.languages import read
from gojinn.testing.app import App, serve

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

FUNCTION = Path(__file__).parent / "functions" / "phpweb"
SITE = ":0\ngojinn * %s {\n\tdebug_secret secret\n}\n"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(need_interpreter: Callable[[str], None]) -> AsyncIterator[App]:
    need_interpreter("php")
    built = await build(read(FUNCTION))
    async with serve(SITE % built.project.output) as app:
        yield app


async def ask(app: App, path: str, method: str = "GET", **options: Any) -> tuple[Any, Any, list[str]]:
    """The answer, its body as JSON where it is some, the log."""
    headers = {"X-Gojinn-Debug": "secret", **options.pop("headers", {})}
    target = URL(app.url + path, encoded=True)
    async with app.session.request(
        method, target, headers=headers, allow_redirects=False, **options
    ) as response:
        log = json.loads(response.headers.get("X-Gojinn-Logs", "[]"))
        text = await response.text()
        return response, json.loads(text) if "json" in response.content_type else text, log


async def test_server_variables_are_those_of_other_servers(served: App) -> None:
    headers = {
        "Host": "shop.example:8443",
        "Content-Type": "text/plain",
        "Authorization": "Basic QWRhOmI6Yw==",
        "Cookie": "a[b]=c%20d; e=f; e=g",
        "X-Own-Name": "own",
    }
    _, body, _ = await ask(served, "/a%20b/c?x[]=1&x[]=2", "PUT", headers=headers, data=b"12345")
    server = body["server"]
    expected = {
        "REQUEST_METHOD": "PUT",
        "REQUEST_URI": "/a%20b/c?x[]=1&x[]=2",
        "QUERY_STRING": "x[]=1&x[]=2",
        "PATH_INFO": "/a b/c",
        "PHP_SELF": "/index.php/a b/c",
        "SCRIPT_NAME": "/index.php",
        "SCRIPT_FILENAME": "/index.php",
        "DOCUMENT_ROOT": "/",
        "SERVER_NAME": "shop.example",
        "SERVER_PORT": "8443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_SOFTWARE": "Gojinn",
        "REQUEST_SCHEME": "http",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "shop.example:8443",
        "HTTP_X_OWN_NAME": "own",
        "CONTENT_TYPE": "text/plain",
        "CONTENT_LENGTH": "5",
        "PHP_AUTH_USER": "Ada",
        "PHP_AUTH_PW": "b:c",
    }
    assert {name: server.get(name) for name in expected} == expected
    assert isinstance(server["REQUEST_TIME"], int)
    assert server["REQUEST_TIME"] <= server["REQUEST_TIME_FLOAT"] < server["REQUEST_TIME"] + 1
    assert "HTTPS" not in server
    assert body["all"]["X-Own-Name"] == "own"
    assert (body["get"], body["cookie"]) == ({"x": ["1", "2"]}, {"a": {"b": "c d"}, "e": "f"})


async def test_header_proxy_and_names_with_underscores_are_no_variables(served: App) -> None:
    headers = {"Proxy": "http://evil.example", "X_Forwarded_For": "1.2.3.4", "X-Other": "1"}
    _, body, _ = await ask(served, "/variables", headers=headers)
    server = body["server"]
    assert not {"HTTP_PROXY", "HTTP_X_FORWARDED_FOR"} & server.keys()
    assert server["HTTP_X_OTHER"] == "1"
    assert "PATH_INFO" in server


async def test_forms_of_both_kinds_are_read(served: App) -> None:
    _, body, _ = await ask(served, "/form?q=1&a=0", "POST", data={"a": "1", "b[x][]": "2"})
    assert body["post"] == {"a": "1", "b": {"x": ["2"]}}
    assert body["request"] == {"q": "1", "a": "1", "b": {"x": ["2"]}}
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("note", 'a "quoted"\r\n--line')
    form.add_field("tags[]", "x")
    form.add_field("tags[]", "y")
    form.add_field("empty", b"", filename="")
    form.add_field("docs[a]", b"\xff\x00", filename="dir/one.bin", content_type="image/x")
    form.add_field("docs[b]", b"", filename="two.txt")
    _, body, log = await ask(served, "/form", "POST", data=form)
    assert log == []
    assert body["post"] == {"note": 'a "quoted"\r\n--line', "tags": ["x", "y"]}
    docs, empty = body["files"]["docs"], body["files"]["empty"]
    assert (empty["error"], empty["tmp_name"], empty["size"]) == (4, "", 0)
    assert docs["name"] == {"a": "one.bin", "b": "two.txt"}
    assert docs["full_path"]["a"] == "dir/one.bin"
    assert (docs["type"]["a"], docs["size"], docs["error"]) == ("image/x", {"a": 2, "b": 0}, {"a": 0, "b": 0})
    assert docs["tmp_name"]["a"].startswith("/tmp/php")
    assert body["input"] > 300


MALFORMED = {
    "nothing": (b"", {}, {}),
    "cut off in a file": (
        b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
        b'--B\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\nhalf',
        {"a": "1"},
        {"f": 3},
    ),
    "cut off in a head": (b'--B\r\nContent-Disposition: form-data; name="a"', {}, {}),
    "a preamble and no end": (
        b"ignored\r\n--B\r\ncontent-disposition: FORM-DATA; name=a\r\n\r\n\r\n--B",
        {"a": ""},
        {},
    ),
    "no name": (b"--B\r\nContent-Disposition: form-data\r\n\r\n1\r\n--B--", {}, {}),
    "other boundary": (b'--C\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--C--', {}, {}),
    "huge head": (
        b'--B\r\nContent-Disposition: form-data; name="' + b"a" * 10_000 + b'"\r\n\r\n1\r\n--B--',
        {},
        {},
    ),
}


@pytest.mark.parametrize("name", MALFORMED)
async def test_malformed_forms_are_read_as_far_as_they_go(served: App, name: str) -> None:
    data, fields, errors = MALFORMED[name]
    headers = {"Content-Type": "multipart/form-data; boundary=B"}
    _, body, log = await ask(served, "/form", "POST", data=data, headers=headers)
    files = body["files"] or {}
    assert ((body["post"] or {}), {key: file["error"] for key, file in files.items()}) == (fields, errors)
    assert log == []


async def test_form_without_boundary_is_told(served: App) -> None:
    headers = {"Content-Type": "multipart/form-data"}
    _, body, log = await ask(served, "/form", "POST", data=b"--B--", headers=headers)
    assert body["post"] == []
    assert "no boundary" in log[0]


async def test_uploads_can_be_moved_within_tmp(served: App) -> None:
    form = aiohttp.FormData()
    content = bytes(range(256)) * 4000
    form.add_field("photo", content, filename="p.jpg")
    _, body, _ = await ask(served, "/upload", "POST", data=form)
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    moved = {"read": digest, "moved": True, "left": False}
    assert body == {**moved, "twice": False, "other": False, "elsewhere": False}


async def test_tmp_is_in_memory_and_sources_can_be_read(served: App) -> None:
    for _ in range(2):  # nothing is left for the next request
        _, body, log = await ask(served, "/files")
        assert body.pop("named").startswith("/tmp/abc")
        assert body == {
            "lines": ["one", "TWO", "three"],
            "found": [True, True, False, 14],
            "listed": [".", "..", "c.txt"],
            "unnamed": 1000,
            "large": 3 << 20,
            "removed": [True, False, True],
            "source": "<p>a page</p>",
            "sources": [True, True, "/index.php", False],
            "temporary": False,
            "written": False,
            "missing": False,
        }
        assert len(log) == 4
        assert log[0].startswith("warn: index.php:")
        assert "'/a.txt': nothing can be written outside of /tmp" in log[0]
        assert "there is no file '/nope.txt'" in log[2]


async def test_error_log_and_standard_error_reach_the_log(served: App) -> None:
    _, _, log = await ask(served, "/log")
    text = "\n".join(log)
    for said in ("error: to the log", "a line", "another", "to standard error", "and again"):
        assert said in text


async def test_output_is_kept_however_it_is_buffered(served: App) -> None:
    response, body, log = await ask(served, "/streamed")
    assert (response.status, body, log) == (200, "ONE TWO THREE", [])
    assert response.headers.getall("X-Many") == ["1", "2"]
    assert response.headers.getall("X-Once") == ["2"]
    assert response.headers["X-Late"] == "yes"
    assert response.headers["Content-Type"] == "text/html; charset=UTF-8"
    cookies = response.headers.getall("Set-Cookie")
    assert cookies == ["a=b%20c; path=/; HttpOnly; SameSite=Lax", "d=e"]


async def test_exit_answers_with_what_there_is(served: App) -> None:
    for how, text in (("text", "first last"), ("status", "first ")):
        response, body, log = await ask(served, f"/exit?how={how}")
        assert (response.status, response.headers["Location"], body, log) == (302, "/elsewhere", text, [])


async def test_output_after_a_response_goes_to_the_log(served: App) -> None:
    _, body, log = await ask(served, "/late")
    assert (body, log) == ("answered", ["info: for the log"])


HINTS = {
    "/session": "undefined function session_start(): there are no sessions",
    "/pdo": 'Class "PDO" not found: there are no drivers of databases',
    "/use": "Class \"Sql\" not found: write 'use Gojinn\\Sql;' at the top of the file",
    "/gz": "undefined function gzencode(): that extension is not part of PHP here",
}


@pytest.mark.parametrize("path", HINTS)
async def test_missing_extensions_say_what_to_use(served: App, path: str) -> None:
    response, _, log = await ask(served, path)
    assert response.status == 500
    assert HINTS[path] in "\n".join(log)
