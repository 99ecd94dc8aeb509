"""A loaded component with what all its invocations have in common. Running one is `guest`'s."""

from __future__ import annotations

import ctypes

from gojinn.engine.capi import capi
from gojinn.engine.components.link import ComponentFunction, Quick
from gojinn.engine.components.worlds import World
from gojinn.engine.sandbox import Plan

NO_FUEL_LIMIT = (1 << 64) - 1


class ComponentProgram:
    """Owns the component and its linker."""

    def __init__(
        self,
        component: int,
        point: int,
        world: World,
        plan: Plan,
        functions: tuple[ComponentFunction, ...],
    ) -> None:
        self.component = component
        self.point = point
        """Which of its functions is called."""
        self.linker = 0
        self.quick: list[Quick] = []
        """What answers at once, by the number it was linked with."""
        self.functions = functions
        """What suspends, by its place."""
        self.world = world
        self.args, self.env = plan.args, tuple(plan.env.items())
        walls = (plan.limits.memory, plan.limits.tables, -1, -1, -1)
        self.walls = tuple(ctypes.c_int64(wall) for wall in walls)
        self.output_limit, self.log_limit = plan.limits.output, plan.limits.log
        self.metered = plan.metered
        self.fuel = NO_FUEL_LIMIT if plan.limits.fuel is None else plan.limits.fuel
        self.users = 1
        """Its handle and its running guests."""

    def drop_user(self) -> None:
        """Frees it with its last user."""
        self.users -= 1
        if not self.users:
            if self.linker:
                capi().wasmtime_component_linker_delete(self.linker)
            capi().wasmtime_component_export_index_delete(self.point)
            capi().wasmtime_component_delete(self.component)
