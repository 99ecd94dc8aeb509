"""Every SDK passes the same cases: its conformance function, built as users build, in one real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest
import pytest_asyncio

from gojinn.build.compile import build
from gojinn.build.languages import read
from gojinn.build.project import MANIFEST
from gojinn.build.several import side_by_side
from gojinn.errors import BuildError
from gojinn.testing.app import App, serve
from gojinn.testing.conformance import CLIENTS as CLIENTS_FILE
from gojinn.testing.conformance import Case, check, read_cases, site
from gojinn.testing.elsewhere import elsewhere
from gojinn.testing.tools import install_packages

SDKS = Path(__file__).parents[2] / "sdks"
NAMES = sorted(path.parent.parent.name for path in SDKS.glob(f"*/conformance/{MANIFEST}"))
CASES = read_cases(SDKS)
CLIENTS = [(sdk, case) for case in read_cases(SDKS, CLIENTS_FILE) for sdk in case.table["sdks"]]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.toolchain,
    pytest.mark.timeout(600),
]

Missing = Callable[[str], NoReturn]


@dataclass
class Served:
    """The functions that could be built, and why others could not."""

    app: App
    server: str
    """The address of the server that they ask."""
    failures: dict[str, BuildError]

    async def passes(self, sdk: str, case: Case, missing: Missing) -> None:
        """Sends a case; says what is missing where the function could not be built."""
        failure = self.failures.get(sdk)
        if failure is not None:
            if failure.output:
                raise failure
            missing(f"{failure.message}: {failure.hint}")
        await check(self.app, sdk, self.server, case)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served() -> AsyncIterator[Served]:
    modules, failures = {}, {}

    async def one(name: str) -> None:
        try:
            modules[name] = (await build(read(SDKS / name / "conformance"))).project.output
        except BuildError as error:
            failures[name] = error

    await asyncio.to_thread(install_packages)
    await side_by_side(NAMES, one)
    async with elsewhere() as server, serve(site(modules, server)) as app:
        yield Served(app, server, failures)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("sdk", NAMES)
async def test_sdk_passes(served: Served, missing: Missing, sdk: str, case: Case) -> None:
    await served.passes(sdk, case, missing)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("sdk", "case"), CLIENTS, ids=lambda value: getattr(value, "name", value))
async def test_client_of_the_language_passes(served: Served, missing: Missing, sdk: str, case: Case) -> None:
    await served.passes(sdk, case, missing)


def test_there_are_45_cases_with_names_of_their_own() -> None:
    assert len(CASES) == len({case.name for case in CASES}) == 45
