"""Who may use a database: tokens, and signed ones (JWT, RFC 7519 and 8037). How they arrive, callers know."""

from __future__ import annotations

import time
from base64 import urlsafe_b64decode
from collections.abc import Iterable
from dataclasses import dataclass
from math import inf
from typing import Any

import msgspec
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from gojinn.libsql.faults import Fault
from gojinn.libsql.tokens import Token
from gojinn.trust.keyring import Keyring

LEEWAY = 60
"""Seconds by which clocks may differ."""
FULL, READ = "+", "-"


class AuthFailed(Exception):
    """Somebody is not let in."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.fault = Fault(f"Authentication failed: {message}", code)


@dataclass(frozen=True, slots=True)
class Access:
    """What somebody may do."""

    readonly: bool = False
    until: float = inf
    """When it ends, in seconds since 1970."""
    tenant: str = ""
    """Whose database it is for; empty when it says nothing."""

    def check(self) -> None:
        """Raises AuthFailed when it has ended."""
        if time.time() > self.until + LEEWAY:
            raise AuthFailed("AUTH_JWT_EXPIRED", "The JWT has expired")


EVERYBODY = Access()


class Claims(msgspec.Struct):
    """What a JWT says, as far as it matters here."""

    exp: float | None = None
    nbf: float | None = None
    id: str | None = None
    """The namespace."""
    a: str | None = None
    """`ro` or `rw`."""
    p: dict[str, Any] | None = None
    """Permissions: `{"rw": {"ns": […]}, "ro": {"ns": […]}}`; goes before `id` and `a`."""


class Header(msgspec.Struct):
    """How a JWT is signed."""

    alg: str


class Gate:
    """Lets in whoever has a token of these. Without any, everybody."""

    def __init__(
        self,
        full: Iterable[Token] = (),
        read: Iterable[Token] = (),
        keys: Iterable[str] = (),
        namespace: str = "",
    ) -> None:
        """Takes tokens, public keys in hexadecimal, and the namespace that JWTs have to be for, if any."""
        tokens = [(FULL + each.tenant, each.secret.reveal()) for each in full]
        tokens += [(READ + each.tenant, each.secret.reveal()) for each in read]
        self._tokens = Keyring(tokens) if tokens else None
        self._keys = [VerifyKey(bytes.fromhex(key)) for key in keys]
        self._namespace = namespace

    @property
    def open(self) -> bool:
        """Whether everybody is let in."""
        return self._tokens is None and not self._keys

    def header(self, value: bytes | None) -> Access:
        """Judges an Authorization field. Raises AuthFailed."""
        if self.open:
            return EVERYBODY
        if value is None:
            message = "The `Authorization` HTTP header is required but was not specified"
            raise AuthFailed("AUTH_HTTP_HEADER_MISSING", message)
        scheme, space, token = value.partition(b" ")
        if not space:
            message = "The `Authorization` HTTP header has invalid value"
            raise AuthFailed("AUTH_HTTP_HEADER_INVALID", message)
        if scheme.lower() != b"bearer":
            message = "The authentication scheme in the `Authorization` HTTP header is not supported"
            raise AuthFailed("AUTH_HTTP_HEADER_UNSUPPORTED_SCHEME", message)
        return self.token(token.strip().decode("latin-1"))

    def token(self, token: str | None) -> Access:
        """Judges a token. Raises AuthFailed."""
        if self.open:
            return EVERYBODY
        if token is None:
            raise AuthFailed("AUTH_JWT_MISSING", "Authentication is required but no JWT was specified")
        if self._tokens is not None:
            kind = self._tokens.tenant(token.encode("utf-8", "surrogateescape"))
            if kind is not None:
                return Access(readonly=kind[0] == READ, tenant=kind[1:])
        return self._signed(token)

    def _signed(self, token: str) -> Access:
        """Judges a JWT."""
        signed, _, signature = token.rpartition(".")
        head, dot, body = signed.partition(".")
        try:
            if not dot or msgspec.json.decode(part(head), type=Header).alg != "EdDSA":
                raise invalid()
            claims = msgspec.json.decode(part(body), type=Claims)
            seal = part(signature)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise invalid() from error
        if not any(verified(key, signed.encode("ascii", "replace"), seal) for key in self._keys):
            raise invalid()
        return self._access(claims)

    def _access(self, claims: Claims) -> Access:
        """Says what a JWT that is genuine allows."""
        if claims.nbf is not None and time.time() < claims.nbf - LEEWAY:
            raise AuthFailed("AUTH_JWT_IMMATURE", "The JWT is immature (not valid yet)")
        until = inf if claims.exp is None else claims.exp
        if claims.p is not None:
            access = Access(self._readonly_by(claims.p), until, self._namespace)
        else:
            if self._namespace and claims.id not in (None, self._namespace):
                raise AuthFailed("AUTH_FAILED", "The JWT is for another database")
            access = Access(claims.a in ("ro", "roa"), until, claims.id or "")
        access.check()
        return access

    def _readonly_by(self, permissions: dict[str, Any]) -> bool:
        """Finds what fine-grained permissions allow on our namespace."""
        if self._granted(permissions.get("rw")):
            return False
        if self._granted(permissions.get("ro")) or self._granted(permissions.get("roa")):
            return True
        raise AuthFailed("AUTH_FAILED", "The JWT is for another database")

    def _granted(self, scope: Any) -> bool:
        """Tells whether a scope holds our namespace."""
        names = scope.get("ns") if isinstance(scope, dict) else None
        if not isinstance(names, list):
            return False
        return self._namespace in names if self._namespace else bool(names)


def part(text: str) -> bytes:
    """Reads a part of a JWT. Raises ValueError."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def verified(key: VerifyKey, signed: bytes, signature: bytes) -> bool:
    """Tells whether a signature is the key's."""
    try:
        key.verify(signed, signature)
    except (BadSignatureError, ValueError):
        return False
    return True


def invalid() -> AuthFailed:
    """Makes the error for a token that is not genuine."""
    return AuthFailed("AUTH_JWT_INVALID", "The JWT is invalid")
