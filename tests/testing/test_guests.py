"""The kit's guests: every ready one is a module, those that tests build say what they are told."""

import asyncio
from pathlib import Path

import pytest

from gojinn.engine.inspect import inspect_module
from gojinn.errors import StartError
from gojinn.testing import guests
from gojinn.testing.guests import (
    c_guest,
    distinct,
    go_guest,
    guest,
    guest_names,
    many_functions,
    printing,
    wat,
)

pytestmark = pytest.mark.slow


@pytest.mark.toolchain
@pytest.mark.parametrize("name", guest_names())
def test_ready_guests_are_modules(name):
    info = inspect_module(guest(name).read_bytes(), name)
    assert info.has_start != (name == "no_start.wat")
    assert info.memory_exported != (name == "no_memory.wat")


def test_every_ready_guest_says_what_it_does():
    for name in guest_names():
        first = (guests.SOURCES / name).read_text().splitlines()[0]
        assert first.startswith((";; ", "/* ", "// ")), name
        assert len(first.split()) > 2, name


def test_every_ready_guest_is_named_in_the_documentation():
    documented = str(guests.__doc__)
    assert all(Path(name).stem in documented for name in guest_names())


def test_an_unknown_guest_is_told_with_those_there_are():
    with pytest.raises(LookupError, match=r"no guest 'ecco', expected one of .*echo\.c"):
        guest("ecco")


def test_a_guest_is_built_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    first = guest("empty")
    written = first.stat().st_mtime_ns
    assert guest("empty") == first
    assert first.stat().st_mtime_ns == written
    assert str(first).startswith(str(tmp_path))


async def test_guests_built_at_once_do_not_meet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    built = await asyncio.gather(*(asyncio.to_thread(guest, "empty") for _ in range(8)))
    assert len(set(built)) == 1
    assert built[0].read_bytes() == wat((guests.SOURCES / "empty.wat").read_text())


@pytest.mark.toolchain
@pytest.mark.parametrize("build", [c_guest, go_guest], ids=["c", "go"])
def test_a_compilers_complaint_is_passed_on(build):
    with pytest.raises(StartError, match="nonsense"):
        build("nonsense;")


def test_made_guests_are_modules_that_differ():
    assert distinct(1) != distinct(2)
    for data in (distinct(3), printing(b"x" * 100_000, stderr=b"y", exit_code=2), many_functions(10)):
        assert inspect_module(data, "made").has_start
