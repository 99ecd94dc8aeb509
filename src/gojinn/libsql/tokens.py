"""Tokens and keys as a Caddyfile has them. Who is let in by them, `gate` decides."""

from __future__ import annotations

import binascii
from dataclasses import dataclass

from gojinn.config.units import Secret

SPKI = bytes.fromhex("302a300506032b6570032100")
"""What stands before the 32 bytes of an Ed25519 key in a SubjectPublicKeyInfo (RFC 8410)."""
KEY_SIZE = 32


@dataclass(frozen=True, slots=True)
class Token:
    """A token and, where every tenant has a database of its own, whose it is."""

    secret: Secret
    tenant: str = ""


def public_key(text: str) -> bytes:
    """Reads an Ed25519 public key: PEM, or base64 of its 32 bytes or of its DER form. Raises ValueError."""
    lines = [line.strip() for line in text.strip().splitlines()]
    if lines and lines[0].startswith("-----BEGIN"):
        if lines[0] != "-----BEGIN PUBLIC KEY-----" or lines[-1] != "-----END PUBLIC KEY-----":
            raise ValueError("this is not a public key")
        lines = lines[1:-1]
    bare = "".join(lines).rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        data = binascii.a2b_base64(bare + "=" * (-len(bare) % 4), strict_mode=True)
    except ValueError as error:
        raise ValueError("this is not base64") from error
    key = data.removeprefix(SPKI)
    if len(key) != KEY_SIZE:
        raise ValueError("this is not an Ed25519 key")
    return key
