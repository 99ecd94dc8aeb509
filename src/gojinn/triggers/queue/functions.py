"""The functions of a generation that jobs without a queue of their own are for, bound as they are needed."""

from __future__ import annotations

from gojinn.capabilities.queue.targets import Target
from gojinn.functions.config import FunctionConfig
from gojinn.functions.function import Function
from gojinn.functions.modules import Modules
from gojinn.functions.registry import FunctionRegistry
from gojinn.functions.targets import Targets


class Functions:
    """Binds functions. A configuration may have ten thousand of them, of which few ever get a job."""

    def __init__(self, targets: Targets, registry: FunctionRegistry, modules: Modules) -> None:
        self.targets = targets
        self.registry = registry
        self.modules = modules
        self.bound: dict[FunctionConfig, Function] = {}

    def find(self, target: Target) -> Function | None:
        """Finds the function of a target; None when there is none any more. Raises ConfigError."""
        config = self.targets.function(target)
        if config is None:
            return None
        function = self.bound.get(config)
        if function is None:
            function = self.bound[config] = self.registry.bind(config, self.modules)
        return function

    def close(self) -> None:
        """Gives all functions back."""
        for function in self.bound.values():
            self.registry.release(function)
        self.bound.clear()
