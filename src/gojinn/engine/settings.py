"""How an engine is sized and built. Every value is checked here, before the C API could abort on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from gojinn.engine.limits import MEMORY_CEILING
from gojinn.errors import StartError

Implementation = Literal["core", "pure"]

MAPS_OF_A_SLOT = 6
"""Memory mappings that one live guest holds in the pool."""

MAPS_OF_THE_REST = 5_000
"""Mappings left for Python, libraries, compiled modules and thread stacks."""


def slots_that_fit() -> int:
    """Guests that can live at once before the kernel's `vm.max_map_count` is used up, at most 10,000."""
    try:
        maps = int(Path("/proc/sys/vm/max_map_count").read_text())
    except (OSError, ValueError):
        maps = 65_530
    return max(1, min(10_000, (maps - MAPS_OF_THE_REST) // MAPS_OF_A_SLOT))


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    """Sizes of one worker's engine. The defaults suit a worker that serves short requests."""

    slots: int | None = None
    """Guests that live at once; None asks `slots_that_fit`."""

    metered_slots: int = 1_000
    """The same for guests with a fuel limit; they have an engine of their own, opened with the first of
    them."""

    roomy_slots: int = 1_000
    """The same for guests that start with some megabytes (Go), in an engine of their own too; see
    `roomy_keep`."""

    component_slots: int = 200
    """The same for components, in an engine of their own too. Each is many times a module's size."""

    tick: float = 0.004
    """Seconds a busy guest runs before it has to yield (two of them in its first slice)."""

    max_memory: int = MEMORY_CEILING
    """Bytes that the largest `Limits.memory` may ask for. Address space only: a slot reserves 4 GiB
    anyhow."""

    max_table: int = 200_000
    """Elements that the largest `Limits.tables` may ask for."""

    memory_keep: int = 128 << 10
    """Bytes of a slot's memory that stay resident between guests: small guests then fault no page."""

    roomy_keep: int = 4 << 20
    """The same for guests that start with more than `memory_keep` and at most twice this: page faults are
    half of what a small Go guest costs. Keeping so much for every guest would cost those with a large empty
    stack."""

    table_keep: int = 64 << 10
    """The same for tables."""

    wasm_stack: int = 1536 << 10
    """Bytes of stack a guest may use before it traps."""

    fiber_stack: int = 2 << 20
    """Bytes of stack reserved for a guest and the host code below it; only touched pages cost memory."""

    implementation: Implementation | None = None
    """`core` needs the native library, `pure` does without it; None takes the native one when it is there."""

    def roomy(self) -> EngineSettings:
        """The settings of the engine for roomy guests."""
        return replace(self, slots=self.roomy_slots, memory_keep=self.roomy_keep)

    def check(self) -> None:
        """Raises StartError for a value on which wasmtime would abort the process instead of complaining."""
        for name in (
            "metered_slots",
            "roomy_slots",
            "component_slots",
            "max_memory",
            "max_table",
            "wasm_stack",
            "fiber_stack",
        ):
            expect(getattr(self, name) > 0, name, getattr(self, name), "more than 0")
        expect(self.slots is None or 0 < self.slots <= 30_000, "slots", self.slots, "1 to 30000")
        expect(self.metered_slots <= 30_000, "metered_slots", self.metered_slots, "1 to 30000")
        expect(self.roomy_slots <= 30_000, "roomy_slots", self.roomy_slots, "1 to 30000")
        expect(0.001 <= self.tick <= 1, "tick", self.tick, "0.001 to 1 second")
        expect(self.component_slots <= 2_000, "component_slots", self.component_slots, "1 to 2000")
        expect(self.max_memory <= MEMORY_CEILING, "max_memory", self.max_memory, f"at most {MEMORY_CEILING}")
        expect(self.max_table <= 10_000_000, "max_table", self.max_table, "at most 10000000")
        expect(0 <= self.memory_keep <= self.max_memory, "memory_keep", self.memory_keep, "0 to max_memory")
        expect(0 <= self.roomy_keep <= self.max_memory, "roomy_keep", self.roomy_keep, "0 to max_memory")
        expect(0 <= self.table_keep <= 64 << 20, "table_keep", self.table_keep, "0 to 64 MiB")
        expect(
            self.wasm_stack + (256 << 10) <= self.fiber_stack <= 64 << 20,
            "fiber_stack",
            self.fiber_stack,
            "at least 256 KiB more than wasm_stack, at most 64 MiB",
        )


def expect(holds: bool, name: str, given: object, wanted: str) -> None:
    """Raises StartError naming the setting unless `holds`."""
    if not holds:
        raise StartError(f"engine setting '{name}' is {given}, expected {wanted}")
