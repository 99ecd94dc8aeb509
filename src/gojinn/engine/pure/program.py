"""A linked module with what all its invocations have in common, in the form in which they need it."""

from __future__ import annotations

from gojinn.engine.capi import capi
from gojinn.engine.pure.wasi import Strings
from gojinn.engine.python import PythonProgram
from gojinn.engine.sandbox import Plan


class PureProgram(PythonProgram):
    """A linked module with what all its invocations have in common."""

    def __init__(self, pre: int, plan: Plan) -> None:
        super().__init__(plan)
        self.pre = pre
        self.args = Strings(plan.args)
        self.env = Strings([f"{name}={value}" for name, value in plan.env.items()])

    def free(self) -> None:
        capi().wasmtime_instance_pre_delete(self.pre)
