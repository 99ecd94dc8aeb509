"""Jobs over a NATS of its own for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from gojinn.fabric.connection import Fabric
from gojinn.fabric.jobs.store import Jobs
from gojinn.testing import fabric as kit


@pytest.fixture
async def fabric() -> AsyncIterator[Fabric]:
    """A connection to an embedded server that is there for this test only."""
    async with kit.fabric() as connection:
        yield connection


@pytest.fixture
def jobs(fabric: Fabric) -> Jobs:
    """The jobs in that server."""
    return Jobs(fabric)
