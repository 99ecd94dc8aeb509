"""Order of the tiers: quick tests first, so that a plain mistake is told before a long test starts. And what
is done about programs that tests need and this machine lacks."""

from __future__ import annotations

import asyncio
import os
import queue
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, settings

from gojinn.build.assembly import obtain
from gojinn.build.languages import language
from gojinn.build.runtimes import runtime
from gojinn.errors import BuildError
from gojinn.testing.app import NATS_VARIABLE
from gojinn.testing.fabric import cluster

ACCOUNTS = 200
"""Tests that may serve with one cluster."""

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

TIERS = ("toolchain", "slow", "soak")
"""Marks from quick to long; a test without any comes first, one with several counts as the longest."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Sorts by tier and keeps the order within each. A cluster leaves the embedded NATS out."""
    items.sort(key=tier)
    if config.getoption("--cluster"):
        left_out = [item for item in items if item.get_closest_marker("embedded")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def tier(item: pytest.Item) -> int:
    """Ranks a test by its marks."""
    return max((TIERS.index(mark.name) + 1 for mark in item.iter_markers() if mark.name in TIERS), default=0)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds an option of ours."""
    parser.addoption(
        "--cluster", action="store_true", help="serve with a NATS cluster instead of the embedded one"
    )


@pytest.fixture(scope="session", autouse=True)
def nats_cluster(request: pytest.FixtureRequest) -> Iterator[None]:
    """Runs a NATS cluster of three servers for all tests, with `--cluster`."""
    if not request.config.getoption("--cluster"):
        yield
        return
    thread = ClusterThread()
    os.environ[NATS_VARIABLE] = " ".join(thread.start_cluster())
    yield
    thread.stop_cluster()


class ClusterThread(threading.Thread):
    """A cluster on an event loop of its own: those of tests end with each of them."""

    def __init__(self) -> None:
        super().__init__(name="cluster")
        self.urls: queue.Queue[tuple[str, ...] | BaseException] = queue.Queue()
        self.loop = asyncio.new_event_loop()
        self.over = asyncio.Event()

    def start_cluster(self) -> tuple[str, ...]:
        """Starts it and returns where it is."""
        self.start()
        urls = self.urls.get(timeout=90)
        if isinstance(urls, BaseException):
            raise urls
        return urls

    def stop_cluster(self) -> None:
        """Ends it."""
        self.loop.call_soon_threadsafe(self.over.set)
        self.join()

    def run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self.loop) as runner:
            try:
                runner.run(self.serve())
            except BaseException as error:
                self.urls.put(error)
                raise

    async def serve(self) -> None:
        """Has the cluster run until it is over."""
        async with cluster(accounts=ACCOUNTS) as made:
            self.urls.put(made.urls)
            await self.over.wait()


@pytest.fixture(scope="session")
def missing() -> Callable[[str], NoReturn]:
    """`missing(message)`: skips a test for what is not on this machine, or fails it in CI, which has all."""

    def say(message: str) -> NoReturn:
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)

    return say


@pytest.fixture(scope="session")
def need_interpreter(missing: Callable[[str], NoReturn]) -> Callable[[str], None]:
    """`need_interpreter(language)`: sees that its image is here, put together where that is how it comes, and
    what else builds need. Where that cannot be had, the test is skipped, or fails in CI."""

    def see(name: str) -> None:
        spoken = language(name)
        assert spoken.interpreter is not None
        if spoken.find(Path()) is None:
            missing(f"{spoken.title}: {spoken.install}")
        try:
            obtain(runtime(spoken.interpreter.runtime), print)
        except BuildError as error:
            missing(f"{error.message}: {error.hint}")

    return see


@pytest.fixture(scope="session")
def caddy_command(missing: Callable[[str], NoReturn]) -> str:
    """The reference's command."""
    return shutil.which("caddy") or missing("Debian's 'caddy' is not installed: apt-get install caddy")
