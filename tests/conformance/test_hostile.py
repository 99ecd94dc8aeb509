"""Arguments that no honest guest passes: nothing breaks, and both implementations answer alike."""

import random

import pytest

from gojinn.engine.wasi import FUNCTIONS
from gojinn.testing.preview1 import NAMES, SIZE, Call, Script, call

pytestmark = pytest.mark.slow

POINTERS = (0, 1, 0x40, 0x44, 0x7FFC, 0x8000, SIZE - 8, SIZE - 4, SIZE - 1, SIZE, SIZE + 1)
EXTREMES = (0x7FFFFFFF, 0x80000000, 0xFFFFFFF8, 0xFFFFFFFF, (1 << 63) - 1, 1 << 63, (1 << 64) - 1)
SMALL = tuple(range(10))
HOSTILE = (*SMALL, *POINTERS, *EXTREMES)

MEMORY = {0x40: bytes(range(1, 128)), 0x1000: b"\xff" * 512}
VARYING = ("clock_time_get", "random_get", "poll_oneoff")
"""What these write is never the same."""


def hostile_call(chance: random.Random, name: str) -> Call:
    def value() -> int:
        return chance.choice(HOSTILE) if chance.random() < 0.9 else chance.getrandbits(64)

    params = FUNCTIONS[name].params
    values = [value() & (0xFFFFFFFF if kind == "i32" else (1 << 64) - 1) for kind in params]
    if name == "poll_oneoff":  # a timer of hours would be honest, too
        values[2] = chance.choice((0, 0xFFFFFFFF, 5000, 0x10000))
    return call(name, *values)


async def same(both, script: Script) -> None:
    core, pure = both
    one, other = await core(script), await pure(script)
    if any(name in VARYING for name, _ in script.calls):
        one, other = one._replace(window=b""), other._replace(window=b"")
    assert one == other, script.calls
    assert one.end in ("returned", "trapped", "output") or one.end.startswith("exit")


@pytest.mark.parametrize("name", NAMES)
async def test_hostile_arguments_are_answered_alike(both, name):
    chance = random.Random(name)
    for _ in range(150):
        await same(both, Script([hostile_call(chance, name)], MEMORY, b"some input", ("a", "b"), {"C": "d"}))


@pytest.mark.parametrize("seed", range(40))
async def test_hostile_sequences_are_answered_alike(both, seed):
    chance = random.Random(seed)
    names = [name for name in NAMES if name != "proc_exit"]
    for _ in range(10):
        calls = [hostile_call(chance, chance.choice(names)) for _ in range(30)]
        await same(
            both,
            Script(calls, MEMORY, chance.randbytes(chance.randrange(300)), report_to=chance.choice((1, 2))),
        )
