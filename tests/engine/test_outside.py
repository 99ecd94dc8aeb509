"""What a component says of itself, whole and broken."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest

from gojinn.engine.components.outside import inspect_component, is_component
from gojinn.engine.components.worlds import World, entry_of, offered
from gojinn.errors import ModuleError
from gojinn.testing.components import command, saying
from gojinn.testing.guests import printing

COMPONENT = command(b"hello")


def test_imports_and_exports_are_those_of_the_component() -> None:
    info = inspect_component(COMPONENT, "it")
    assert info.component
    assert [each.module for each in info.imports] == [
        "wasi:io/error@0.2.0",
        "wasi:io/streams@0.2.0",
        "wasi:io/poll@0.2.0",
        "wasi:clocks/monotonic-clock@0.2.0",
        "wasi:cli/stdout@0.2.0",
    ]
    assert {each.kind for each in info.imports} == {"instance"}
    assert info.exports == (("wasi:cli/run@0.2.0", "instance"),)


def test_modules_and_components_are_told_apart() -> None:
    assert is_component(COMPONENT)
    assert not is_component(printing(b""))
    assert not any(is_component(data) for data in (b"", b"\0asm", COMPONENT[:7], b"\0asm\1\0\0\0"))


def test_every_cut_is_noticed_or_leaves_whole_sections() -> None:
    whole = inspect_component(COMPONENT, "it")
    for end in range(8, len(COMPONENT)):
        with suppress(ModuleError):
            info = inspect_component(COMPONENT[:end], "it")
            assert whole.imports[: len(info.imports)] == info.imports


def test_broken_bytes_raise_nothing_else() -> None:
    chance = random.Random(5)
    for original in (COMPONENT, saying(b"x")):
        for _ in range(2000):
            data = bytearray(original)
            for _ in range(chance.randint(1, 4)):
                data[chance.randrange(8, len(data))] = chance.randrange(256)
            with suppress(ModuleError):
                inspect_component(bytes(data), "it")


@pytest.mark.parametrize(
    ("exports", "world"),
    [
        (["wasi:cli/run@0.2.9"], World.COMMAND),
        (["wasi:cli/run@0.2.0", "wasi:http/incoming-handler@0.2.0"], World.PROXY),
        (["wasi:http/incoming-handler@0.2.0", "wasi:cli/run@0.2.0"], World.PROXY),
        (["gojinn:host/handler@1.0.0"], World.HANDLER),
        (["wasi:cli/run@0.3.0", "handle", ""], None),
    ],
)
def test_a_component_is_what_it_exports(exports: list[str], world: World | None) -> None:
    entry = entry_of(exports, iter(["wasi:io/poll@0.2.0"]))
    assert (entry and entry.world) == world
    assert entry is None or entry.imports == ("wasi:io/poll@0.2.0",)


@pytest.mark.parametrize(
    ("interface", "there"),
    [
        ("wasi:io/streams@0.2.12", True),
        ("wasi:http/types@0.2.0", True),
        ("gojinn:host/call@1.0.0", True),
        ("gojinn:host/call@2.0.0", False),
        ("wasi:keyvalue/store@0.2.0-draft", False),
        ("wasi:http/handler@0.2.0", False),
        ("wasi:io/streams@0.3.0", False),
        ("wasi:io/streams", False),
        ("", False),
    ],
)
def test_only_what_is_there_is_offered(interface: str, there: bool) -> None:
    assert offered(interface) is there
