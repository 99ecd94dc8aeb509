"""Opens an engine's lanes, and loads programs into them. Running them is `driver`'s."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from gojinn.engine.capi import WasmtimeError, capi
from gojinn.engine.components.link import ComponentCore, ComponentFunction
from gojinn.engine.components.worlds import Entry, World
from gojinn.engine.core import open_core
from gojinn.engine.host import HostFunction
from gojinn.engine.lanes import Lane, Program
from gojinn.engine.limits import ProgramSpec
from gojinn.engine.link import check_hosts, link
from gojinn.engine.modules import loaded, types_of
from gojinn.engine.outgoing import Sender
from gojinn.engine.poll import poll_oneoff
from gojinn.engine.sandbox import Core, Files, ModuleCore, Plan
from gojinn.engine.settings import EngineSettings, slots_that_fit
from gojinn.engine.slots import Slots
from gojinn.errors import ModuleError


class Loader:
    """The lanes of an engine, and its guests' places.

    Most guests share one lane. Those with a fuel limit need code that counts, and those that start with some
    megabytes want more of them kept resident: each kind has a lane of its own, opened with its first program.
    """

    def __init__(self, settings: EngineSettings) -> None:
        self.settings = settings
        self.slots = Slots(settings.slots or slots_that_fit())
        self.plain = Lane(open_core(settings, metered=False), self.slots)
        self.metered: Lane[ModuleCore] | None = None
        self.roomy: Lane[ModuleCore] | None = None
        self.components: dict[bool, Lane[ComponentCore]] = {}
        """By whether they are metered."""

    def close(self) -> None:
        """Frees the engine. Raises BugError while guests are live; safe to call again."""
        for lane in self.lanes():
            lane.core.close()

    def lanes(self) -> list[Lane[Core]]:
        lanes: tuple[Lane[Core] | None, ...] = (
            self.plain,
            self.metered,
            self.roomy,
            *self.components.values(),
        )
        return [lane for lane in lanes if lane is not None]

    def metered_lane(self) -> Lane[ModuleCore]:
        if self.metered is None:
            core = open_core(self.settings, metered=True)
            self.metered = Lane(core, self.slots, self.settings.metered_slots)
        return self.metered

    def roomy_lane(self) -> Lane[ModuleCore]:
        if self.roomy is None:
            core = open_core(self.settings.roomy(), metered=False)
            self.roomy = Lane(core, self.slots, self.settings.roomy_slots)
        return self.roomy

    def load(
        self, compiled: str | os.PathLike[str], spec: ProgramSpec, host: Iterable[HostFunction] = ()
    ) -> Program:
        """Maps a compiled module and links it. A spec with a fuel limit needs one compiled for metering.

        Raises LinkError naming the import that cannot be given, ModuleError for a file that wasmtime refuses.
        """
        spec.check(self.settings.max_memory, self.settings.max_table)
        hosts = (poll_oneoff(files=bool(spec.mounts)), *host)
        check_hosts(hosts)
        try:
            if spec.limits.fuel is not None:
                return self.load_into(self.metered_lane(), compiled, spec, hosts)
            program = self.load_into(self.plain, compiled, spec, hosts)
            if not self.settings.memory_keep < program.memory <= 2 * self.settings.roomy_keep:
                return program
            program.close()
            return self.load_into(self.roomy_lane(), compiled, spec, hosts)
        except WasmtimeError as error:
            raise ModuleError(f"compiled module '{os.fspath(compiled)}' cannot be loaded: {error}") from error

    def load_into(
        self,
        lane: Lane[ModuleCore],
        compiled: str | os.PathLike[str],
        spec: ProgramSpec,
        hosts: tuple[HostFunction, ...],
    ) -> Program:
        files = files_of(spec)
        with loaded(lane.core.engine, compiled) as module, types_of(module) as types:
            pre = link(lane.core, module, types, hosts, files=files is not None)
            memory = types.memory
        try:
            plan = Plan(spec.args, spec.env, spec.limits, metered=spec.limits.fuel is not None)
            return Program(lane, lane.core.program(pre, plan), hosts, files, memory)
        except BaseException:
            capi().wasmtime_instance_pre_delete(pre)
            raise

    def load_component(
        self,
        compiled: str | os.PathLike[str],
        entry: Entry,
        spec: ProgramSpec,
        functions: Sequence[ComponentFunction] = (),
        sender: Sender | None = None,
    ) -> Program:
        """Maps a compiled component, to be entered at `entry`. Raises as `load` does.

        `sender` sends what it asks by `wasi:http/outgoing-handler`; without one that is denied.
        """
        from gojinn.engine.components.engines import open_components

        spec.check(self.settings.max_memory, self.settings.max_table)
        metered = spec.limits.fuel is not None
        if metered not in self.components:
            made = open_components(self.settings, metered=metered)
            self.components[metered] = Lane(made, self.slots, self.settings.component_slots)
        lane = self.components[metered]
        plan = Plan(spec.args, spec.env, spec.limits, metered=metered)
        files, file_functions = component_files(spec)
        serving = (*file_functions, *http_functions(entry, sender))
        hosts = (*lane.core.waits, *opened_functions(needed=bool(serving)), *serving, *functions)
        try:
            handle = lane.core.load(compiled, entry, plan, hosts)
        except WasmtimeError as error:
            raise ModuleError(f"compiled module '{os.fspath(compiled)}' cannot be loaded: {error}") from error
        return Program(lane, handle, hosts, files, 0, parts=entry.world is World.PROXY)


def files_of(spec: ProgramSpec) -> Files | None:
    """wasmtime's own WASI for programs with mounts; its cost is paid by those only."""
    if not spec.mounts:
        return None
    from gojinn.engine.wasi_fs import WasiFiles

    return WasiFiles(spec)


def component_files(spec: ProgramSpec) -> tuple[Files | None, tuple[ComponentFunction, ...]]:
    """A component's mounts, and the functions that serve them; their cost is paid by those that have some."""
    if not spec.mounts:
        return None, ()
    from gojinn.engine.components import files, filesystem

    return files.ComponentFiles(spec), filesystem.FUNCTIONS


def http_functions(entry: Entry, sender: Sender | None) -> tuple[ComponentFunction, ...]:
    """What serves a component's own requests, where it knows HTTP."""
    if not any(each.startswith("wasi:http/") for each in entry.imports):
        return ()
    from gojinn.engine.components import outgoing

    return outgoing.functions(sender)


def opened_functions(*, needed: bool) -> tuple[ComponentFunction, ...]:
    """What serves streams where Python may have some."""
    if not needed:
        return ()
    from gojinn.engine.components import opened

    return opened.FUNCTIONS
