"""Functions in interpreted languages that are broken in every way: their authors are told where, and nothing
of Gojinn's crashes. `tables/` says what the ways are in each language.

A few dozen of them each time; `pytest -m long` makes a thousand in each language.
"""

from __future__ import annotations

import json
import random
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from _pytest.mark import ParameterSet

from gojinn.build.interpret import load
from gojinn.build.languages import language
from gojinn.cli.guest import function_opened, invocation
from gojinn.errors import GojinnError
from gojinn.functions.config import FunctionConfig
from gojinn.testing.tools import install_packages

TABLES = Path(__file__).with_name("tables")
WEIGHTS = {
    "mutated": 25,
    "truncated": 20,
    "syntax": 20,
    "encoding": 10,
    "exit": 10,
    "deep": 6,
    "huge": 6,
    "result": 8,
    "endless": 1,
}
"""How many of a hundred are of which kind. An endless loop takes the seconds after which it is ended, so only
the long tests have some."""
PLACED = frozenset({"syntax", "encoding"})
"""Kinds that always have a line to tell."""
SEED = 20261125
FEW, MANY = 30, 1000

pytestmark = pytest.mark.slow


class Script(NamedTuple):
    """A source, and in which way it is broken."""

    kind: str
    content: bytes


def table(name: str) -> dict[str, Any]:
    """What there is to be tried in a language."""
    return tomllib.loads((TABLES / f"{name}.toml").read_text(encoding="utf-8"))


def names() -> list[ParameterSet]:
    """The languages that have a table. Those whose modules are heavy are for the long tests only."""
    every = sorted(path.stem for path in TABLES.glob("*.toml"))
    return [pytest.param(n, marks=[pytest.mark.long] if table(n).get("heavy") else []) for n in every]


@pytest.fixture(params=names())
def name(request: pytest.FixtureRequest, need_interpreter: Callable[[str], None]) -> str:
    """Each language whose interpreter is there."""
    named: str = request.param
    install_packages()
    need_interpreter(named)
    return named


def scripts(tried: dict[str, Any], count: int) -> Iterator[Script]:
    """Makes so many broken sources, the same ones each time; at least one of each kind."""
    chance = random.Random(SEED)
    kinds = [kind for kind in WEIGHTS if count > FEW or kind != "endless"]
    more = chance.choices(kinds, [WEIGHTS[kind] for kind in kinds], k=count - len(kinds))
    for kind in (*kinds, *more):
        yield Script(kind, BREAK.get(kind, stated)(tried, kind, chance))


def stated(tried: dict[str, Any], kind: str, chance: random.Random) -> bytes:
    """A statement that does it, behind some lines and before a function that is fine; or within what runs it
    while it is loaded, for a language that has no statements there."""
    if "loading" in tried:
        return str(tried["loading"]).replace("STATEMENT", chance.choice(tried["statements"][kind])).encode()
    before = "".join(f"{tried['comment']}{'x' * chance.randrange(50)}\n" for _ in range(chance.randrange(5)))
    statement = chance.choice(tried["statements"][kind])
    if kind == "result":
        return f"{tried.get('open', '')}{before}{statement}\n".encode()
    return f"{tried.get('open', '')}{before}{statement}\n{chance.choice(tried['fine'])}\n".encode()


def asked(tried: dict[str, Any], count: int) -> Iterator[Script]:
    """What requests bring: the same scripts, or the name of a case where nothing can be compiled then."""
    chance = random.Random(SEED)
    for script in scripts(tried, count):
        known = tried["statements"].get(script.kind)
        yield Script(script.kind, chance.choice(known).encode()) if "case" in tried and known else script


def truncated(tried: dict[str, Any], kind: str, chance: random.Random) -> bytes:
    """A function that is fine up to somewhere."""
    fine = chance.choice(tried["fine"]).encode()
    return tried.get("open", "").encode() + bytes(fine[: chance.randrange(len(fine))])


def mutated(tried: dict[str, Any], kind: str, chance: random.Random) -> bytes:
    """A function with some of its characters lost, doubled, swapped or others."""
    fine = list(chance.choice(tried["fine"]))
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(fine))
        piece = fine[at : at + chance.randint(1, 8)]
        what = chance.choice((piece * 2, [], piece[::-1], [chance.choice("\0{}()[]'\"`\\;=.$\n\t~é\u2028")]))
        fine[at : at + len(piece)] = what
    return (tried.get("open", "") + "".join(fine)).encode()


def encoding(tried: dict[str, Any], kind: str, chance: random.Random) -> bytes:
    """A function with bytes that are no UTF-8."""
    fine = bytearray(chance.choice(tried["fine"]).encode())
    at = chance.randrange(len(fine))
    fine[at:at] = chance.choice((b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\xf0\x9f", b"\x80\x80"))
    return tried.get("open", "").encode() + bytes(fine)


BREAK = {"truncated": truncated, "mutated": mutated, "encoding": encoding}


def places(name: str, said: str) -> list[int]:
    """The lines of the main file that a message tells."""
    found = re.findall(rf"{re.escape(name)}(?::|\"?,? (?:on |at )?line )(\d+)", said)
    return [int(number) for number in found]


def built(name: str, main: str, script: Script, folder: Path) -> str:
    """Loads a script into its interpreter; what was said of it, nothing where it is fine."""
    spoken = language(name)
    toolchain = spoken.find(folder)
    assert spoken.interpreter is not None
    assert toolchain is not None
    path = folder / main
    path.write_bytes(script.content)
    try:
        bundle, _ = spoken.interpreter.bundle(folder, path, toolchain.flags)
        load(spoken.interpreter, bundle)
    except GojinnError as error:
        return "\n".join(filter(None, (error.message, getattr(error, "output", ""), error.hint or "")))
    return ""


def complaint(main: str, script: Script, said: str, first: int) -> str:
    """What is wrong with how a script was taken; nothing where it was refused with its place, or is fine.
    Lines are counted from the first one."""
    if not said:
        return "it was built" if script.kind in PLACED else ""
    told = places(main, said)
    if main not in said:
        return f"the file is not named: {said}"
    if any(not first <= line <= script.content.count(b"\n") + 2 for line in told):
        return f"there is no such line: {said}"
    if not told and script.kind in PLACED:
        return f"no line is named: {said}"
    return f"there is something of ours: {said}" if "site-packages" in said else ""


def try_building(name: str, folder: Path, count: int) -> Counter[str]:
    """Builds so many scripts; counts what was refused, and how much of that with a line."""
    tried, tally, complaints = table(name), Counter[str](), []
    for script in scripts(tried, count):
        said = built(name, tried["main"], script, folder)
        tally["refused" if said else "built"] += 1
        tally["with a line"] += bool(places(tried["main"], said))
        if wrong := complaint(tried["main"], script, said, tried.get("first", 1)):
            complaints.append(
                f"{script.kind}: {script.content.decode(errors='backslashreplace')}\n=> {wrong}"
            )
    assert not complaints, f"{len(complaints)} of {count}:\n" + "\n\n".join(complaints[:10])
    return tally


@pytest.mark.timeout(300)
def test_broken_functions_are_refused_with_their_place(name: str, tmp_path: Path) -> None:
    count = table(name).get("few", FEW)
    tally = try_building(name, tmp_path, count)
    assert tally["with a line"] > count // 3


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_thousand_broken_functions_are_refused_with_their_place(name: str, tmp_path: Path) -> None:
    tally = try_building(name, tmp_path, MANY)
    print(json.dumps({name: tally}))
    assert tally["with a line"] > MANY // 3


async def try_running(name: str, folder: Path, count: int) -> Counter[str]:
    """Has one function run so many scripts that its requests bring; counts how they ended.

    Every twentieth is one that is fine, and has to be answered: nobody suffers from another's script.
    """
    tried = table(name)
    module = folder / "evaluate.wasm"
    module.write_bytes(evaluating(name, tried, folder))
    config = FunctionConfig(str(module), timeout=1.0, memory_limit=tried.get("memory", 96) << 20)
    tally: Counter[str] = Counter()
    async with function_opened(config) as (runner, function):
        for number, script in enumerate(asked(tried, count)):
            result = await runner.run(invocation(function, "POST", "/", (), script.content))
            ended = result.outcome.end.value if result.outcome else "none"
            status = result.reply.status if result.reply else getattr(result.error, "status", 0)
            assert 200 <= status <= 599, (script, result.error)
            assert status < 500 or result.log or result.error, script
            tally[f"{ended}, {status}"] += 1
            if number % 20 == 0:
                good = await runner.run(invocation(function, "POST", "/", (), tried["good"].encode()))
                assert good.reply is not None, good.error
                assert good.reply.body.decode().strip('"\n') == "good"
    return tally


def evaluating(name: str, tried: dict[str, Any], folder: Path) -> bytes:
    """The module of a function that runs what its requests bring."""
    spoken = language(name)
    toolchain = spoken.find(folder)
    assert spoken.interpreter is not None
    assert toolchain is not None
    path = folder / tried["main"]
    path.write_text(tried["evaluate"].replace("CASES", "".join(cases(tried))))
    bundle, _ = spoken.interpreter.bundle(folder, path, toolchain.flags)
    return load(spoken.interpreter, bundle)[0]


def cases(tried: dict[str, Any]) -> Iterator[str]:
    """For a language that is compiled: each statement that compiles, by its own text."""
    for kind, statements in tried["statements"].items() if "case" in tried else ():
        for statement in statements if kind not in PLACED else ():
            yield tried["case"].replace("TEXT", json.dumps(statement)).replace("STATEMENT", statement)


@pytest.mark.timeout(300)
async def test_broken_scripts_of_requests_harm_nobody(name: str, tmp_path: Path) -> None:
    count = table(name).get("few", FEW)
    tally = await try_running(name, tmp_path, count)
    assert tally.total() == count


@pytest.mark.long
@pytest.mark.timeout(3600)
async def test_thousand_broken_scripts_of_requests_harm_nobody(name: str, tmp_path: Path) -> None:
    tally = await try_running(name, tmp_path, MANY)
    print(json.dumps({name: tally}))
    assert tally.total() == MANY
