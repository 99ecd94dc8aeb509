"""A loaded component with what all its invocations have in common. Running one is `guest`'s."""

from __future__ import annotations

from gojinn.engine.components.link import ComponentFunction, Quick
from gojinn.engine.components.load import LinkedComponent
from gojinn.engine.components.worlds import World
from gojinn.engine.limits import Surroundings
from gojinn.engine.python import PythonProgram
from gojinn.engine.sandbox import Plan


class ComponentProgram(PythonProgram):
    """Owns the component with its linker."""

    def __init__(
        self,
        linked: LinkedComponent,
        world: World,
        plan: Plan,
        functions: tuple[ComponentFunction, ...],
        quick: list[Quick],
    ) -> None:
        super().__init__(plan)
        self.linked = linked
        self.quick = quick
        """What answers at once, by the number it was linked with."""
        self.functions = functions
        """What suspends, by its place."""
        self.world = world
        self.around: Plan | Surroundings = plan

    def free(self) -> None:
        self.linked.free()
