"""TLS of the listeners, from certificate files. Which sites a listener serves is `listeners`' business."""

from __future__ import annotations

import ssl
from collections.abc import Sequence

from gojinn.config.model import Config, Site
from gojinn.edge.hosts import host_test
from gojinn.edge.listeners import ListenerKey, Served, assign
from gojinn.edge.peer import ASKED
from gojinn.errors import ConfigError

Certificates = dict[ListenerKey, ssl.SSLContext]
"""For each listener with TLS the context that its connections start with."""


def load_certificates(config: Config) -> Certificates:
    """Reads the certificates of all sites. Raises ConfigError naming the file and what is wrong with it."""
    return {key: listener_context(served) for key, served in assign(config).items() if key.tls}


def listener_context(served: Sequence[Served]) -> ssl.SSLContext:
    """Makes the context of a listener: the first site's, which hands over to the one asked for."""
    choice = Choice(served)
    start = read_pair(served[0].site)
    start.sni_callback = choice
    return start


class Choice:
    """Chooses a certificate by the name that a client asks for (SNI); without a match the first one stays."""

    def __init__(self, served: Sequence[Served]) -> None:
        contexts: dict[object, ssl.SSLContext] = {}
        self._exact: dict[str, ssl.SSLContext] = {}
        self._wild: list[tuple[str, ssl.SSLContext]] = []
        for entry in served:
            if entry.site.tls not in contexts:
                contexts[entry.site.tls] = read_pair(entry.site)
            for address in entry.addresses:
                if "*" in address.host:
                    self._wild.append((address.host, contexts[entry.site.tls]))
                else:
                    self._exact.setdefault(address.host, contexts[entry.site.tls])

    def __call__(self, connection: ssl.SSLObject, name: str | None, start: ssl.SSLContext) -> None:
        """Called by OpenSSL in the middle of a handshake."""
        asked = (name or "").lower()
        setattr(connection, ASKED, asked)
        chosen = self._exact.get(asked) or next(
            (context for pattern, context in self._wild if host_test(pattern)(asked)), None
        )
        if chosen is not None:
            connection.context = chosen


def read_pair(site: Site) -> ssl.SSLContext:
    """Makes a context of a site's certificate chain and private key."""
    assert site.tls is not None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(site.tls.certificate, site.tls.key, password=no_password)
    except (OSError, ValueError) as error:
        why = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
        raise ConfigError(
            f"cannot use certificate '{site.tls.certificate}' with key '{site.tls.key}':"
            f" {why.lower().replace('_', ' ')}",
            place=site.place,
            hint="give a PEM certificate chain and its private key, which must have no password",
        ) from error
    return context


def no_password() -> str:
    """Answers OpenSSL, which would otherwise ask at the terminal, so that a locked key is an error."""
    return ""
