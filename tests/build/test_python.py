"""Building Python: what is told of mistakes, and what a built function can do."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from gojinn.build.compile import build
from gojinn.build.componentize import check_syntax, readable
from gojinn.build.languages import read
from gojinn.config.units import Secret
from gojinn.engine.cache import CompileCache
from gojinn.errors import BuildError
from gojinn.functions.config import FunctionConfig
from gojinn.functions.envelope import encode
from gojinn.functions.invocation import Invocation, Result
from gojinn.functions.lines import Variable
from gojinn.testing.platform import opened_platform

SOURCE = '''
"""A function."""
import asyncio, os, random, secrets, uuid
from gojinn_sdk import Request, Response
from text import loud

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
        import csv
        from datetime import datetime
        return str(datetime.strptime("2026-01-02", "%Y-%m-%d").year + len(list(csv.reader(["a,b"]))))
    if request.path == "/gather":
        return await asyncio.gather(*map(slow, range(50)))
    if request.path == "/exit":
        raise SystemExit("enough")
    if request.path == "/number":
        return 5
    return Response.text(loud(os.environ["NAME"]), 201)
'''


def write(folder: Path, **sources: str) -> Path:
    for name, text in sources.items():
        (folder / f"{name}.py").write_text(text)
    return folder


def test_a_syntax_error_is_told_with_its_place(tmp_path: Path) -> None:
    write(tmp_path, main="def handle(request):\n    x = (1,\n", other="if True\n  pass\n", fine="x = 1\n")
    main, other = check_syntax(tmp_path)
    assert main == "main.py:2:9: '(' was never closed\n      x = (1,\n          ^"
    assert other.startswith("other.py:1:8: expected ':'")


@pytest.mark.parametrize(
    "source", [b"\xff\xfe", b"x = 1\0", b"# coding: nope\n"], ids=["latin", "nul", "coding"]
)
def test_a_source_that_is_no_text_is_told(tmp_path: Path, source: bytes) -> None:
    (tmp_path / "main.py").write_bytes(source)
    (told,) = check_syntax(tmp_path)
    assert told.startswith("main.py:")


def test_a_report_is_cut_to_the_functions_own_frames() -> None:
    said = (
        "Traceback (most recent call last):\n"
        '  File "<string>", line 1, in <module>\n'
        "AssertionError: Traceback (most recent call last):\n"
        '  File "/1/gojinn_entry.py", line 14, in <module>\n'
        "    import gojinn_main\n"
        '  File "/0/main.py", line 1, in <module>\n'
        "    import nope\n"
        "ModuleNotFoundError: No module named 'nope'\n\nCaused by:\n    more\n"
    )
    assert readable(said).splitlines() == [
        '  File "main.py", line 1, in <module>',
        "    import nope",
        "ModuleNotFoundError: No module named 'nope'",
    ]


async def ask_all(folder: Path, cache: CompileCache) -> dict[str, Result]:
    """Builds the function and asks it."""
    module, found = (await build(read(folder))).project.output, {}
    async with opened_platform(cache) as platform:
        variables = (Variable("NAME", Secret("a live name")),)
        config = FunctionConfig(str(module), timeout=30.0, env=variables)
        function = await platform.function(config)
        for path in ("/random", "/random?again", "/", "/fail", "/late", "/gather", "/exit", "/number"):
            stdin = encode("GET", path, {}, b"", trace="", tenant="default", client_ip="", trigger="http")
            found[path] = await platform.runner.run(Invocation(function, stdin))
    return found


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """The results of asking each path, and one of them twice."""
    folder = write(
        tmp_path_factory.mktemp("python"),
        main=SOURCE,
        text="def loud(text):\n    return text.upper()\n",
    )
    return asyncio.run(ask_all(folder, CompileCache(tmp_path_factory.mktemp("cache"))))


@pytest.mark.slow
@pytest.mark.toolchain
@pytest.mark.timeout(300)
def test_two_instances_have_different_random_numbers(results: dict[str, Result]) -> None:
    first, second = (body(results[path])["all"] for path in ("/random", "/random?again"))
    assert not set(first) & set(second)


@pytest.mark.slow
@pytest.mark.toolchain
@pytest.mark.timeout(300)
def test_the_environment_is_that_of_the_configuration(results: dict[str, Result]) -> None:
    reply = results["/"].reply
    assert reply is not None
    assert (reply.status, reply.body) == (201, b"A LIVE NAME")


@pytest.mark.slow
@pytest.mark.toolchain
@pytest.mark.timeout(300)
def test_an_exception_is_logged_with_the_functions_own_lines(results: dict[str, Result]) -> None:
    result = results["/fail"]
    assert result.reply is not None
    assert result.reply.status == 500
    assert b"index" not in result.reply.body
    lines = [record.text for record in result.log]
    assert lines[0] == "list index out of range"
    assert '  File "main.py", line 8, in broken' in lines
    assert "    return [][3]" in lines
    assert not any("gojinn_entry" in line for line in lines)


@pytest.mark.slow
@pytest.mark.toolchain
@pytest.mark.timeout(300)
def test_modules_that_are_imported_late_are_there(results: dict[str, Result]) -> None:
    assert results["/late"].reply is not None
    assert results["/late"].reply.body == b"2027"


@pytest.mark.slow
@pytest.mark.toolchain
@pytest.mark.timeout(300)
def test_coroutines_run_side_by_side(results: dict[str, Result]) -> None:
    assert body(results["/gather"]) == list(range(50))


@pytest.mark.slow
@pytest.mark.toolchain
@pytest.mark.timeout(300)
def test_an_exit_is_a_failed_function(results: dict[str, Result]) -> None:
    result = results["/exit"]
    assert result.error is not None
    assert result.log[-1].text == "the function called sys.exit('enough')"


@pytest.mark.slow
@pytest.mark.toolchain
@pytest.mark.timeout(300)
def test_an_answer_that_is_none_is_explained(results: dict[str, Result]) -> None:
    assert results["/number"].log[0].text.startswith("the handler returned int, expected a Response")


@pytest.mark.slow
@pytest.mark.toolchain
@pytest.mark.timeout(300)
async def test_a_function_without_a_handler_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BuildError) as caught:
        await build(read(write(tmp_path, main="x = 1\n")))
    assert "the function defines no 'handle'" in str(caught.value.output)


def body(result: Result) -> dict[str, list[object]]:
    """What a function answered in JSON."""
    assert result.reply is not None
    answer: dict[str, list[object]] = json.loads(result.reply.body)
    return answer
