"""wasmtime's text for a trap, put into the form that the log shows."""

from __future__ import annotations


def trap_text(raw: bytes) -> str:
    return raw.rstrip(b"\0").decode("utf-8", "replace")
