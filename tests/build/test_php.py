"""PHP: what does not load, with its place, and what is new in each request."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gojinn.build import php
from gojinn.build.bundle import Bundle
from gojinn.build.compile import build
from gojinn.build.interpret import load
from gojinn.build.languages import read
from gojinn.errors import BuildError
from gojinn.testing.app import App, serve

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

FUNCTION = Path(__file__).parent / "functions" / "php"
SITE = """\
:0
gojinn * %s {
	env GREETING hello
	debug_secret secret
}
"""


@pytest.fixture(autouse=True, scope="module")
def image(need_interpreter: Callable[[str], None]) -> None:
    need_interpreter("php")


def refused(source: str, **files: str) -> str:
    """What is said of a source that does not build."""
    interpreter = php.LANGUAGE.interpreter
    assert interpreter is not None
    with pytest.raises(BuildError) as caught:
        load(interpreter, Bundle("index.php", {"index.php": source, **files}))
    return caught.value.message


HOSTILE = {
    "syntax": ("<?php\nfunction handle() {\n  $x = ;\n}", "index.php:3: syntax error"),
    "cut off": ("<?php\nfunction handle() {\n  return [", "index.php:3", "nclosed"),
    "exception": ("<?php\nfunction f() {\n  throw new Exception('boom');\n}\nf();", "index.php:3", "boom"),
    "type error": ("<?php\n\nstrlen([]);", "index.php:3", "TypeError"),
    "undefined function": ("<?php\nnope();", "index.php:2", "undefined function nope()"),
    "recursion": ("<?php\nfunction f($n) { return f($n + 1) + 1; }\nf(0);", "index.php:2"),
    "recursion of a callback": (
        "<?php\nfunction f($n) { return array_map('f', [$n + 1]); }\nf(0);",
        "index.php:2",
        "call stack",
    ),
    "recursion of a getter": (
        "<?php\nclass A { function __get($n) { return $this->{$n . 'x'}; } }\n(new A)->x;",
        "index.php:2",
    ),
    "deep source": ("<?php\neval('return ' . str_repeat('(', 100000) . ';');", "index.php"),
    "deep JSON": (
        "<?php\n\njson_decode(str_repeat('[', 1000000), flags: JSON_THROW_ON_ERROR);",
        "index.php:3",
    ),
    "huge string": ("<?php\n\n$s = str_repeat('x', 1 << 30);", "index.php:3", "emory"),
    "too long a string": ("<?php\n$s = 'x';\nwhile (true) $s .= $s;", "index.php:3"),
    "exit": ("<?php\n\nexit(0);", "index.php:3: exit() while the function is loaded"),
    "die": ("<?php\n\ndie('done');", "index.php:3: exit() while the function is loaded"),
    "nothing": ("<?php\n$x = 1;", "index.php defines no function 'handle'"),
    "no PHP": ("\x7fELF\x01", "index.php defines no function 'handle'"),
    "empty": ("", "index.php defines no function 'handle'"),
    "missing file": ("<?php\nrequire 'nope.php';", "index.php:2", "nope.php"),
    "outside": ("<?php\nrequire '../../etc/passwd';", "index.php:2", "passwd"),
    "broken file": ("<?php\nrequire __DIR__ . '/lib/broken.php';", "lib/broken.php:2", "syntax error"),
    "host call": ("<?php\n\nGojinn\\Kv::get('a');", "kv.get cannot be used while", "index.php:3"),
    "redeclared": ("<?php\nfunction strlen() {}", "index.php:2"),
    "fiber": ("<?php\n(new Fiber(fn () => 1))->start();", "index.php:2", "no fibers"),
    "loop": (
        "<?php\n$i = 0;\nfunction spin() {\n  while (true) { $GLOBALS['i']++; }\n}\nspin();",
        "index.php:4",
        "is there an endless loop?",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_what_does_not_load_is_refused_with_its_place(name: str) -> None:
    source, *expected = HOSTILE[name]
    said = refused(source, **{"lib/broken.php": "<?php\nreturn +;\n"})
    assert not [part for part in expected if part not in said], said


async def test_warnings_and_output_at_the_top_are_told() -> None:
    interpreter = php.LANGUAGE.interpreter
    assert interpreter is not None
    source = "<?php\necho $undefined, 'written';\nreturn fn () => 'fine';"
    _, said = load(interpreter, Bundle("index.php", {"index.php": source}))
    assert said.splitlines() == ["index.php:2: warning: Undefined variable $undefined", "written"]


async def test_source_that_is_not_utf8_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "index.php").write_bytes(b"<?php\n// caf\xe9\nfunction handle() {}")
    with pytest.raises(BuildError) as caught:
        await build(read(tmp_path))
    assert "index.php:2:7: byte 0xe9 is not UTF-8" in caught.value.output


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served() -> AsyncIterator[App]:
    built = await build(read(FUNCTION))
    async with serve(SITE % built.project.output) as app:
        yield app


async def ask(app: App, path: str, **options: Any) -> tuple[int, Any, list[str]]:
    """The status, the body as JSON where it is some, the log."""
    headers = {"X-Gojinn-Debug": "secret", **options.pop("headers", {})}
    method = "POST" if "data" in options else "GET"
    async with app.session.request(method, app.url + path, headers=headers, **options) as response:
        log = json.loads(response.headers.get("X-Gojinn-Logs", "[]"))
        text = await response.text()
        return response.status, json.loads(text) if "json" in response.content_type else text, log


async def test_nothing_is_frozen_in_the_snapshot(served: App) -> None:
    one, two = [(await ask(served, "/fresh"))[1] for _ in range(2)]
    for kind in ("random_int", "mt_rand", "rand", "lcg", "bytes", "shuffle", "uniqid"):
        assert one[kind] != two[kind], kind
    assert two["time"] >= one["time"] > 1_700_000_000
    assert one["env"] == "hello"
    assert (one["count"], two["count"]) == (1, 1)


async def test_integers_have_64_bits(served: App) -> None:
    _, body, _ = await ask(served, "/integers")
    assert body == {
        "size": 8,
        "max": 2**63 - 1,
        "product": 3_000_000_000 * 3,
        "shift": 1 << 40,
        "hex": "7fffffffffffffff",
        "decoded": 9_007_199_254_740_993,
        "date": "2106-02-07",
        "pack": 2**40 + 5,
        "printf": "1099511627776",
        "overflow": "double",
        "sum": 2**33,
        "key": 2**35,
    }


FAILING = {
    "exception": "on purpose (RuntimeException)",
    "previous": "because: inner",
    "type": "TypeError",
    "nothing": "the handler returned nothing",
    "number": "the handler returned int",
    "status": "a response's status is '99'",
    "recursion": "call stack",
    "memory": "emory",
    "text": "Malformed UTF-8",
    "fatal": "index.php:",
    "denied": "kv.get: ",
    "argument": "Unknown named parameter $tll",
}


@pytest.mark.parametrize("name", FAILING)
async def test_failing_handler_is_a_500_and_its_error_is_logged(served: App, name: str) -> None:
    status, body, log = await ask(served, f"/fail/{name}")
    assert (status, body) == (500, {"title": "the function failed", "status": 500}), log
    assert FAILING[name] in "\n".join(log)
    assert (await ask(served, "/fresh"))[0] == 200


async def test_exit_sends_what_was_written(served: App) -> None:
    status, body, log = await ask(served, "/exit?name=Ada", headers={"Cookie": "a=b%20c"})
    assert (status, body, log) == (418, "hello, Ada b c\nlater\n", [])


async def test_output_beside_a_response_goes_to_the_log(served: App) -> None:
    status, body, log = await ask(served, "/echo", data={"x": "1", "y[]": "2"})
    assert (status, body) == (200, {"lib": "lib/a.php, templates too", "post": {"x": "1", "y": ["2"]}})
    assert log == ["warn: index.php:61: warning: Undefined variable $nope", "info: one", "info: two"]
