"""What a trigger is: how it is configured, and what a generation runs for it. None lives here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Protocol, TypeVar

from gojinn.config.directive import Directive
from gojinn.config.model import Config
from gojinn.errors import ConfigError
from gojinn.functions.config import FunctionConfig
from gojinn.functions.environment import resolve
from gojinn.functions.modules import Modules
from gojinn.functions.registry import Binding
from gojinn.functions.runner import Runner

Service = TypeVar("Service")


class Consumer(Protocol):
    """Runs functions for the events of a trigger, from being entered to being drained.

    Entering returns at once, whatever the world is like: what has to be connected or made is done in the
    background, and again after it was lost. Leaving cancels what still runs.
    """

    async def __aenter__(self) -> object: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> bool | None: ...

    async def drain(self) -> None:
        """Takes no more events from now on, and returns when what runs has ended."""


@dataclass(slots=True)
class TriggerContext:
    """Handed to each trigger's `open`; lives as long as the generation."""

    services: Mapping[type, Any]
    """What the worker has, by type, such as its connection to the fabric; `Modules` are the generation's."""
    resources: list[AbstractAsyncContextManager[Any]] = field(default_factory=list)
    """Entered before the generation goes on duty and left after its consumers."""
    bound: dict[FunctionConfig, Binding] = field(default_factory=dict)

    def service(self, kind: type[Service]) -> Service:
        """Finds a service by its type; a missing one is a bug of the composition root."""
        found = self.services[kind]
        assert isinstance(found, kind)
        return found

    def bind(self, config: FunctionConfig) -> Binding:
        """Holds a function for as long as the generation lives; `binding.function` is there once on duty.

        Raises ConfigError.
        """
        runner = self.service(Runner)
        config = resolve(config, runner.registry.environ)
        found = self.bound.get(config)
        if found is None:
            found = self.bound[config] = runner.registry.binding(config, self.service(Modules))
            self.resources.append(found)
        return found


@dataclass(frozen=True, slots=True)
class Trigger:
    """A kind of event that functions can be run for."""

    word: str
    """What `trigger` of the envelope says."""
    open: Callable[[Config, TriggerContext], Consumer | None]
    """Makes what a generation runs for a configuration; None when that has nothing for it to do."""
    directive: Directive | None = None
    """How it is written in a site or in the global block `gojinn`; its `build` is None."""
    check: Callable[[Config], Iterable[ConfigError]] | None = None
    """Yields what is wrong with a configuration as a whole, such as a name given twice."""
    needs: tuple[type, ...] = ()
    """Services that it cannot do without; where one is missing nothing runs for it."""


def open_all(triggers: Iterable[Trigger], config: Config, context: TriggerContext) -> list[Consumer]:
    """Makes the consumers of all triggers that have something to do. Raises ConfigError."""
    consumers = []
    for trigger in triggers:
        if all(need in context.services for need in trigger.needs):
            consumer = trigger.open(config, context)
            if consumer is not None:
                consumers.append(consumer)
    return consumers
