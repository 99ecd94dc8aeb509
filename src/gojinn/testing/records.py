"""Jobs of a server under test, asked for by its admin listener as `gojinn jobs` does."""

from __future__ import annotations

from typing import Any

from gojinn.testing.app import App
from gojinn.testing.jobs import until

DEADLINE = 60.0
"""Seconds for what a test waits for."""


async def ask(app: App, path: str, method: str = "GET") -> Any:
    """Asks the admin listener; the answer must be a good one."""
    async with app.session.request(method, f"{app.admin}{path}") as response:
        assert response.status == 200, await response.text()
        return await response.json()


async def done(app: App, count: int) -> list[dict[str, Any]]:
    """Waits until so many jobs have run, and returns all that is known of them, the first first."""

    async def enough() -> list[dict[str, Any]] | None:
        found = (await ask(app, "/_sys/jobs?state=done&limit=1000"))["jobs"]
        return found if len(found) >= count else None

    jobs = sorted(await until(enough, DEADLINE), key=lambda job: job["created"])
    return [await ask(app, f"/_sys/jobs/{job['id']}") for job in jobs]


async def over(app: App, job: str) -> dict[str, Any]:
    """Waits until a job is over, well or not, and returns what is known of it."""

    async def found() -> dict[str, Any] | None:
        record: dict[str, Any] = await ask(app, f"/_sys/jobs/{job}")
        return record if record["state"] in ("done", "dead", "cancelled") else None

    return await until(found, DEADLINE)
