"""A server that packages ask, whichever API they know: it tells what it was asked. Measures nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

WORD = b'data: {"choices":[{"delta":{"content":"%s"}}]}\n\n'
"""Of an answer that a language model streams."""


@asynccontextmanager
async def started() -> AsyncIterator[str]:
    """Serves, and yields the address."""
    flaky = iter([503])

    async def told(request: web.Request) -> web.StreamResponse:
        body = await request.text()
        if request.path == "/missing":
            return web.json_response({"message": "no such thing"}, status=404)
        if request.path == "/flaky":
            return web.json_response({"path": request.path}, status=next(flaky, 200))
        if '"stream":true' in body:
            words = b"".join(WORD % word for word in (b"a", b"b"))
            return web.Response(body=words + b"data: [DONE]\n\n", content_type="text/event-stream")
        asked = {"id": "1", "method": request.method, "path": request.path_qs, "body": body}
        return web.json_response(
            asked | {name: request.headers.get(name) for name in ("content-type", "authorization")}
        )

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", told)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
