"""The configuration of a function: the options of the `gojinn` directive. Reads no module, runs nothing."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from gojinn.caddyfile.tree import Node, Word
from gojinn.capabilities.blob.config import BlobConfig
from gojinn.capabilities.http.config import HttpConfig
from gojinn.capabilities.sql.config import SqlConfig
from gojinn.config.directive import Scope
from gojinn.config.fields import INLINE, inline, line, nested, option, options, read_block, words
from gojinn.config.model import Route
from gojinn.config.node import NodeOptions
from gojinn.config.units import Secret, choice, integer
from gojinn.config.walk import reader
from gojinn.engine.limits import Limits, Mount, ProgramSpec
from gojinn.errors import ConfigError, ModuleError
from gojinn.functions.lines import (
    MOUNT,
    ApiKey,
    Variable,
    is_open,
    parse_argument,
    parse_memory,
    parse_output,
    parse_timeout,
    read_key,
    read_mount,
    read_secret,
    read_variable,
)
from gojinn.functions.mqtt import MqttOptions
from gojinn.functions.permissions import Permissions

T = TypeVar("T")

SECRETIVE = (
    *("api_key", "debug_secret", "env", "db_dsn", "db_sync_token"),
    *("s3_access_key", "s3_secret_key"),
)
"""Lines that are not shown in errors."""


def read_cron(node: Node, scope: Scope) -> Route:
    """Reads the directive `cron`, which lives above."""
    return scope.routes((node,), ordered=False)[0]


@dataclass(frozen=True, slots=True)
class FunctionConfig:
    """gojinn [<matcher>] <module.wasm> {
        timeout      <duration>
        memory_limit <size>
        fuel_limit   <n>
        request      json|cgi
        response     json|cgi
        max_output   <size>
        pool_size    <n>
        env          <name> <value>
        args         <argument>…
        mount        <host folder>|tenant:<name> <guest folder> [ro] [quota <size>]
        debug_secret <secret>
        api_key      [<tenant>] <key>
        permissions  { … }
        cron         <schedule> <module.wasm>
        <option of a capability> …
    }

    Runs a WebAssembly module for the request, in a sandbox of its own that is gone with the answer.
    Values may hold `{env.NAME}`, which is replaced when the function is loaded.
    """

    module: str
    """Absolute path of the WebAssembly module."""

    timeout: float = option(parse_timeout, "<duration>", unit="seconds", default=60.0)
    """How long one invocation may take, waiting for its turn included; past it the answer is 504."""

    memory_limit: int = option(parse_memory, "<size>", unit="bytes", default=parse_memory("128MB"))
    """Linear memory of one invocation, in whole pages of 64 KiB. Filling fresh memory in one instruction
    cannot be interrupted (0.44 ms a MiB), so this also bounds how long one guest holds up others: 60 ms."""

    fuel_limit: int | None = option(integer(1), "<n>", default=None)
    """Instructions, roughly, that one invocation may execute: the same on every run, unlike time."""

    request: str | None = option(choice("json", "cgi"), "json|cgi", default=None)
    """What a function reads: the contract's JSON object, or as CGI scripts do (RFC 3875) the body, with all
    else in environment variables. Without it the same as `response`."""

    response: str = option(choice("json", "cgi"), "json|cgi", default="json")
    """What a function writes: the contract's JSON object, or as CGI scripts do (RFC 3875) header lines, among
    them `Status` and `Location`, an empty line and the body."""

    max_output: int = option(parse_output, "<size>", unit="bytes", default=8 << 20)
    """What one invocation may write to stdout."""

    pool_size: int = option(integer(1, 30_000), "<n>", default=1_000)
    """Sandboxes of this function that one worker runs at once, so that no function takes all of a worker's.
    More requests wait in order until their timeout, which then is 503."""

    env: tuple[Variable, ...] = line(read_variable, "<name> <value>", repeat=True)
    """Environment variables of the guest, and all it has: nothing is inherited. Masked wherever shown."""

    args: tuple[str, ...] = words(parse_argument, "<argument>…")
    """Command line of the guest, behind its name."""

    mounts: tuple[Mount, ...] = line(read_mount, MOUNT, repeat=True, name="mount")
    """Folders of the host that the guest sees, read-only with `ro`. `tenant:uploads` is a folder of the
    tenant's own in the data directory, made when it is first used. A function that puts more into a mount
    than its `quota` is stopped."""

    debug_secret: Secret | None = line(read_secret, "<secret>", default=None)
    """A request whose `X-Gojinn-Debug` is this gets the invocation's log as `X-Gojinn-Logs`."""

    api_keys: tuple[ApiKey, ...] = line(read_key, "[<tenant>] <key>", repeat=True, name="api_key")
    """Keys that let a caller in and name its tenant; without any, everybody is `default`."""

    permissions: Permissions = nested(Permissions)
    """What of the host this function may use."""

    crons: tuple[Route, ...] = line(
        read_cron, "<schedule> <module.wasm>", repeat=True, takes_block=True, name="cron"
    )
    """Other functions that run by the clock, as in Gojinn 1.x; the same as a directive `cron` of the site."""

    mqtt: MqttOptions = inline(MqttOptions)

    node: NodeOptions = inline(NodeOptions)
    """What holds for the whole node, as files for Gojinn 1.x have it; better in the global options."""
    sql: SqlConfig = inline(SqlConfig)
    """Its database."""
    blob: BlobConfig = inline(BlobConfig)
    http: HttpConfig = inline(HttpConfig)

    origin: Word | None = field(default=None, compare=False, repr=False)
    """Where the module is named, for errors that show at load."""

    @property
    def name(self) -> str:
        """What the function is called in logs and answers: the module's file name without its ending."""
        return os.path.splitext(os.path.basename(self.module))[0]

    @property
    def script(self) -> bool:
        """Whether requests come to it as to a CGI script."""
        return (self.request or self.response) == "cgi"

    def joined(self) -> tuple[Any, ...]:
        """The options of capabilities, in the order of JOINED."""
        return reader(JOINED)(self)

    def mount(self, mount: Mount, tenants: str) -> Mount:
        """A mount with its folder on this node."""
        if not mount.name:
            return mount
        if not tenants:
            raise ModuleError(f"function '{self.name}' has a tenant's mount, and there is no data directory")
        return dataclasses.replace(mount, host=tenants)

    def limits(self) -> Limits:
        """The walls around one invocation."""
        return Limits(memory=self.memory_limit, fuel=self.fuel_limit, output=self.max_output)

    def spec(self, tenants: str = "") -> ProgramSpec:
        """What the engine has to know of it; `tenants` is the folder of the tenants' mounts.

        Raises ModuleError for a tenant's mount where there is no such folder.
        """
        return ProgramSpec(
            args=(self.name, *self.args),
            env={variable.name: variable.value.reveal() for variable in self.env},
            mounts=tuple(self.mount(mount, tenants) for mount in self.mounts),
            limits=self.limits(),
        )


JOINED = tuple(field.name for field in dataclasses.fields(FunctionConfig) if INLINE in field.metadata)
"""The fields that hold the options of one capability each."""


def parse(node: Node, scope: Scope) -> FunctionConfig:
    """Reads a `gojinn` directive."""
    if not node.args:
        hint = "name the module; an absolute path needs a matcher before it: gojinn * /srv/hello.wasm"
        raise node.error("'gojinn' lacks its module, expected <module.wasm>", hint=hint)
    return function_of(node, node.one("<module.wasm>"), scope)


def function_of(node: Node, word: Word, scope: Scope) -> FunctionConfig:
    """Reads a function from the word that names its module and the block of `node`."""
    module = scope.path(word) if is_open(word) else scope.file(word)
    try:
        config = read_block(node, FunctionConfig, scope, module=module, origin=word)
        if node.block:
            refuse_repeated(node, "env", [variable.name for variable in config.env])
            refuse_repeated(node, "mount", [mount.guest for mount in config.mounts])
            refuse_repeated(node, "api_key", [key.key for key in config.api_keys])
            refuse_contradictions(node, config)
    except ConfigError as error:
        if any(child.name.source == error.source for child in node.block or () if child.text in SECRETIVE):
            error.source = None
        raise
    return config


def read_trigger(
    node: Node, cls: Callable[..., T], word: Word, scope: Scope, **given: Any
) -> tuple[T, FunctionConfig]:
    """Reads a block that holds options of `cls` and, beside them, those of the function that it runs."""
    own = options(cls)
    known = {**own, **options(FunctionConfig)}
    block = node.block or ()
    for child in block:
        if child.text not in known:
            raise child.unknown(node.text, known)
    mine = dataclasses.replace(node, block=tuple(child for child in block if child.text in own))
    rest = dataclasses.replace(node, block=tuple(child for child in block if child.text not in own))
    return read_block(mine, cls, scope, **given), function_of(rest, word, scope)


def refuse_contradictions(node: Node, config: FunctionConfig) -> None:
    """Raises ConfigError where the options of a capability do not fit each other."""
    for joined in config.joined():
        found = joined.problem() if hasattr(joined, "problem") else None
        if found is not None:
            option, message = found
            raise next(child for child in node.block or () if child.text == option).error(message)


def refuse_repeated(node: Node, option: str, keys: Sequence[str | Secret]) -> None:
    """Raises ConfigError at the second line of `option` that gives a key again."""
    lines = [child for child in node.block or () if child.text == option]
    seen = set[str | Secret]()
    for key, child in zip(keys, lines, strict=True):
        if key in seen:
            raise child.error(f"'{option} {key}' is given twice", hint="remove one of them")
        seen.add(key)
