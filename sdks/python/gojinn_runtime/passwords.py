"""`hashlib.pbkdf2_hmac`, which Python has from OpenSSL elsewhere: RFC 8018, section 5.2."""

from __future__ import annotations

import hashlib
from typing import Any

INNER = bytes(byte ^ 0x36 for byte in range(256))
OUTER = bytes(byte ^ 0x5C for byte in range(256))


def offer() -> None:
    """Puts it where programs look for it."""
    if not hasattr(hashlib, "pbkdf2_hmac"):
        hashlib.pbkdf2_hmac = pbkdf2_hmac  # type: ignore[assignment]


def pbkdf2_hmac(hash_name: str, password: Any, salt: Any, iterations: int, dklen: int | None = None) -> bytes:
    """Derives a key from a password. Raises ValueError for numbers that make no sense."""
    if iterations < 1 or (dklen is not None and dklen < 1):
        raise ValueError("iterations and dklen are 1 or more")
    plain = hashlib.new(hash_name)
    key = bytes(password)
    if len(key) > plain.block_size:
        key = hashlib.new(hash_name, key).digest()
    key = key.ljust(plain.block_size, b"\0")
    inner, outer = (hashlib.new(hash_name, key.translate(mask)) for mask in (INNER, OUTER))

    def mac(data: bytes) -> bytes:
        one, two = inner.copy(), outer.copy()
        one.update(data)
        two.update(one.digest())
        return two.digest()

    wanted = plain.digest_size if dklen is None else dklen
    derived = b""
    for number in range(1, -(-wanted // plain.digest_size) + 1):
        last = mac(bytes(salt) + number.to_bytes(4))
        mixed = int.from_bytes(last)
        for _ in range(iterations - 1):
            last = mac(last)
            mixed ^= int.from_bytes(last)
        derived += mixed.to_bytes(plain.digest_size)
    return derived[:wanted]
