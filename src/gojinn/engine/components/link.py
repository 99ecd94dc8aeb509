"""Gives components what they import, all of it ours. Which functions those are is the other files' business.

wasmtime's own WASI 0.2 is not used: through the C API its timers and files need an event loop of tokio's that
is not there, and a guest that sleeps would end the process.
"""

from __future__ import annotations

import ctypes
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from gojinn.engine.capi import POINTER, WasmtimeError, capi, check
from gojinn.engine.components.values import Write
from gojinn.engine.host import LinkError

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


class Callbacks:
    """The C functions that serve components, as they are given to a linker."""

    def __init__(self, suspending: Any, quick: Any, destructor: Any) -> None:
        self.suspending, self.quick, self.destructor = suspending, quick, destructor


class Linking:
    """Builds one linker."""

    def __init__(self, engine: int, callbacks: Callbacks) -> None:
        self.linker: int = capi().wasmtime_component_linker_new(engine)
        self.callbacks = callbacks
        self.served: list[Quick] = []
        """By the number that the callback is given."""

    def interfaces(
        self,
        wanted: Sequence[str],
        interfaces: Sequence[Interface],
        suspending: Sequence[ComponentFunction],
    ) -> None:
        """Defines those that are wanted, in the versions that are wanted: they only differ in what is missing
        from the older ones. A suspending function's number is its place."""
        names = {each.name: each for each in interfaces}
        for versioned in wanted:
            name = versioned.partition("@")[0]
            with self.opened(versioned) as instance:
                given = names.get(name, Interface(name))
                for resource, number in given.resources.items():
                    self.resource(instance, resource, number)
                for word, function in given.functions.items():
                    self.served.append(function)
                    self.define(instance, "", word, self.callbacks.quick, len(self.served) - 1)
                for number, parking in enumerate(suspending):
                    if parking.module == name:
                        self.define(instance, "_async", parking.name, self.callbacks.suspending, number)

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
