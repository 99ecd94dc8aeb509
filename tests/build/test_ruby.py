"""Ruby: what is built, what is refused, and where an error is said to be."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gojinn.build.interpret import load
from gojinn.build.languages import language, read
from gojinn.engine.inspect import inspect_module
from gojinn.errors import BuildError
from gojinn.testing.app import serve

pytestmark = [pytest.mark.slow, pytest.mark.toolchain, pytest.mark.timeout(600)]

INTERPRETER = language("ruby").interpreter
assert INTERPRETER is not None
FINE = "def handle(request) = Response.text('fine')\n"


@pytest.fixture(autouse=True, scope="module")
def image(need_interpreter: Callable[[str], None]) -> None:
    need_interpreter("ruby")


def compiled(folder: Path, source: str, **files: str) -> tuple[bytes, str]:
    """Compiles a main file with others; keywords have '__' for '/'."""
    for name, text in {"index": source, **files}.items():
        path = folder / f"{name.replace('__', '/')}.rb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    bundle, _ = INTERPRETER.bundle(folder, folder / "index.rb")
    assert INTERPRETER is not None
    return load(INTERPRETER, bundle)


HOSTILE = {
    "syntax": ("def handle(request)\n  x = (\nend\n", "index.rb:3: syntax errors found", "> 2 |   x = ("),
    "exception": (
        "def f = raise(TypeError, 'boom')\n\nf\n",
        "boom (TypeError)",
        "index.rb:1:in",
        "index.rb:3:in",
    ),
    "exception in another file": ("require_relative 'other'\n", "index.rb:1", "other.rb:2", "nope"),
    "exit": ("\nexit 0\n", "called 'exit'", "index.rb:2"),
    "hard exit": ("\nexit! 0\n", "called 'exit'", "index.rb:2"),
    "endless loop": ("i = 0\nwhile true\n  i += 1\nend\n", "is there an endless loop?", "index.rb:3"),
    "endless recursion": ("def f(n) = f(n + 1) + 1\nf(0)\n", "is there an endless recursion?", "index.rb:1"),
    "huge string": ("\n'x' * (2**30 - 1)\n", "NoMemoryError", "index.rb:2"),
    "all memory": ("a = []\nloop { a << 'x' * 2**24 }\n", "NoMemoryError", "index.rb:2"),
    "no handler": ("x = 1\n", "there is no method 'handle'"),
    "a handler with two arguments": ("\ndef handle(a, b) = 1\n", "index.rb:2", "takes 2 arguments"),
    "empty": ("", "there is no method 'handle'"),
    "missing file": ("require_relative 'nope'\n", "LoadError", "nope", "index.rb:1"),
    "missing gem": ("require 'rails'\n", "LoadError", "rails", "index.rb:1"),
    "host call": ("\nGojinn::KV.get('a')\n", "kv.get cannot be used while", "index.rb:2"),
    "no Ruby": ("\x7fELF\x01\x02", "index.rb:1"),
    "thrown symbol": ("\nthrow :x\n", "uncaught throw :x", "index.rb:2"),
    "message that cannot be made": (
        "class E < StandardError; def message = raise(self); end\nraise E\n",
        "error",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_does_not_load_is_refused_with_its_place(tmp_path: Path, name: str) -> None:
    source, *expected = HOSTILE[name]
    with pytest.raises(BuildError) as caught:
        compiled(tmp_path, source, other="\nnope\n")
    assert not [part for part in expected if part not in caught.value.message], caught.value.message


def test_source_that_is_not_utf8_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "index.rb").write_bytes(FINE.encode() + b"# caf\xe9\n")
    with pytest.raises(BuildError, match=r"index\.rb:2:6: byte 0xe9 is not UTF-8"):
        INTERPRETER.bundle(tmp_path, tmp_path / "index.rb")


def test_gems_in_the_folder_are_loaded_and_what_is_printed_is_told(tmp_path: Path) -> None:
    vendored = "vendor__bundle__ruby__3.4.0__gems__greet-1.0__lib__greet"
    files = {
        vendored: "require 'greet/version'\nrequire_relative 'greet/word'\n",
        f"{vendored}__version": "module Greet; VERSION = '1.0'; end\n",
        f"{vendored}__word": "module Greet\n  autoload :Late, 'greet/late'\n  WORD = 'hello'\nend\n",
        f"{vendored}__late": "module Greet; Late = 'late'; end\n",
        "lib__own": "OWN = 'own'\n",
    }
    source = "require 'greet'\nrequire 'own'\nputs Greet::WORD, Greet::VERSION, Greet::Late, OWN\n" + FINE
    module, said = compiled(tmp_path, source, **files)
    assert said == "hello\n1.0\nlate\nown"
    info = inspect_module(module, "index.rb")
    assert {entry.module for entry in info.imports} == {"wasi_snapshot_preview1", "gojinn"}
    assert info.has_start


def test_folder_with_an_index_is_a_function(tmp_path: Path) -> None:
    (tmp_path / "index.rb").write_text(FINE)
    project = read(tmp_path)
    assert (project.language, project.source.name) == ("ruby", "index.rb")


SERVED = """
require "securerandom"
SEED = rand
def handle(request)
  case request.path
  when "/" then Response.json([rand, Random.new.rand, SecureRandom.hex(8), [*1..99].shuffle, ENV["LIVE"]])
  when "/clock" then Response.json(Time.now.to_f)
  when "/exit" then exit
  when "/number" then 5
  when "/loop" then loop {}
  when "/deep" then deep(0)
  when "/stack" then 1.upto(1) { |n| nest(n) }
  when "/huge" then Response.text("x" * 2**30)
  when "/garbage" then Response.json(200_000.times.sum { |n| n.to_s.size })
  when "/bytes" then Response.text("caf\\xe9")
  when "/print" then puts("printed") || Response.empty
  end
end
def deep(n) = deep(n + 1) + 1
def nest(n) = [n].each { |m| nest(m + 1) }
"""


async def test_requests_differ_and_none_harms_the_worker(tmp_path: Path) -> None:
    module, _ = compiled(tmp_path, SERVED)
    (tmp_path / "served.wasm").write_bytes(module)
    block = "gojinn served.wasm {\ntimeout 1s\nmemory_limit 256MB\nenv LIVE yes\ndebug_secret s\n}"
    async with serve(f":0 {{\n{block}\n}}", folder=tmp_path) as app:

        async def get(path: str) -> tuple[int, str, str]:
            async with app.session.get(app.url + path, headers={"X-Gojinn-Debug": "s"}) as answer:
                return (
                    answer.status,
                    await answer.text(errors="replace"),
                    answer.headers.get("X-Gojinn-Logs", ""),
                )

        one, other = json.loads((await get("/"))[1]), json.loads((await get("/"))[1])
        assert one[4] == other[4] == "yes"
        assert not [pair for pair in zip(one[:4], other[:4], strict=True) if pair[0] == pair[1]]
        assert abs(json.loads((await get("/clock"))[1]) - time.time()) < 60
        assert (await get("/bytes"))[:2] == (200, "caf\ufffd")
        assert (await get("/garbage"))[0] == 200
        assert "printed" in (await get("/print"))[2]
        for path, status, said in (
            ("/exit", 500, "called 'exit'"),
            ("/number", 500, "index.rb:4: 'handle' returned 5 (Integer), expected a Response"),
            ("/none", 500, "returned nil"),
            ("/deep", 500, "endless recursion"),
            ("/huge", 500, "NoMemoryError"),
        ):
            found = await get(path)
            assert found[0] == status, (path, found)
            assert said in found[2], (path, found)
        assert (await get("/loop"))[0] == 504
        assert (await get("/stack"))[0] in (500, 502)
        assert (await get("/"))[0] == 200
