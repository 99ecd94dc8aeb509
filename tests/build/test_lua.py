"""Lua: what does not load, with its place, and what is new in each request."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gojinn.build import lua
from gojinn.build.bundle import Bundle
from gojinn.build.compile import build
from gojinn.build.interpret import load
from gojinn.build.languages import read
from gojinn.engine.inspect import inspect_module
from gojinn.errors import BuildError
from gojinn.testing.app import App, serve

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

FUNCTION = Path(__file__).parent / "functions" / "lua"
SITE = """\
:0
gojinn * %s {
	env GREETING hello
	debug_secret secret
}
"""


@pytest.fixture(autouse=True, scope="module")
def image(need_interpreter: Callable[[str], None]) -> None:
    need_interpreter("lua")


def refused(source: str, **files: str) -> str:
    """What is said of a source that does not build."""
    interpreter = lua.LANGUAGE.interpreter
    assert interpreter is not None
    with pytest.raises(BuildError) as caught:
        load(interpreter, Bundle("main.lua", {"main.lua": source, **files}))
    return caught.value.message


HOSTILE = {
    "syntax": ("return function()\n  local x = \nend", "main.lua:3: unexpected symbol"),
    "cut off": ("return function()\n  return {", "main.lua:2: unexpected symbol near <eof>"),
    "exception": ("\n\nlocal function f() error('boom') end\nf()", "main.lua:3: boom", "at main.lua:4"),
    "nil": ("local a = nil\nreturn a.b.c", "main.lua:2: attempt to index a nil value (local 'a')"),
    "thrown table": ("error { a = { 1 } }", '(error object: {"a":[1]})', "at main.lua:1"),
    "thrown nil": ("error(nil)", "error object: nil"),
    "thrown nonsense": (
        "error(setmetatable({}, { __tostring = function() error 'x' end }))",
        "an error that cannot be shown",
    ),
    "recursion": ("local function f(n) return f(n + 1) + 1 end\nf(0)", "main.lua:1: stack overflow"),
    "recursion of a metamethod": (
        "local t = setmetatable({}, { __index = function(t, k) return t[k + 1] end })\nreturn t[1]",
        "main.lua:1: C stack overflow",
    ),
    "deep source": ("assert(load('return ' .. ('('):rep(1e5)))", "main.lua:1", "overflow"),
    "deep JSON": ("\nrequire 'gojinn'.json.decode(('['):rep(1e6))", "main.lua:2: not JSON", "too deeply"),
    "cycle": ("local t = {}\nt[1] = t\nrequire 'gojinn'.json.encode(t)", "main.lua:3", "contains itself"),
    "huge string": ("\nlocal s = ('x'):rep(1 << 30)", "main.lua:2: not enough memory"),
    "too long a string": ("local s = 'x'\nwhile true do s = s .. s end", "main.lua:2: not enough memory"),
    "exit": ("\nos.exit(0)", "main.lua:2: os.exit() was called"),
    "nothing": ("local x = 1", "main.lua returns nothing, expected a function"),
    "number": ("return 5", "main.lua returns a number, expected a function"),
    "table": ("return { get = 1 }", "a table, expected a function or a table with 'handle'"),
    "missing module": ("\nrequire 'nope'", "main.lua:2: module 'nope' not found", "'nope/init.lua'"),
    "broken module": ("return require 'lib.broken'", "lib/broken.lua:2: "),
    "host call": ("\nrequire 'gojinn'.kv.get 'a'", "kv.get cannot be used while", "main.lua:2"),
    "random bytes": ("\nrequire 'gojinn'.random(5)", "main.lua:2: random bytes would be the same"),
    "no Lua": ("\x7fELF\x01", "main.lua:1"),
    "NUL": ("return function() end\0", "main.lua:1"),
    "broken builtins": ("_G.error, _G.string, _G.type = nil\nlocal x = nil\nx.y()", "main.lua:3"),
    "loop": (
        "local i = 0\nlocal function spin()\n  while true do i = i + 1 end\nend\nspin()",
        "main.lua:3",
        "is there an endless loop?",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_what_does_not_load_is_refused_with_its_place(name: str) -> None:
    source, *expected = HOSTILE[name]
    said = refused(source, **{"lib/broken.lua": "\nreturn +\n"})
    assert not [part for part in expected if part not in said], said


async def test_random_number_at_the_top_is_a_warning() -> None:
    interpreter = lua.LANGUAGE.interpreter
    assert interpreter is not None
    source = "local id = math.random()\nmath.random()\nreturn function() return { id = id } end"
    module, said = load(interpreter, Bundle("main.lua", {"main.lua": source}))
    assert said.count("the same for all requests") == said.count("main.lua:1") == 1
    info = inspect_module(module, "main.lua")
    assert dict(info.exports) == {"memory": "memory", "_start": "func"}
    assert not [entry.name for entry in info.imports if entry.name.startswith("path_")]


async def test_a_main_file_may_be_a_link_to_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "shared.lua").write_text("return function() return {} end\n")
    folder = tmp_path / "function"
    folder.mkdir()
    (folder / "main.lua").symlink_to("../shared.lua")
    assert (await build(read(folder))).fresh


async def test_a_main_file_in_another_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "shared.lua").write_text("return function() return {} end\n")
    folder = tmp_path / "function"
    folder.mkdir()
    (folder / "gojinn.toml").write_text('language = "lua"\nsource = "../shared.lua"\n')
    with pytest.raises(BuildError) as caught:
        await build(read(folder))
    assert "shared.lua' is not in the function's folder" in caught.value.output
    assert "Traceback" not in caught.value.output


async def test_source_that_is_not_utf8_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "main.lua").write_bytes(b"return function() end\n-- caf\xe9\n")
    with pytest.raises(BuildError) as caught:
        await build(read(tmp_path))
    assert "main.lua:2:7: byte 0xe9 is not UTF-8" in caught.value.output


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served() -> AsyncIterator[App]:
    built = await build(read(FUNCTION))
    async with serve(SITE % built.project.output) as app:
        yield app


async def ask(app: App, path: str) -> tuple[int, Any, list[str]]:
    """The status, the body as JSON where it is some, the log."""
    async with app.session.get(app.url + path, headers={"X-Gojinn-Debug": "secret"}) as response:
        log = json.loads(response.headers.get("X-Gojinn-Logs", "[]"))
        text = await response.text()
        return response.status, json.loads(text) if "json" in response.content_type else text, log


async def test_nothing_is_frozen_in_the_snapshot(served: App) -> None:
    one, two = [(await ask(served, "/fresh"))[1] for _ in range(2)]
    assert one["random"] != two["random"]
    assert one["bytes"] != two["bytes"]
    assert two["time"] >= one["time"] > 1_700_000_000
    assert one["env"] == "hello"
    assert (one["count"], two["count"]) == (1, 1)


FAILING = {
    "error": "main.lua:",
    "object": 'error object: {"code":7}',
    "nothing": "the handler returned nothing",
    "number": "the handler returned a number",
    "status": "a response's status is '99'",
    "recursion": "stack overflow",
    "metamethods": "C stack overflow",
    "cycle": "contains itself",
    "mixed": "both names and numbers",
    "text": "not UTF-8, at byte 2",
    "memory": "not enough memory",
    "exit": "os.exit() was called",
    "option": "there is no option 'tll', expected one of: ttl",
    "denied": "kv.get: ",
}


@pytest.mark.parametrize("name", FAILING)
async def test_failing_handler_is_a_500_and_its_error_is_logged(served: App, name: str) -> None:
    status, body, log = await ask(served, f"/fail/{name}")
    assert (status, body) == (500, {"title": "the function failed", "status": 500}), log
    assert FAILING[name] in "\n".join(log)
    assert (await ask(served, "/fresh"))[0] == 200


async def test_files_of_the_folder_and_the_log_are_there(served: App) -> None:
    status, body, log = await ask(served, "/print")
    assert (status, body["lib"]) == (200, "from lib/init.lua")
    assert [line.split(": ", 1)[1] for line in log] == ["a\t1\tnil", "one", "two", "to stderr"]
    assert "there are no files" in body["open"]
