"""A server that the functions of the conformance suite ask: `async with elsewhere() as server`.

No case is here; what it answers at which path, `sdks/conformance/README.md` says.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

TOGETHER = 3
"""How many have to be there at once for `/meeting`."""
BARRIER = web.AppKey("barrier", asyncio.Barrier)


@asynccontextmanager
async def elsewhere() -> AsyncIterator[str]:
    """Serves on a free port of this machine; gives its address, such as `127.0.0.1:54321`."""
    application = web.Application(client_max_size=1 << 24)
    application.router.add_get("/moved", moved)
    application.router.add_get("/fields", fields)
    application.router.add_post("/echo", echo)
    application.router.add_get("/never", never)
    application.router.add_get("/meeting", meeting)
    application[BARRIER] = asyncio.Barrier(TOGETHER)
    runner = web.AppRunner(application, handler_cancellation=True)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield f"{host}:{port}"
    finally:
        await runner.cleanup()


async def moved(request: web.Request) -> web.Response:
    """Leads to /fields."""
    return web.Response(status=307, headers={"Location": "/fields"})


async def fields(request: web.Request) -> web.Response:
    """Has not found it, and sets two cookies."""
    answer = web.Response(status=404, text="grün")
    answer.headers.add("Set-Cookie", "a=1")
    answer.headers.add("Set-Cookie", "b=2")
    return answer


async def echo(request: web.Request) -> web.Response:
    """Sends the body back with its content type."""
    kind = {"Content-Type": request.headers.get("Content-Type", "")}
    return web.Response(body=await request.read(), headers=kind)


async def never(request: web.Request) -> web.Response:
    """Answers nothing as long as somebody waits."""
    await asyncio.Event().wait()
    return web.Response()


async def meeting(request: web.Request) -> web.Response:
    """Answers three when three are there."""
    await request.app[BARRIER].wait()
    return web.Response(text="all three")
