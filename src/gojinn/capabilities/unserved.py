"""The contract's capabilities that this version does not serve: their imports link and fail, no more."""

from __future__ import annotations

from gojinn.capabilities.capability import Capability, Import

TWO, FOUR = ("i32",) * 2, ("i32",) * 4

AI = Capability("ai", (Import("host_ask_ai", FOUR, "i64"),))

SOCKET = Capability(
    "ws",
    (
        Import("host_ws_upgrade", (), "i32"),
        Import("host_ws_read", TWO, "i64"),
        Import("host_ws_write", TWO),
    ),
)
