"""Perl: what is built, what is refused, and where an error is said to be."""

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

INTERPRETER = language("perl").interpreter
assert INTERPRETER is not None
FINE = "sub handle { Response->text('fine') }\n"


@pytest.fixture(autouse=True, scope="module")
def image(need_interpreter: Callable[[str], None]) -> None:
    need_interpreter("perl")


def compiled(folder: Path, source: str, **files: str) -> tuple[bytes, str]:
    """Compiles a main file with modules; keywords have '__' for '/'."""
    (folder / "index.pl").write_text(source)
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.pm"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    bundle, _ = INTERPRETER.bundle(folder, folder / "index.pl")
    assert INTERPRETER is not None
    return load(INTERPRETER, bundle)


HOSTILE = {
    "syntax": ("sub handle {\n  my $x = ;\n}\n", "syntax error at index.pl line 2"),
    "cut off": ("sub handle {\n  my $x = 'a", "index.pl line 2"),
    "exception": ("\nsub f { die 'boom' }\nf();\n", "boom at index.pl line 2."),
    "exception that is no text": ("\ndie { a => 1 };\n", "HASH"),
    "exception in a module": ("use Other;\n", "boom at Other.pm line 2."),
    "undeclared": ("use strict;\n\n$x = 1;\n", "index.pl line 3"),
    "exit": ("\nexit 0;\n", "called 'exit'", "at index.pl line 2"),
    "endless loop": ("my $i = 0;\nwhile (1) {\n  $i++;\n}\n", "is there an endless loop? at index.pl line 3"),
    "endless recursion": (
        "sub f { f($_[0] + 1) }\nf(0);\n",
        "is there an endless recursion? at index.pl line 1",
    ),
    "huge string": ("\nmy $n = 30; my $x = 'x' x 2**$n;\n", "index.pl"),
    "no handler": ("my $x = 1;\n", "there is no function 'handle'", "in index.pl"),
    "empty": ("", "there is no function 'handle'"),
    "missing module": ("\nuse Nope;\n", "Can't locate Nope.pm", "at index.pl line 2."),
    "host call": ("\nGojinn::KV->get('a');\n", "kv.get cannot be used while", "at index.pl line 2"),
    "no Perl": ("\x7fELF\x01\x02", "index.pl line 1"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_does_not_load_is_refused_with_its_place(tmp_path: Path, name: str) -> None:
    source, *expected = HOSTILE[name]
    with pytest.raises(BuildError) as caught:
        compiled(tmp_path, source, Other="package Other;\ndie 'boom';\n")
    assert not [part for part in expected if part not in caught.value.message], caught.value.message


def test_source_that_is_not_utf8_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "index.pl").write_bytes(FINE.encode() + b"# caf\xe9\n")
    with pytest.raises(BuildError, match=r"index\.pl:2:6: byte 0xe9 is not UTF-8"):
        INTERPRETER.bundle(tmp_path, tmp_path / "index.pl")


def test_modules_in_the_folder_are_loaded_and_what_is_printed_is_told(tmp_path: Path) -> None:
    files = {
        "vendor__lib__perl5__Greet__Word": "package Greet::Word;\nuse Own;\nour $WORD = 'grün';\n1;\n",
        "lib__Own": "package Own;\nuse List::Util 'sum';\nour $SUM = sum(1, 2);\n1;\n",
    }
    source = "use Greet::Word;\nprint \"$Greet::Word::WORD $Own::SUM\\n\";\nwarn 'careful';\n" + FINE
    module, said = compiled(tmp_path, source, **files)
    assert said == "grün 3\ncareful at index.pl line 3."
    info = inspect_module(module, "index.pl")
    assert {entry.module for entry in info.imports} == {"wasi_snapshot_preview1", "gojinn"}
    assert info.has_start


def test_folder_with_an_index_is_a_function(tmp_path: Path) -> None:
    (tmp_path / "index.pl").write_text(FINE)
    project = read(tmp_path)
    assert (project.language, project.source.name) == ("perl", "index.pl")


SERVED = """
use List::Util 'shuffle';
my $seed = rand;
sub handle {
  my ($request) = @_;
  my $path = $request->path;
  return Response->json([rand, join(',', shuffle 1 .. 99), $ENV{LIVE}]) if $path eq '/';
  return Response->json(time) if $path eq '/clock';
  return Response->json([Gojinn::JSON::decode('[1, 1.5, "1", true, null, "\\\\ud83d\\\\ude00"]'), \\0])
    if $path eq '/json';
  return 5 if $path eq '/number';
  return Response->json([length 'äß', 'äß']) if $path eq '/literal';
  return Response->json({}, 201) if $path eq '/option';
  return Response->text(deep(0)) if $path eq '/deep';
  return Response->bytes("caf\\xe9", 'text/plain') if $path eq '/bytes';
  exit if $path eq '/exit';
  print "printed\\n" if $path eq '/print';
  while ($path eq '/loop') { }
  return Response->text('x' x 2**($path eq '/huge' ? 30 : 1));
}
sub deep { my ($n) = @_; return 1 + deep($n + 1) }
"""


async def test_requests_differ_and_none_harms_the_worker(tmp_path: Path) -> None:
    module, _ = compiled(tmp_path, SERVED)
    (tmp_path / "served.wasm").write_bytes(module)
    block = "gojinn served.wasm {\ntimeout 1s\nmemory_limit 64MB\nenv LIVE yes\ndebug_secret s\n}"
    async with serve(f":0 {{\n{block}\n}}", folder=tmp_path) as app:

        async def get(path: str) -> tuple[int, bytes, str]:
            async with app.session.get(app.url + path, headers={"X-Gojinn-Debug": "s"}) as answer:
                return answer.status, await answer.read(), answer.headers.get("X-Gojinn-Logs", "")

        one, other = json.loads((await get("/"))[1]), json.loads((await get("/"))[1])
        assert one[2] == other[2] == "yes"
        assert one[0] != other[0]
        assert one[1] != other[1]
        assert abs(json.loads((await get("/clock"))[1]) - time.time()) < 60
        assert (await get("/json"))[1] == '[[1,1.5,"1",true,null,"😀"],false]'.encode()
        assert (await get("/literal"))[1] == '[2,"äß"]'.encode()
        assert (await get("/bytes"))[:2] == (200, b"caf\xe9")
        assert "printed" in (await get("/print"))[2]
        for path, said in (
            ("/exit", "called 'exit'"),
            ("/number", "'handle' returned '5', expected a Response: write return Response->text"),
            ("/option", "the option '201' is none of 'status => 201'"),
        ):
            found = await get(path)
            assert found[0] == 500
            assert said in found[2]
        assert (await get("/loop"))[0] == 504
        for path in ("/huge", "/deep"):
            assert (await get(path))[0] in (500, 502, 504)
        assert (await get("/"))[0] == 200
