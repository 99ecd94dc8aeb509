"""Components that say why they die: valid and otherwise as they were, whatever they are made of."""

from __future__ import annotations

import pytest
import wasmtime

from gojinn.engine.components.memory import DEEPEST, OUT_OF_MEMORY, telling, with_reason
from gojinn.engine.inspect import sections
from gojinn.engine.rewrite import sized
from gojinn.testing.components import handler, python_proxy, saying
from gojinn.testing.guests import damaged, wat

GROWING = """(module (memory 1 1)
  (func $f (param i32) (result i32)
    (if (i32.eq (memory.grow (local.get 0)) (i32.const -1)) (then (unreachable))) (i32.const 0))
  (func (export "f") (param i32) (result i32) (call $f (local.get 0)))
  (func (export "g") (drop (memory.grow (i32.const 9))) (block (br 0)) (unreachable))
  (func (export "h") (unreachable)))"""
INSIDE = wat("(component (core module (memory 1) (func (drop (memory.grow (i32.const 1))) unreachable)))")


@pytest.mark.parametrize(("name", "argument", "told"), [("f", [5], True), ("g", [], True), ("h", [], False)])
def test_the_trap_names_the_reason_where_memory_was_refused(
    name: str, argument: list[int], told: bool
) -> None:
    rewritten = telling(wat(GROWING))
    assert rewritten is not None
    store = wasmtime.Store()
    exports = wasmtime.Instance(store, wasmtime.Module(store.engine, rewritten), []).exports(store)
    function = exports[name]
    assert isinstance(function, wasmtime.Func)
    with pytest.raises(wasmtime.Trap) as trap:
        function(store, *argument)
    assert (OUT_OF_MEMORY in str(trap.value)) is told


def test_functions_keep_their_names() -> None:
    rewritten = telling(wat(GROWING))
    assert rewritten is not None
    names = [reader.data[reader.at : reader.end] for section, reader in sections(rewritten) if section == 0]
    assert [b"name" in each for each in names] == [True, True]


def test_a_component_without_growth_stays_as_it_is() -> None:
    data = saying(b"hello")
    assert with_reason(data) == data


def nested(depth: int) -> bytes:
    """A component in so many others."""
    data = INSIDE
    for _ in range(depth):
        data = data[:8] + b"\x04" + sized(data)
    return data


@pytest.mark.parametrize(
    ("depth", "changes"), [(0, True), (DEEPEST, True), (DEEPEST + 1, False), (5_000, False)]
)
def test_components_inside_are_looked_into_so_deep(depth: int, changes: bool) -> None:
    data = nested(depth)
    assert (with_reason(data) != data) is changes


def test_damaged_components_never_raise() -> None:
    whole = handler("(drop (memory.grow (i32.const 1))) (unreachable)", b"some data")
    assert with_reason(whole) != whole
    for data in damaged(whole, 1000):
        with_reason(data)


@pytest.mark.toolchain
@pytest.mark.slow
def test_a_component_of_a_real_toolchain_is_changed_in_its_modules_only() -> None:
    data = python_proxy().read_bytes()
    changed = with_reason(data)
    assert len(data) < len(changed) < len(data) * 1.05
