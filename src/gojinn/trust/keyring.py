"""API keys and whose they are. Where a request carries its key is the edge's to know."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable


class Keyring:
    """Finds the tenant of a key in a time that tells nothing about the keys.

    Keys are kept and looked up as digests under a random key of this process. How long a lookup takes depends
    on how much the digests have in common, which a caller can neither choose nor learn from, and neither on
    how near a guess is nor on how many keys there are.
    """

    __slots__ = ("_salt", "_tenants")

    def __init__(self, keys: Iterable[tuple[str, str]]) -> None:
        self._salt = secrets.token_bytes(32)
        self._tenants = {self._digest(key.encode()): tenant for tenant, key in keys}

    def _digest(self, key: bytes) -> bytes:
        return hashlib.blake2b(key, key=self._salt, digest_size=32).digest()

    def tenant(self, key: bytes) -> str | None:
        """Returns whose key this is, None when it is nobody's."""
        return self._tenants.get(self._digest(key))
