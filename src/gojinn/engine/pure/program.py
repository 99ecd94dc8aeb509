"""A linked module with what all its invocations have in common, in the form in which they need it."""

from __future__ import annotations

from gojinn.engine.capi import capi
from gojinn.engine.limits import Surroundings
from gojinn.engine.pure.wasi import Strings
from gojinn.engine.python import PythonProgram
from gojinn.engine.sandbox import Plan


class Around:
    """Command line and environment as guests are told them."""

    __slots__ = ("args", "env")

    def __init__(self, by: Plan | Surroundings) -> None:
        self.args = Strings(by.args)
        self.env = Strings([f"{name}={value}" for name, value in by.env.items()])


class PureProgram(PythonProgram):
    """A linked module with what all its invocations have in common."""

    def __init__(self, pre: int, plan: Plan) -> None:
        super().__init__(plan)
        self.pre = pre
        self.around = Around(plan)

    def free(self) -> None:
        capi().wasmtime_instance_pre_delete(self.pre)
