"""The options that hold for a whole node: its data directory, its NATS. What is made of them is `process`'s.

They belong into the global options, `gojinn { … }`. A route may have those of `NodeOptions` too, as files
written for Gojinn 1.x do; wherever they stand, all must agree.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from gojinn.caddyfile.tree import Node, Word
from gojinn.config.fields import make_field, option, path, secret, words
from gojinn.config.units import BadValue, Secret, parse_port, parse_size, parse_text
from gojinn.config.walk import gathered, names
from gojinn.errors import ConfigError

if TYPE_CHECKING:
    from gojinn.config.directive import Scope

EMBEDDED = ("nats_port", "nats_user_seed", "trusted_nats_users", "store_cipher_key", "store_limit")
"""Options that mean nothing to a NATS of the user's own."""
PLACEHOLDER = re.compile(r"\{env\.([^{}]+)\}")
SMALLEST_STORE = 10 << 20
"""Bytes."""
SERVER_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def parse_key(text: str) -> Secret:
    """Reads the key of the store."""
    if not text or "\0" in text or "\n" in text:
        raise BadValue("…", "a key of one line that is not empty")
    return Secret(text)


def parse_seed(text: str) -> Secret:
    """Reads the seed of a user's NKey."""
    if not PLACEHOLDER.search(text) and not is_seed(text):
        raise BadValue("…", "the seed of a user's NKey, 'SU…' with 58 characters")
    return Secret(text)


def is_seed(text: str) -> bool:
    """Whether a text is the seed of a user's NKey: 2 bytes of prefix, 32 of seed, 2 of checksum (CRC-16)."""
    try:
        data = base64.b32decode(text + "=" * (-len(text) % 8))
    except (binascii.Error, ValueError):
        return False
    return (
        text.startswith("SU")
        and len(data) == 36
        and binascii.crc_hqx(data[:-2], 0).to_bytes(2, "little") == data[-2:]
    )


def parse_user(text: str) -> str:
    """Reads a user's public NKey."""
    if not re.fullmatch(r"U[A-Z2-7]{55}", text):
        raise BadValue(text, "a user's public NKey, 'U…' with 56 characters")
    return text


def parse_store(text: str) -> int:
    """Reads how much all streams may take on disk; returns bytes."""
    size = parse_size(text)
    if size < SMALLEST_STORE:
        raise BadValue(text, "a size of at least '10MiB'")
    return size


def parse_name(text: str) -> str:
    """Reads the name of a node."""
    if not SERVER_NAME.fullmatch(text):
        raise BadValue(text, "a name of 1 to 64 letters, digits, '_' or '-'")
    return text


def read_urls(node: Node, scope: Scope) -> tuple[str, ...]:
    """Reads `url <url>…`: `nats://` or `tls://`. Credentials do not belong into them, and are not shown."""
    for word in node.args:
        if not is_url(word.text):
            error = word.error("wrong value for 'url': expected 'nats://<host>:<port>' without credentials")
            error.source = None
            raise error
    if not node.args:
        raise node.wrong_args("<url>…")
    return tuple(word.text for word in node.args)


def is_url(text: str) -> bool:
    """Whether a text says where a NATS is, and nothing else."""
    try:
        url = urlsplit(text)
        good = url.scheme in ("nats", "tls") and url.hostname and (url.port is None or url.port > 0)
    except ValueError:
        return False
    return bool(good) and "@" not in text and url.path in ("", "/") and not url.query


def parse_replicas(text: str) -> int:
    """Reads a number of copies that a majority can be taken of."""
    if text not in ("1", "3", "5"):
        raise BadValue(text, "1, 3 or 5")
    return int(text)


@dataclass(frozen=True, slots=True)
class External:
    """nats {
        url         <url>…
        user_seed   <seed>
        credentials <file>
        token       <token>
        user        <name>
        password    <password>
        ca          <file>
        certificate <file>
        key         <file>
        replicas    <n>
    }

    A NATS of your own, with JetStream, instead of the embedded one.
    """

    urls: tuple[str, ...] = make_field(read_urls, "<url>…", (), repeat=True, flat=True, name="url")
    """Its servers; one that answers is enough."""
    user_seed: Secret | None = secret(parse_seed, "<seed>", default=None)
    """Seed of the NKey to log in with."""
    credentials: str = path("<file>", default="", kind="file")
    """File with the JWT and the seed to log in with, `.creds`."""
    token: Secret | None = secret(parse_key, "<token>", default=None)
    """Token to log in with."""
    user: str = option(parse_text, "<name>", default="")
    """Name to log in with, and `password`."""
    password: Secret | None = secret(parse_key, "<password>", default=None)
    """Password of `user`."""
    ca: str = path("<file>", default="", kind="file")
    """Authorities to trust, PEM; without it the system's, where the server wants TLS."""
    certificate: str = path("<file>", default="", kind="file")
    """Our own certificate, PEM, where the server asks for one."""
    key: str = path("<file>", default="", kind="file")
    """The key of `certificate`."""
    replicas: int = option(parse_replicas, "<n>", default=1)
    """Copies of everything that is stored: 1, 3 or 5, and at most as many as there are servers."""


@dataclass(frozen=True, slots=True)
class NodeOptions:
    """What holds for a whole node and may stand in a route too."""

    data_dir: str = path("<folder>", default="")
    """Where state lives; without it `.gojinn/data` beside the Caddyfile. One server at a time uses it."""
    server_name: str = option(parse_name, "<name>", default="")
    """What this node is called; without it the id that its data directory keeps."""
    nats_port: int = option(parse_port, "<port>", default=0)
    """Port of the embedded NATS on the loopback interface; 0 lets the system choose one."""
    nats_user_seed: Secret | None = secret(parse_seed, "<seed>", default=None)
    """Seed of the NKey that this node's own connections have; without it one is made and kept."""
    trusted_nats_users: tuple[str, ...] = words(parse_user, "<public key>…")
    """Public NKeys of others who may connect to the embedded NATS, for all but control subjects."""
    store_cipher_key: Secret | None = secret(parse_key, "<key>", default=None)
    """Key that the embedded NATS encrypts its store with (ChaCha20-Poly1305). Losing it loses the store."""
    store_limit: int = option(parse_store, "<size>", unit="bytes", default=16 << 30)
    """What all streams of the embedded NATS may take on disk."""


UNSAID = NodeOptions()
"""What no line has changed."""


def agreed(config: Any) -> tuple[NodeOptions, list[ConfigError]]:
    """Joins the node's options from wherever they stand, and lists those that contradict others."""
    values: dict[str, Any] = {}
    errors: list[ConfigError] = []
    for options, origin in given(config):
        for name, value in changed(options).items():
            if values.setdefault(name, value) == value:
                continue
            shown = "" if isinstance(value, Secret) else f": given '{value}', elsewhere '{values[name]}'"
            message = f"'{name}' holds for the whole node but has different values{shown}"
            hint = "give it once, in the global options: { gojinn { … } }"
            assert origin is not None, "the global options come first"
            errors.append(origin.error(message, hint=hint))
        if origin is not None and config.options.nats is not None:
            errors += [origin.error(*useless(name)) for name in changed(options) if name in EMBEDDED]
    return NodeOptions(**values), errors


def useless(name: str) -> tuple[str]:
    """Says that an option is for the embedded NATS only."""
    return (f"'{name}' is for the embedded NATS, but 'nats' names one of your own",)


def refuse_useless(nodes: Sequence[Node]) -> None:
    """Raises ConfigError for a `nats` block without a URL, or beside options of the embedded NATS."""
    block = [child for node in nodes if node.text == "gojinn" for child in node.block or ()]
    for nats in (child for child in block if child.text == "nats"):
        if not any(child.text == "url" for child in nats.block or ()):
            raise nats.error("'nats' lacks 'url'", hint="add 'url nats://<host>:4222' to its block")
        for child in block:
            if child.text in EMBEDDED:
                raise child.error(*useless(child.text), hint="remove one of them")


def given(config: Any) -> Iterator[tuple[NodeOptions, Word | None]]:
    """Yields what lines say of the node, with where what has them is named; the global ones come first."""
    for kind, found in gathered(config).items():
        if "node" in (names(kind) or ()):
            yield from ((each.node, getattr(each, "origin", None)) for each in found if each.node != UNSAID)


def changed(options: NodeOptions) -> dict[str, Any]:
    """Returns the options that have another value than without a line."""
    values = {field.name: getattr(options, field.name) for field in dataclasses.fields(options)}
    return {name: value for name, value in values.items() if value != getattr(UNSAID, name)}


def filled(options: Any, environ: Mapping[str, str]) -> Any:
    """Replaces `{env.NAME}` in all texts and secrets; a variable that is not set is empty.

    Raises ConfigError when a secret becomes empty by that, or a seed is none.
    """

    def text(value: str) -> str:
        return PLACEHOLDER.sub(lambda found: environ.get(found[1], ""), value)

    values: dict[str, Any] = {}
    for field in dataclasses.fields(options):
        value = getattr(options, field.name)
        if isinstance(value, Secret):
            values[field.name] = sound(field.name, Secret(text(value.reveal())))
        elif isinstance(value, str):
            values[field.name] = text(value)
    return dataclasses.replace(options, **values)


def sound(name: str, secret: Secret) -> Secret:
    """Returns a secret that the environment may have given. Raises ConfigError for one of no use."""
    hint = "set the environment variable that it names"
    if not secret:
        raise ConfigError(f"'{name}' is empty", hint=hint)
    if name.endswith("_seed") and not is_seed(secret.reveal()):
        raise ConfigError(f"'{name}' is not the seed of a user's NKey", hint=hint)
    return secret
