"""`anyio.to_thread`, by which Starlette and FastAPI call what is not `async`: there are no threads."""

from __future__ import annotations

from typing import Any


async def run_sync(function: Any, *arguments: Any, **options: Any) -> Any:
    """Calls a function; nothing else goes on meanwhile."""
    return function(*arguments)


def amend(module: Any) -> None:
    """Puts this in the place of what starts a thread."""
    module.run_sync = run_sync
