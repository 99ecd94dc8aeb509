"""Which event loop `asyncio` makes: the one of `loop`, the only one that works in a sandbox."""

from __future__ import annotations

from typing import Any


def made() -> Any:
    """Makes a loop."""
    from gojinn_runtime.loop import Loop

    return Loop()


def amend(module: Any) -> None:
    """Has `asyncio.run` and its like use it."""
    module.DefaultEventLoopPolicy._loop_factory = staticmethod(made)
