"""Where a worker keeps its libSQL server, loaded when a site first has one. Serves nothing itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gojinn.capabilities.sql.turns import Turns

if TYPE_CHECKING:
    from gojinn.libsql.server import LibsqlServer


class Hub:
    """One of each worker."""

    __slots__ = ("_server", "_turns")

    def __init__(self, turns: Turns) -> None:
        """Takes the queues of those who write, functions among them."""
        self._turns = turns
        self._server: LibsqlServer | None = None

    def server(self, tenants: Path | None) -> LibsqlServer:
        """Returns the server, made at the first time; `tenants` is the folder of their databases."""
        if self._server is None:
            from gojinn.libsql.server import LibsqlServer

            self._server = LibsqlServer(self._turns)
        self._server.tenants = tenants
        return self._server
