"""Speaks Hrana over HTTP to a Gojinn under test, byte for byte. Real clients are the tests' own.

client = Hrana(app)
assert (await client.result(execute("select 1")))["rows"] == [[integer(1)]]
"""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from gojinn.testing.app import App, serve

Body = dict[str, Any]

CLOSE: Body = {"type": "close"}


@asynccontextmanager
async def serve_database(*options: str, workers: int = 1, folder: Path | None = None) -> AsyncIterator[App]:
    """Runs a Gojinn whose site is a database; `options` are lines of its block beside its tokens."""
    lines = "\n".join(["auth_token secret", "read_only_token looking", *options])
    site = f"http://localhost:0 {{\nlibsql ./test.db {{\n{lines}\n}}\n}}\n"
    async with serve(site, workers=workers, folder=folder) as app:
        yield app


class Hrana:
    """A client."""

    def __init__(self, app: App, prefix: str = "", token: str = "secret") -> None:
        self.app = app
        self.prefix = prefix
        self.token = token

    async def post(self, path: str, body: Any) -> tuple[int, Any]:
        """Sends a body, as JSON unless it is bytes; returns status and answer, a text if it is no JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"authorization": f"Bearer {self.token}"}
        status, answer = await self.app.get(
            self.prefix + path, method="POST", data=io.BytesIO(data), headers=headers
        )
        try:
            return status, json.loads(answer)
        except ValueError:
            return status, answer.decode()

    async def pipeline(self, *requests: Body, baton: str | None = None, version: int = 3) -> Body:
        """Has requests carried out and returns the whole answer."""
        body = {"baton": baton, "requests": list(requests)}
        status, answer = await self.post(f"/v{version}/pipeline", body)
        assert status == 200, answer
        return answer  # type: ignore[no-any-return]

    async def first(self, request: Body) -> Body:
        """Has one request carried out on a stream of its own."""
        answer = await self.pipeline(request, CLOSE)
        assert answer["baton"] is None
        found: Body = answer["results"][0]
        return found

    async def result(self, request: Body) -> Body:
        """The result of a request that succeeds."""
        answer = await self.first(request)
        assert answer["type"] == "ok", answer
        found: Body = answer["response"]["result"]
        return found

    async def value(self, sql: str) -> Any:
        """The first value of a statement that succeeds."""
        return (await self.result(execute(sql)))["rows"][0][0]["value"]

    async def code(self, request: Body) -> str:
        """The code of a request that fails."""
        answer = await self.first(request)
        assert answer["type"] == "error", answer
        return str(answer["error"]["code"])


def execute(sql: str, *args: Body, **fields: Any) -> Body:
    """A request to run a statement."""
    return {"type": "execute", "stmt": {"sql": sql, "args": list(args), **fields}}


def batch(*steps: Body) -> Body:
    """A request to run a batch."""
    return {"type": "batch", "batch": {"steps": list(steps)}}


def step(sql: str, condition: Body | None = None) -> Body:
    """A step of a batch."""
    return {"stmt": {"sql": sql}, "condition": condition}


def integer(value: Any) -> Body:
    """A value that is an integer."""
    return {"type": "integer", "value": str(value)}
