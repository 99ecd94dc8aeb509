"""The configuration of a function: the options of the `gojinn` directive. Reads no module, runs nothing."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, TypeVar

from gojinn.caddyfile.tree import Node, Word
from gojinn.capabilities.blob.config import BlobConfig
from gojinn.capabilities.sql.config import SqlConfig
from gojinn.config.directive import Scope
from gojinn.config.fields import INLINE, inline, line, nested, option, options, read_block, read_value, words
from gojinn.config.model import Route
from gojinn.config.node import NodeOptions
from gojinn.config.units import BadValue, Secret, integer, parse_duration, parse_size
from gojinn.engine.limits import MEMORY_CEILING, WASM_PAGE, Limits, Mount, ProgramSpec
from gojinn.errors import ConfigError, ModuleError
from gojinn.functions.mqtt import MqttOptions
from gojinn.functions.permissions import Permissions

T = TypeVar("T")

DEFAULT_TENANT = "default"
"""Who every request belongs to on a route without keys."""

ENVIRONMENT = re.compile(r"\{env\.([^{}]+)\}")
SECRETIVE = (
    *("api_key", "debug_secret", "env", "db_dsn", "db_sync_token"),
    *("s3_access_key", "s3_secret_key"),
)
"""Lines that are not shown in errors."""
TENANTS = "tenant:"
"""Begins the name of a mount that every tenant has one of."""
MOUNT = "<host folder>|tenant:<name> <guest folder> [ro] [quota <size>]"
TENANT = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""A tenant's name becomes part of subjects and keys, so it has no dots, wildcards or spaces."""


def parse_timeout(text: str) -> float:
    """Reads a duration above zero; returns seconds."""
    seconds = parse_duration(text)
    if seconds <= 0:
        raise BadValue(text, "a duration above zero such as '30s'")
    return seconds


def parse_memory(text: str) -> int:
    """Reads a size of linear memory and rounds it up to whole pages; returns bytes."""
    size = -(-parse_size(text) // WASM_PAGE) * WASM_PAGE
    if not WASM_PAGE <= size <= MEMORY_CEILING:
        raise BadValue(text, "a size from '64KiB' to '4GiB'")
    return size


def parse_output(text: str) -> int:
    """Reads how much a guest may answer; returns bytes."""
    size = parse_size(text)
    if not 1 <= size <= 1 << 30:
        raise BadValue(text, "a size from '1B' to '1GiB'")
    return size


def parse_secret(text: str) -> Secret:
    """Reads a secret. An empty one would let everybody in, so it is refused."""
    if not text:
        raise BadValue(text, "a secret that is not empty")
    return Secret(text)


def parse_tenant(text: str) -> str:
    """Reads a tenant's name."""
    if not TENANT.fullmatch(text):
        raise BadValue(text, "a tenant's name of 1 to 64 letters, digits, '_' or '-'")
    return text


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key that lets a caller in, and the tenant whose it is."""

    tenant: str
    key: Secret


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable of the guest. Its value may be a secret, so it is always masked."""

    name: str
    value: Secret


def read_key(node: Node, scope: Scope) -> ApiKey:
    """Reads `api_key [<tenant>] <key>`."""
    if len(node.args) not in (1, 2):
        raise wrong_count(node, "[<tenant>] <key>")
    tenant = DEFAULT_TENANT
    if len(node.args) == 2:
        tenant = read_value(node.args[0], parse_tenant, "tenant of 'api_key'")
    return ApiKey(tenant, read_value(node.args[-1], parse_secret, "api_key"))


def read_variable(node: Node, scope: Scope) -> Variable:
    """Reads `env <name> <value>`."""
    if len(node.args) != 2:
        raise wrong_count(node, "<name> <value>")
    name, value = node.args
    if not name.text or "=" in name.text or "\0" in name.text:
        raise name.error(f"wrong name for 'env': given '{name.text}', expected a name without '='")
    if "\0" in value.text:
        raise node.error(f"wrong value for 'env {name.text}': expected text without NUL")
    return Variable(name.text, Secret(value.text))


def read_secret(node: Node, scope: Scope) -> Secret:
    """Reads `debug_secret <secret>`."""
    if len(node.args) != 1:
        raise wrong_count(node, "<secret>")
    return read_value(node.args[0], parse_secret, node.text)


def wrong_count(node: Node, form: str) -> ConfigError:
    """Makes the error for a line with secrets, which `Node.wrong_args` would repeat."""
    return node.error(f"wrong arguments for '{node.text}': given {len(node.args)}, expected {form}")


def read_mount(node: Node, scope: Scope) -> Mount:
    """Reads `mount <host folder>|tenant:<name> <guest folder> [ro] [quota <size>]`."""
    if len(node.args) < 2:
        raise node.wrong_args(MOUNT)
    host, guest, *rest = node.args
    if not guest.text or "\0" in guest.text:
        raise guest.error(f"wrong folder for 'mount': given '{guest.text}', expected the guest's name for it")
    read_only = bool(rest) and rest[0].text == "ro"
    if rest and rest[0].text in ("ro", "rw"):
        rest = rest[1:]
    quota = None
    if len(rest) == 2 and rest[0].text == "quota":
        quota = read_value(rest[1], parse_quota, "quota of 'mount'")
    elif rest:
        raise node.wrong_args(MOUNT)
    if host.text.startswith(TENANTS):
        name = read_value(host, parse_tenant_mount, "mount")
        return Mount(TENANTS, guest.text, read_only, name, quota)
    path = scope.path(host) if is_open(host) else scope.folder(host)
    return Mount(path, guest.text, read_only, quota=quota)


def parse_quota(text: str) -> int:
    """Reads how much may be in a mount; returns bytes."""
    size = parse_size(text)
    if size < 1:
        raise BadValue(text, "a size such as '100MB'")
    return size


def parse_tenant_mount(text: str) -> str:
    """Reads `tenant:<name>`; returns the name."""
    name = text.removeprefix(TENANTS)
    if not TENANT.fullmatch(name):
        raise BadValue(text, "'tenant:' and a name of 1 to 64 letters, digits, '_' or '-'")
    return name


def read_cron(node: Node, scope: Scope) -> Route:
    """Reads the directive `cron`, which lives above."""
    return scope.routes((node,), ordered=False)[0]


def parse_argument(text: str) -> str:
    """Reads one argument of the guest's command line."""
    if "\0" in text:
        raise BadValue(text, "text without NUL")
    return text


@dataclass(frozen=True, slots=True)
class FunctionConfig:
    """gojinn [<matcher>] <module.wasm> {
        timeout      <duration>
        memory_limit <size>
        fuel_limit   <n>
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

    origin: Word | None = field(default=None, compare=False, repr=False)
    """Where the module is named, for errors that show at load."""

    @property
    def name(self) -> str:
        """What the function is called in logs and answers: the module's file name without its ending."""
        return PurePath(self.module).stem

    def joined(self) -> dict[str, Any]:
        """The options of capabilities, by field."""
        return {name: getattr(self, name) for name in JOINED}

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
    for joined in config.joined().values():
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


def is_open(word: Word) -> bool:
    """Whether a value waits for the environment it is loaded in."""
    return ENVIRONMENT.search(word.text) is not None


def texts(config: FunctionConfig) -> Iterator[str]:
    """Yields every value of a function that may hold `{env.NAME}`."""
    yield config.module
    yield from config.args
    for variable in config.env:
        yield variable.value.reveal()
    for mount in config.mounts:
        yield mount.host
    for key in config.api_keys:
        yield key.key.reveal()
    if config.debug_secret is not None:
        yield config.debug_secret.reveal()
    for joined in config.joined().values():
        yield from map(revealed, vars_of(joined).values())


def vars_of(joined: Any) -> dict[str, str | Secret]:
    """Returns the values of a capability's options that may hold `{env.NAME}`, by field."""
    values = {field.name: getattr(joined, field.name) for field in dataclasses.fields(joined)}
    return {name: value for name, value in values.items() if isinstance(value, str | Secret)}


def revealed(value: str | Secret) -> str:
    """Returns the text of a value that may be a secret."""
    return value.reveal() if isinstance(value, Secret) else value


def resolve(config: FunctionConfig, environ: Mapping[str, str]) -> FunctionConfig:
    """Replaces `{env.NAME}` in all values; a variable that is not set is empty, as in Caddy.

    Raises ConfigError when a secret becomes empty by that.
    """
    if not any("{env." in text for text in texts(config)):
        return config

    def text(value: str) -> str:
        return ENVIRONMENT.sub(lambda found: environ.get(found[1], ""), value) if "{env." in value else value

    def path(value: str) -> str:
        """A variable that begins a relative path may hold an absolute one."""
        base, brace, rest = value.partition("{env.")
        return os.path.join(base, text(brace + rest)) if base.endswith("/") else text(value)

    def secret(value: Secret, what: str) -> Secret:
        revealed = text(value.reveal())
        if not revealed and config.origin is not None:
            hint = "set the environment variable that it names"
            raise config.origin.error(f"'{what}' of this function is empty", hint=hint)
        return Secret(revealed)

    def filled(joined: Any) -> Any:
        """A capability's options; its secrets may be empty, unlike those that let somebody in."""
        values = {
            name: Secret(text(value.reveal())) if isinstance(value, Secret) else text(value)
            for name, value in vars_of(joined).items()
        }
        return dataclasses.replace(joined, **values)

    debug = config.debug_secret
    return dataclasses.replace(
        config,
        **{name: filled(joined) for name, joined in config.joined().items()},
        module=path(config.module),
        env=tuple(Variable(v.name, Secret(text(v.value.reveal()))) for v in config.env),
        args=tuple(map(text, config.args)),
        mounts=tuple(m if m.name else dataclasses.replace(m, host=path(m.host)) for m in config.mounts),
        debug_secret=None if debug is None else secret(debug, "debug_secret"),
        api_keys=tuple(ApiKey(k.tenant, secret(k.key, "api_key")) for k in config.api_keys),
    )
