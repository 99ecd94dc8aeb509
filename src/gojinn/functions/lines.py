"""Values of a function's lines: how each is read. Which lines there are is told in `config`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gojinn.caddyfile.tree import Node, Word
from gojinn.config.directive import Scope
from gojinn.config.fields import read_value
from gojinn.config.units import BadValue, Secret, parse_duration, parse_size
from gojinn.engine.limits import MEMORY_CEILING, WASM_PAGE, Mount
from gojinn.errors import ConfigError

DEFAULT_TENANT = "default"
"""Who every request belongs to on a route without keys."""

ENVIRONMENT = re.compile(r"\{env\.([^{}]+)\}")
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


def parse_argument(text: str) -> str:
    """Reads one argument of the guest's command line."""
    if "\0" in text:
        raise BadValue(text, "text without NUL")
    return text


def is_open(word: Word) -> bool:
    """Whether a value waits for the environment it is loaded in."""
    return ENVIRONMENT.search(word.text) is not None
