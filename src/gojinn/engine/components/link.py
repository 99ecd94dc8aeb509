"""Gives components what they import, all of it ours. Which functions those are is the other files' business.

wasmtime's own WASI 0.2 is not used: through the C API its timers and files need an event loop of tokio's that
is not there, and a guest that sleeps would end the process.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from gojinn.engine.capi import POINTER, WasmtimeError, capi, check
from gojinn.engine.components.values import Write
from gojinn.engine.components.worlds import Entry
from gojinn.engine.host import LinkError
from gojinn.engine.sandbox import Core, Plan

PENDING: Final = object()
"""What `at_once` returns when the guest has to wait."""


@dataclass(frozen=True, slots=True)
class ComponentFunction:
    """A host function that parks the guest; it runs on the event loop's main stack."""

    module: str
    """The interface, without version."""
    name: str
    call: Callable[..., Awaitable[Any]]
    """`await call(guest, *args)`: strings, bytes and numbers in, what `answer` writes out."""
    answer: Write | None
    at_once: Callable[..., Any] | None = None
    """Tried first, on the guest's stack: the answer where there need be no waiting, else PENDING."""
    otherwise: bool = False
    """Whether it is only for what Python has: what the native library has, that serves by itself."""


@dataclass(frozen=True, slots=True)
class Quick:
    """A host function that answers on the guest's stack: it does little and raises GuestTrap at worst."""

    call: Callable[..., Any]
    """`call(guest, *args)`"""
    answer: Write | None = None


@dataclass(frozen=True, slots=True)
class Interface:
    """What is offered under one name."""

    name: str
    """Without version."""
    functions: Mapping[str, Quick] = field(default_factory=dict)
    resources: Mapping[str, int] = field(default_factory=dict)
    """Name and number of each type."""


class Callbacks(Protocol):
    """The C functions that serve a component, each with what it is called with first."""

    destructor: Any
    """Called when a guest has dropped its last handle to a thing."""

    def quick(self, interface: str, name: str, function: Quick) -> tuple[Any, int]:
        """What serves a function that answers at once."""

    def suspending(self, function: ComponentFunction, number: int) -> tuple[Any, int]:
        """What serves one that may park the guest, which `number` tells from others."""


class ComponentCore(Core, Protocol):
    """An engine for components."""

    waits: tuple[ComponentFunction, ...]
    """What may park a guest besides the functions that programs are loaded with; their numbers come first."""

    def load(
        self,
        compiled: str | os.PathLike[str],
        entry: Entry,
        plan: Plan,
        functions: tuple[ComponentFunction, ...],
    ) -> int:
        """Maps a compiled component and returns a handle for `start`. Raises WasmtimeError, LinkError."""


class Linking:
    """Builds one linker."""

    def __init__(self, engine: int, callbacks: Callbacks) -> None:
        self.linker: int = capi().wasmtime_component_linker_new(engine)
        self.callbacks = callbacks

    def interfaces(
        self,
        wanted: Sequence[str],
        interfaces: Sequence[Interface],
        suspending: Sequence[ComponentFunction],
    ) -> None:
        """Defines those that are wanted, in the versions that are wanted: they only differ in what is missing
        from the older ones. A suspending function's number is its place; it stands in for a quick one."""
        names = {each.name: each for each in interfaces}
        parked = {(each.module, each.name) for each in suspending}
        for versioned in wanted:
            name = versioned.partition("@")[0]
            with self.opened(versioned) as instance:
                given = names.get(name, Interface(name))
                for resource, number in given.resources.items():
                    self.resource(instance, resource, number)
                for word, function in given.functions.items():
                    if (name, word) not in parked:
                        self.define(instance, "", word, *self.callbacks.quick(name, word, function))
                for number, parking in enumerate(suspending):
                    if parking.module == name:
                        served = self.callbacks.suspending(parking, number)
                        self.define(instance, "_async", parking.name, *served)

    def define(self, instance: int, how: str, name: str, callback: Any, number: int) -> None:
        """Defines a function."""
        raw = name.encode()
        add = getattr(capi(), f"wasmtime_component_linker_instance_add_func{how}")
        check(add(instance, raw, len(raw), callback, number, None))

    def resource(self, instance: int, name: str, number: int) -> None:
        """Defines a type of resources that the host makes."""
        raw = name.encode()
        kind = capi().wasmtime_component_resource_type_new_host(number)
        try:
            check(
                capi().wasmtime_component_linker_instance_add_resource(
                    instance, raw, len(raw), kind, self.callbacks.destructor, None, None
                )
            )
        finally:
            capi().wasmtime_component_resource_type_delete(kind)

    def rest_as_traps(self, component: int) -> None:
        """Has whatever else a component imports end it when it is called: it can do so only with things that
        it is never given, such as an open file. Raises LinkError."""
        try:
            check(capi().wasmtime_component_linker_define_unknown_imports_as_traps(self.linker, component))
        except WasmtimeError as error:
            raise LinkError(f"component cannot be linked: {error}") from error

    @contextmanager
    def opened(self, name: str) -> Iterator[int]:
        """Opens an interface to define something in it."""
        root: int = capi().wasmtime_component_linker_root(self.linker)
        instance, raw = POINTER(), name.encode()
        add = capi().wasmtime_component_linker_instance_add_instance
        try:
            check(add(root, raw, len(raw), ctypes.byref(instance)))
            yield instance.value or 0
        finally:
            if instance.value:
                capi().wasmtime_component_linker_instance_delete(instance)
            capi().wasmtime_component_linker_instance_delete(root)
