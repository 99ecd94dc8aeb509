"""`hashlib.pbkdf2_hmac` and `scrypt`, which Python has from OpenSSL elsewhere: RFC 8018 (5.2), RFC 7914."""

from __future__ import annotations

import hashlib
from typing import Any

import _gojinn

INNER = bytes(byte ^ 0x36 for byte in range(256))
OUTER = bytes(byte ^ 0x5C for byte in range(256))
USUAL = 32 << 20
"""Bytes of memory that scrypt may take unless it is told."""


def offer() -> None:
    """Puts them where programs look for them."""
    for function in (pbkdf2_hmac, scrypt):
        if not hasattr(hashlib, function.__name__):
            setattr(hashlib, function.__name__, function)


def scrypt(password: Any, *, salt: Any, n: int, r: int, p: int, maxmem: int = 0, dklen: int = 64) -> bytes:
    """Derives a key from a password with much memory. Raises ValueError for numbers that make no sense."""
    if n < 2 or n & (n - 1):
        raise ValueError("n must be a power of 2.")
    if r < 1 or p < 1 or dklen < 1 or r * p >= 1 << 30:
        raise ValueError("r, p and dklen are 1 or more, and r * p is less than 2 ** 30")
    if 128 * r * (n + p + 2) > (maxmem or USUAL):
        raise ValueError("memory limit exceeded")
    size = 128 * r
    blocks = pbkdf2_hmac("sha256", password, salt, 1, p * size)
    mixed = b"".join(_gojinn.romix(blocks[at : at + size], n, r) for at in range(0, p * size, size))
    return pbkdf2_hmac("sha256", password, mixed, 1, dklen)


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
