"""Makes wasmtime engines: which parts of WebAssembly guests may use, and the pool that their instances live
in.

Compiling and running processes must agree on everything but the pool, or a compiled module is refused.
"""

from __future__ import annotations

from collections.abc import Mapping

from gojinn.engine.capi import capi
from gojinn.engine.settings import EngineSettings, slots_that_fit

FEATURES = {
    # Everything that LLVM, Go, Rust and TinyGo emit for wasm32-wasip1 stays on (SIMD, bulk memory, tail
    # calls, …).
    "wasm_threads": False,  # a guest has one thread, and shared memory would outlive the store
    "shared_memory": False,
    "wasm_gc": False,  # no heap that the memory limit does not see
    "wasm_function_references": False,
    "wasm_exceptions": True,  # what setjmp and longjmp of C become: Lua and PHP are built on them
    "gc_support": True,  # exceptions live in a heap of wasmtime's, which only guests with a tag have
    "wasm_memory64": False,  # preview 1 is a 32-bit interface
    "wasm_multi_memory": False,  # one slot of the pool each
    "wasm_stack_switching": False,
    "wasm_component_model": False,
    "concurrency_support": False,  # only components use it, and each store would pay for it
    "wasm_relaxed_simd_deterministic": True,  # same input, same output, on every machine
    "native_unwind_info": False,  # wasm backtraces walk frame pointers; registering frames slows down loading
}

COMPONENT_FEATURES = {**FEATURES, "wasm_component_model": True}
"""The same for the modules inside a component (WASI 0.2)."""

MAX_INSTANCE_SIZE = 16 << 20
"""Bytes of bookkeeping an instance may need: 32 for each function in a table. A guard against absurd
modules."""


MAX_TABLES = 10
"""Tables a module may have; all but a few have one. Each takes one of the pool's, of which there are as
many as slots."""

COMPONENT_MODULES = 60
"""Modules that a component may be made of: its program, adapters, and for Python each shared library."""
COMPONENT_MEMORIES = 4
"""Memories that a component may have; nearly all have one."""

MAX_THROWING = 1_000
"""Guests with exceptions that live at once, in one engine. Each takes the place of a second memory."""


def open_engine(settings: EngineSettings, *, metered: bool, components: bool = False) -> int:
    """A `wasm_engine_t` to run what `open_compiler` compiled. Raises StartError for bad settings."""
    slots = settings.metered_slots if metered else settings.slots or slots_that_fit()
    config = new_config(settings, metered, components)
    if components:
        add_component_pool(config, settings)
    else:
        add_pool(config, settings, slots)
    # A compiling engine starts a thread a core on first use; this one only loads.
    capi().wasmtime_config_parallel_compilation_set(config, False)
    engine: int = capi().wasm_engine_new_with_config(config)
    return engine


def open_compiler(
    settings: EngineSettings, *, metered: bool, components: bool = False, parallel: bool = True
) -> int:
    """A `wasm_engine_t` to compile for engines of the same settings.

    Its pool is never used, but with it, what would not fit into a slot is refused when it is
    compiled. It must live in a process that does not fork afterwards: its compiling threads would be gone
    in the child.
    """
    config = new_config(settings, metered, components)
    if components:
        add_component_pool(config, settings)
    else:
        add_pool(config, settings, slots=MAX_TABLES)
    capi().wasmtime_config_parallel_compilation_set(config, parallel)
    engine: int = capi().wasm_engine_new_with_config(config)
    return engine


def add_pool(config: int, settings: EngineSettings, slots: int) -> None:
    """Makes instances live in `slots` places that are made ready again after each."""
    throwing = min(slots, MAX_THROWING)
    totals = {
        "total_memories": slots + throwing,
        "total_gc_heaps": throwing,
        "total_tables": slots,
        "total_core_instances": slots,
        "total_stacks": slots,
        "max_tables_per_module": MAX_TABLES,
    }
    set_pool(config, settings, totals)


def add_component_pool(config: int, settings: EngineSettings) -> None:
    """The same for components, each of which is several modules."""
    slots = settings.component_slots
    totals = {
        "total_component_instances": slots,
        "total_core_instances": slots * COMPONENT_MODULES,
        "total_memories": slots * COMPONENT_MEMORIES,
        "total_tables": slots * MAX_TABLES,
        "total_stacks": slots,
        "max_component_instance_size": MAX_INSTANCE_SIZE,
        "max_core_instances_per_component": COMPONENT_MODULES,
        "max_memories_per_component": COMPONENT_MEMORIES,
        "max_tables_per_component": MAX_TABLES,
        "max_tables_per_module": MAX_TABLES,
    }
    set_pool(config, settings, totals)


def set_pool(config: int, settings: EngineSettings, totals: Mapping[str, int]) -> None:
    """Gives an engine a pool of so many parts, of the sizes that the settings say."""
    pool = capi().wasmtime_pooling_allocation_config_new()
    for name, size in {
        **totals,
        "max_memory_size": settings.max_memory,
        "table_elements": settings.max_table,
        "linear_memory_keep_resident": settings.memory_keep,
        "table_keep_resident": settings.table_keep,
        "max_core_instance_size": MAX_INSTANCE_SIZE,
    }.items():
        getattr(capi(), f"wasmtime_pooling_allocation_config_{name}_set")(pool, size)
    capi().wasmtime_pooling_allocation_strategy_set(config, pool)
    capi().wasmtime_pooling_allocation_config_delete(pool)


def new_config(settings: EngineSettings, metered: bool, components: bool) -> int:
    """What decides the generated code, and what a guest may be: the same in `open_engine` and
    `open_compiler`."""
    settings.check()
    config: int = capi().wasm_config_new()
    values = {
        **(COMPONENT_FEATURES if components else FEATURES),
        "epoch_interruption": True,
        "consume_fuel": metered,
        "max_wasm_stack": settings.wasm_stack,
        "async_stack_size": settings.fiber_stack,
    }
    for name, value in values.items():
        getattr(capi(), f"wasmtime_config_{name}_set")(config, value)
    return config
