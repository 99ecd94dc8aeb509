"""Building Python: what is told of mistakes, and what a built function can do."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from gojinn.build.compile import build
from gojinn.build.interpret import load
from gojinn.build.languages import language, read
from gojinn.build.python import bundling as bundles
from gojinn.build.python.bundling import bundling
from gojinn.build.python.language import INTERPRETER
from gojinn.build.sdk import SDKS
from gojinn.cli.scaffold import scaffold
from gojinn.config.units import Secret
from gojinn.engine.cache import CompileCache
from gojinn.engine.inspect import inspect_module
from gojinn.errors import BuildError
from gojinn.functions.config import FunctionConfig
from gojinn.functions.envelope import encode
from gojinn.functions.invocation import Invocation, Result
from gojinn.functions.lines import Variable
from gojinn.testing.platform import opened_platform

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

FINE = "def handle(request):\n    return 'fine'\n"

SOURCE = '''
"""A function."""
import asyncio, os, random, secrets, sys, uuid
from gojinn_sdk import Request, Response
from text import loud

print("loaded", random.random() < 1)

def broken():
    return [][3]

async def slow(number):
    await asyncio.sleep(0.02)
    return number

async def handle(request: Request):
    if request.path == "/fail":
        broken()
    if request.path == "/random":
        return {"all": [random.random(), secrets.token_hex(8), str(uuid.uuid4()), os.urandom(8).hex()]}
    if request.path == "/late":
        import csv, hashlib, zlib
        from datetime import datetime
        from decimal import Decimal
        from later import value
        assert zlib.decompress(zlib.compress(b"x")) == b"x" and len(hashlib.blake2b(b"x").digest()) == 64
        key = hashlib.scrypt(b"", salt=b"", n=16, r=1, p=1).hex()
        assert key.startswith("77d6576238657b203b19ca42c18a0497")
        year = datetime.strptime("2026-01-02", "%Y-%m-%d").year
        return [year, len(list(csv.reader(["a,b"]))), str(Decimal("0.1") * 3), value]
    if request.path == "/files":
        from importlib import metadata, resources
        from zoneinfo import ZoneInfo
        with open("data/words.txt") as file:
            words = file.read().split()
        told = resources.files("packed").joinpath("told.txt").read_text()
        return [words, told, metadata.version("packed")]
    if request.path == "/gather":
        return await asyncio.gather(*map(slow, range(50)))
    if request.path == "/exit":
        sys.exit(7)
    if request.path == "/number":
        return 5
    if request.path == "/deep":
        return request.json()
    if request.path == "/print":
        print("one", 2)
        print("three", file=sys.stderr, end="")
        return None
    return Response.text(loud(os.environ["NAME"]), 201)
'''
PATHS = ("/random", "/random?again", "/", "/fail", "/late", "/gather", "/exit", "/number", "/print", "/files")
DEEP = b"[" * 1_000_000


@pytest.fixture(autouse=True, scope="module")
def image(need_interpreter: Callable[[str], None]) -> None:
    need_interpreter("python")


def write(folder: Path, **sources: str | bytes) -> Path:
    """Makes a function's folder; keywords have '_' for '.'."""
    for name, text in sources.items():
        content = text.encode() if isinstance(text, str) else text
        (folder / name.replace("_", ".")).write_bytes(content)
    return folder


def wheel(folder: Path, tag: str) -> str:
    """Makes a package of one module, one text and what describes it; the file's name."""
    name = f"packed-1.5-{tag}.whl"
    info = "packed-1.5.dist-info"
    with zipfile.ZipFile(folder / name, "w") as file:
        file.writestr("packed/__init__.py", "def shout(text):\n    return text.upper()\n")
        file.writestr("packed/told.txt", "told")
        file.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: packed\nVersion: 1.5\n")
        file.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n")
        file.writestr(f"{info}/RECORD", "")
    return f"./{name}\n"


async def ask_all(folder: Path, cache: CompileCache) -> dict[str, Result]:
    """Builds the function and asks it."""
    module, found = (await build(read(folder))).project.output, {}
    async with opened_platform(cache) as platform:
        variables = (Variable("NAME", Secret("a live name")),)
        function = await platform.function(FunctionConfig(str(module), timeout=30.0, env=variables))

        async def ask(path: str, body: bytes = b"") -> Result:
            stdin = encode("GET", path, {}, body, trace="", tenant="default", client_ip="", trigger="http")
            return await platform.runner.run(Invocation(function, stdin))

        for path in PATHS:
            found[path] = await ask(path)
        found["/deep"] = await ask("/deep", DEEP)
    return found


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, image: None) -> dict[str, Result]:
    """The results of asking each path, and one of them twice."""
    folder = tmp_path_factory.mktemp("python")
    requirements = wheel(folder, "py3-none-any")
    text = "from packed import shout\n\ndef loud(text):\n    return shout(text)\n"
    write(folder, main_py=SOURCE, text_py=text, later_py="value = 'later'\n", requirements_txt=requirements)
    (folder / "data").mkdir()
    (folder / "data/words.txt").write_text("some words")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GREETING", "of the machine that builds")
        return asyncio.run(ask_all(folder, CompileCache(tmp_path_factory.mktemp("cache"))))


def answer(result: Result) -> object:
    """What a function answered in JSON."""
    assert result.reply is not None, result.error
    return json.loads(result.reply.body)


def test_two_instances_have_different_random_numbers(results: dict[str, Result]) -> None:
    first, second = (answer(results[path]) for path in ("/random", "/random?again"))
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert not set(first["all"]) & set(second["all"])


def test_the_environment_is_that_of_the_configuration(results: dict[str, Result]) -> None:
    reply = results["/"].reply
    assert reply is not None
    assert (reply.status, reply.body) == (201, b"A LIVE NAME")


def test_an_exception_is_logged_with_the_functions_own_lines(results: dict[str, Result]) -> None:
    result = results["/fail"]
    assert result.reply is not None
    assert result.reply.status == 500
    assert b"index" not in result.reply.body
    lines = [record.text for record in result.log]
    assert lines[0] == "list index out of range"
    assert '  File "main.py", line 10, in broken' in lines
    assert "    return [][3]" in lines
    assert not any("gojinn_" in line for line in lines)


def test_modules_that_are_imported_late_are_there(results: dict[str, Result]) -> None:
    assert answer(results["/late"]) == [2026, 1, "0.3", "later"]


def test_files_of_the_function_and_its_packages_can_be_read(results: dict[str, Result]) -> None:
    assert answer(results["/files"]) == [["some", "words"], "told", "1.5"]


def test_coroutines_run_side_by_side(results: dict[str, Result]) -> None:
    assert answer(results["/gather"]) == list(range(50))


def test_an_exit_is_that_of_the_module(results: dict[str, Result]) -> None:
    result = results["/exit"]
    assert result.error is not None
    assert "exited with code 7" in str(result.error)
    assert result.log[0].text == "the function called sys.exit(7)"


def test_an_answer_that_is_none_is_explained(results: dict[str, Result]) -> None:
    assert results["/number"].log[0].text.startswith("main.py:")
    assert "'handle' returned 5 (int), expected a Response" in results["/number"].log[0].text


def test_a_request_that_is_nested_too_deep_is_no_crash(results: dict[str, Result]) -> None:
    result = results["/deep"]
    assert result.error is None
    assert "maximum recursion depth exceeded" in result.log[0].text


def test_what_is_printed_is_logged(results: dict[str, Result]) -> None:
    printed = [record.text for record in results["/print"].log]
    assert printed[:2] == ["one 2", "three"]
    assert [text.partition(": ")[2][:22] for text in printed[2:]] == ["'handle' returned None"]


HOSTILE: dict[str, tuple[str | bytes, ...]] = {
    "syntax": ("def handle(request):\n    x = (1,\n", "main.py:2:9: '(' was never closed\n      x = (1,\n"),
    "cut off": ("def handle(request):\n    return f'{", "main.py:2:14: '{' was never closed"),
    "exception": ("\n\ndef f():\n    1 / 0\nf()\n", 'File "main.py", line 4, in f', "ZeroDivisionError"),
    "in another file": ("import other\n", 'File "other.py", line 2', "KeyError: 'gone'"),
    "exit": ("import sys\nsys.exit(3)\n", "sys.exit(3) while it was built", 'File "main.py", line 2'),
    "exit at once": ("import os\nos._exit(5)\n", "ended while it was prepared, with code 5"),
    "recursion": ("def f(n): return f(n) + 1\nf(0)\n", 'File "main.py", line 1', "RecursionError"),
    "recursion of C": ("def f(x): return sorted([x], key=f)\nf(1)\n", "main.py", "RecursionError"),
    "deep JSON": ("import json\njson.loads('[' * 10**6)\n", 'File "main.py", line 2', "RecursionError"),
    "deep source": ("\neval('(' * 10**5)\n", 'File "main.py", line 2', "too complex"),
    "huge string": ("\n'x' * 2**30\n", 'File "main.py", line 2', "MemoryError"),
    "all memory": ("a = []\nwhile True: a.append(bytearray(1 << 24))\n", "main.py", "MemoryError"),
    "no handler": ("x = 1\n", "the function defines no 'handle'"),
    "empty": ("", "the function defines no 'handle'"),
    "missing": ("\nimport nope\n", 'File "main.py", line 2', "No module named 'nope'"),
    "host call": ("from gojinn_sdk import kv\nkv.get('a')\n", "'kv.get' cannot be used while", "line 2"),
    "NUL": ("x = 1\n\0", "main.py:2:1: a source cannot have NUL bytes"),
    "Latin": (b"x = 1\n# caf\xe9\n", "main.py:2:6: byte 0xe9 is not UTF-8"),
    "no such encoding": ("# coding: nope\n", "main.py:1:1: unknown encoding: nope"),
    "no Python": (b"\x7fELF\x02\x01\xff\0", "main.py:1:8: a source cannot have NUL bytes"),
    "error that cannot be told": (
        "class E(Exception):\n    def __str__(self): raise self\nraise E\n",
        'File "main.py", line 3',
    ),
    "nothing left": (
        "import builtins\nbuiltins.str = builtins.len = None\n1 / 0\n",
        "main.py:3: ZeroDivision",
    ),
    "no streams": ("import sys\nsys.stdout = sys.stderr = None\n1 / 0\n", 'File "main.py", line 3'),
    "broken code": (
        "def f(): pass\nf.__code__ = f.__code__.replace(co_code=b'\\xff\\xff')\nf()\n",
        'File "main.py", line 3',
    ),
}


def refused(folder: Path, source: str | bytes) -> str:
    """What is said of a function that does not build."""
    write(folder, main_py=source, other_py="x = {}\nx['gone']\n")
    with pytest.raises(BuildError) as caught:
        load(INTERPRETER, bundling(folder, folder / "main.py", ())[0])
    return caught.value.message


@pytest.mark.parametrize("name", HOSTILE)
def test_what_does_not_load_is_refused_with_its_place(tmp_path: Path, name: str) -> None:
    source, *expected = HOSTILE[name]
    said = refused(tmp_path, source)
    assert not [part for part in expected if str(part) not in said], said
    assert "gojinn_runtime" not in said


def test_loop_is_told_with_its_line(tmp_path: Path) -> None:
    said = refused(tmp_path, "i = 0\ndef spin():\n    while True:\n        pass\nspin()\n")
    assert said.startswith("loading takes too long, is there an endless loop?")
    assert 'File "main.py", line 3, in spin' in said


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, main_py="x = (1,\n", other_py="if True\n  pass\n")
    with pytest.raises(BuildError) as caught:
        load(INTERPRETER, bundling(tmp_path, tmp_path / "main.py", ())[0])
    assert "main.py:1:5: '(' was never closed" in caught.value.message
    assert "other.py:1:8: expected ':'" in caught.value.message


def test_module_imports_no_files_and_exports_only_its_start(tmp_path: Path) -> None:
    source = "# coding: latin-1\nprint('caf\xe9')\n".encode("latin-1") + FINE.encode()
    write(tmp_path, main_py=source)
    module, said = load(INTERPRETER, bundling(tmp_path, tmp_path / "main.py", ())[0])
    info = inspect_module(module, "main.py")
    assert said == "café"
    assert dict(info.exports) == {"memory": "memory", "_start": "func"}
    assert {entry.module for entry in info.imports} == {"wasi_snapshot_preview1", "gojinn"}


def test_too_large_a_function_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, main_py=FINE, data_json='"' + "x" * (1 << 20) + '"')
    monkeypatch.setattr(bundles, "LARGEST", 1 << 20)
    with pytest.raises(BuildError, match=r"more than 1 MiB, at 'data\.json'"):
        bundling(tmp_path, tmp_path / "main.py", ())


def test_packages_with_compiled_parts_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    requirements = wheel(tmp_path, "cp313-cp313-manylinux_2_17_x86_64")
    write(tmp_path, main_py=FINE, requirements_txt=requirements)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BuildError, match="not a supported wheel") as caught:
        bundling(tmp_path, tmp_path / "main.py", ())
    assert "pure Python" in (caught.value.hint or "")


def test_flags_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="no flag '-O'"):
        bundling(write(tmp_path, main_py=FINE), tmp_path / "main.py", ("-O",))


def test_sdk_is_typed_for_those_who_check_their_functions(tmp_path: Path) -> None:
    scaffold(tmp_path / "items", language("python"), "json")
    told = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", tmp_path / "cache", "main.py"],
        cwd=tmp_path / "items",
        env={**os.environ, "MYPYPATH": str(SDKS / "python")},
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stdout
