"""How connections to upstreams are made: the `transport http` block. Makes none itself."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Scope
from gojinn.config.fields import flag, line, option, read_block, read_value
from gojinn.config.units import integer, parse_duration, parse_host
from gojinn.errors import ConfigError

OFF = 0.0


def read_keepalive(node: Node, scope: Scope) -> float:
    """Reads `off` or a duration."""
    word = node.one("off|<duration>")
    return OFF if word.text == "off" else read_value(word, parse_duration, node.text)


def read_files(node: Node, scope: Scope) -> tuple[str, ...]:
    """Reads files that must exist."""
    if not node.args:
        raise node.wrong_args("<pem files...>")
    return tuple(scope.file(word) for word in node.args)


def read_client(node: Node, scope: Scope) -> tuple[str, ...]:
    """Reads a certificate and its key."""
    if len(node.args) != 2:
        raise node.wrong_args("<certificate file> <key file>")
    return read_files(node, scope)


@dataclass(frozen=True, slots=True)
class Transport:
    """transport http {
        dial_timeout                  <duration>
        response_header_timeout       <duration>
        read_timeout                  <duration>
        write_timeout                 <duration>
        keepalive                     off|<duration>
        keepalive_idle_conns_per_host <count>
        tls
        tls_insecure_skip_verify
        tls_server_name               <name>
        tls_trusted_ca_certs          <pem files...>
        tls_client_auth               <certificate file> <key file>
    }
    """

    dial_timeout: float = option(parse_duration, "<duration>", unit="seconds", default=3.0)
    """How long connecting may take."""
    response_header_timeout: float = option(parse_duration, "<duration>", unit="seconds", default=0.0)
    """How long the upstream may take to begin its answer; 0 means as long as it likes."""
    read_timeout: float = option(parse_duration, "<duration>", unit="seconds", default=0.0)
    """How long each piece of the answer may take; 0 means as long as it likes."""
    write_timeout: float = option(parse_duration, "<duration>", unit="seconds", default=0.0)
    """How long the upstream may take to accept each piece of the request; 0 means as long as it likes."""
    keepalive: float = line(read_keepalive, "off|<duration>", unit="seconds", default=120.0)
    """How long an idle connection is kept; 0 when none is kept."""
    keepalive_idle_conns_per_host: int = option(integer(0), "<count>", default=32)
    """How many idle connections are kept for an upstream."""
    tls: bool = flag()
    """Whether to speak HTTPS to the upstreams."""
    tls_insecure_skip_verify: bool = flag()
    """Whether to believe any certificate, which protects against nobody."""
    tls_server_name: str = option(parse_host, "<name>", default="")
    """The name that certificates must be for, if not the address's."""
    tls_trusted_ca_certs: tuple[str, ...] = line(read_files, "<pem files...>", default=())
    """The authorities whose certificates are believed, in place of the system's."""
    tls_client_auth: tuple[str, ...] = line(read_client, "<certificate file> <key file>", default=())
    """Certificate and key to show to the upstreams."""

    @property
    def encrypted(self) -> bool:
        """Whether an option asks for HTTPS."""
        extra = self.tls_server_name or self.tls_trusted_ca_certs or self.tls_client_auth
        return bool(self.tls or self.tls_insecure_skip_verify or extra)


def read_transport(node: Node, scope: Scope) -> Transport:
    """Reads the block; `http` is the only kind there is."""
    kind = node.one("http { … }")
    if kind.text != "http":
        raise kind.error(f"Gojinn does not have Caddy's transport '{kind.text}'", hint="use 'http'")
    return read_block(node, Transport, scope)


def tls_context(transport: Transport) -> ssl.SSLContext:
    """Makes what encrypts connections. Raises ConfigError for a file without a certificate or key."""
    trusted = transport.tls_trusted_ca_certs
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if trusted else ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    if transport.tls_insecure_skip_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    for path in trusted:
        load(path, partial(context.load_verify_locations, path))
    if transport.tls_client_auth:
        load(transport.tls_client_auth[0], partial(context.load_cert_chain, *transport.tls_client_auth))
    return context


def load(path: str, work: Callable[[], None]) -> None:
    """Loads a file into an SSL context."""
    try:
        work()
    except OSError as error:
        raise ConfigError(f"reading '{path}': expected a certificate in PEM form ({error})") from error
