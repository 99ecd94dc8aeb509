"""Stands for the module `ssl`, which packages import though they never use it: there are no sockets here."""

from __future__ import annotations

from typing import Any, NoReturn

from gojinn_runtime.failure import NO_SOCKETS

HAS_SNI = HAS_ALPN = HAS_TLSv1_3 = False
CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED = range(3)
PROTOCOL_TLS = PROTOCOL_TLS_CLIENT = 16
OPENSSL_VERSION = "none"


class SSLError(OSError):
    """As Python's; so are those below."""


class SSLZeroReturnError(SSLError): ...


class SSLWantReadError(SSLError): ...


class SSLWantWriteError(SSLError): ...


class SSLSyscallError(SSLError): ...


class SSLEOFError(SSLError): ...


class SSLCertVerificationError(SSLError, ValueError): ...


CertificateError = SSLCertVerificationError


class SSLContext:
    """What asks for one wants a connection."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        refuse()


class SSLSocket:
    """There is none."""


class SSLObject:
    """There is none."""


def refuse(*arguments: Any, **options: Any) -> NoReturn:
    """Says what to use instead."""
    raise SSLError(NO_SOCKETS)


create_default_context = _create_default_https_context = _create_unverified_context = refuse
