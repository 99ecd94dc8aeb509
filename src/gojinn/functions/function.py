"""One function of this process: a module with its settings. It neither loads nor runs itself."""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import Any

from gojinn.config.units import Secret
from gojinn.engine.cache import Compiled
from gojinn.engine.components.worlds import World, entry_of
from gojinn.engine.lanes import Program
from gojinn.functions.config import FunctionConfig
from gojinn.functions.environment import vars_of
from gojinn.functions.gate import Gate
from gojinn.functions.guestlog import Allowance
from gojinn.functions.usage import Usage
from gojinn.trust.masking import Masking
from gojinn.trust.permissions import Grants

COMPLAINTS = 1.0
"""Denials of one function that are logged a second in the long run."""
COMPLAINTS_AT_ONCE = 20.0


class Function:
    """Idle, a function is a few hundred bytes; its program is loaded when it is called."""

    def __init__(self, config: FunctionConfig, compiled: Compiled) -> None:
        self.config = config
        """With the environment filled in."""
        self.compiled = compiled
        self.name = config.name
        entry = entry_of(name for name, _ in compiled.info.exports) if compiled.info.component else None
        self.bare = entry is not None and entry.world is World.PROXY
        """Whether it handles requests of HTTP as they are, without an envelope."""
        self.script = config.script
        """Whether it finds requests in its environment, and only bodies on stdin."""
        self.program: Program | None = None
        self.fresh = False
        """Whether it was called since somebody last looked for idle ones."""
        self.bindings = 0
        """Routes that hold it."""

    @cached_property
    def loading(self) -> asyncio.Lock:
        """Held by whoever loads it."""
        return asyncio.Lock()

    @cached_property
    def gate(self) -> Gate:
        """How many of its sandboxes run at once."""
        return Gate(self.config.pool_size)

    @cached_property
    def usage(self) -> Usage:
        """What its invocations have used."""
        return Usage()

    @cached_property
    def allowance(self) -> Allowance:
        """What it may log."""
        return Allowance()

    @cached_property
    def complaints(self) -> Allowance:
        """How many of its denials may be logged: a guest can provoke as many as it likes."""
        return Allowance(COMPLAINTS, COMPLAINTS_AT_ONCE)

    @cached_property
    def grants(self) -> Grants:
        """What it may do to what."""
        return self.config.permissions.grants()

    @cached_property
    def settings(self) -> dict[type, Any]:
        """Its options of capabilities, by their type."""
        return {type(joined): joined for joined in self.config.joined()}

    @cached_property
    def masking(self) -> Masking:
        """Hides the values of its environment, and its secrets."""
        secrets = [variable.value for variable in self.config.env]
        for joined in self.config.joined():
            secrets += [value for value in vars_of(joined).values() if isinstance(value, Secret)]
        return Masking(secret.reveal() for secret in secrets)
