"""A loaded component with what all its invocations have in common. Running one is `guest`'s."""

from __future__ import annotations

from gojinn.engine.capi import capi
from gojinn.engine.components.link import ComponentFunction, Quick
from gojinn.engine.components.worlds import World
from gojinn.engine.python import PythonProgram
from gojinn.engine.sandbox import Plan


class ComponentProgram(PythonProgram):
    """Owns the component and its linker."""

    def __init__(
        self,
        component: int,
        point: int,
        world: World,
        plan: Plan,
        functions: tuple[ComponentFunction, ...],
    ) -> None:
        super().__init__(plan)
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

    def free(self) -> None:
        if self.linker:
            capi().wasmtime_component_linker_delete(self.linker)
        capi().wasmtime_component_export_index_delete(self.point)
        capi().wasmtime_component_delete(self.component)
