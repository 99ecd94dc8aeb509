"""Where a worker keeps its libSQL server, loaded when a site first has one. Serves nothing itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gojinn.libsql.server import LibsqlServer


class Hub:
    """One of each worker."""

    __slots__ = ("_server",)

    def __init__(self) -> None:
        self._server: LibsqlServer | None = None

    def server(self, tenants: Path | None) -> LibsqlServer:
        """Returns the server, made at the first time; `tenants` is the folder of their databases."""
        if self._server is None:
            from gojinn.libsql.files import Files
            from gojinn.libsql.server import LibsqlServer

            self._server = LibsqlServer(Files())
        if tenants is not None:
            self._server.files.tenants = tenants
        return self._server
