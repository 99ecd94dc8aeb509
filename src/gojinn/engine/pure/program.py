"""A linked module with what all its invocations have in common, in the form in which they need it."""

from __future__ import annotations

import ctypes

from gojinn.engine.capi import capi
from gojinn.engine.pure.wasi import Strings
from gojinn.engine.sandbox import Plan

NO_FUEL_LIMIT = (1 << 64) - 1


class PureProgram:
    """A linked module with what all its invocations have in common."""

    def __init__(self, pre: int, plan: Plan) -> None:
        self.pre = pre
        self.output_limit = plan.limits.output
        self.log_limit = plan.limits.log
        walls = (plan.limits.memory, plan.limits.tables, -1, -1, -1)
        self.walls = tuple(ctypes.c_int64(wall) for wall in walls)
        """Arguments of the store limiter, converted once."""
        self.metered = plan.metered
        self.fuel = NO_FUEL_LIMIT if plan.limits.fuel is None else plan.limits.fuel
        self.args = Strings(plan.args)
        self.env = Strings([f"{name}={value}" for name, value in plan.env.items()])
        self.users = 1
        """Its handle and its running guests."""

    def drop_user(self) -> None:
        self.users -= 1
        if not self.users:
            capi().wasmtime_instance_pre_delete(self.pre)
