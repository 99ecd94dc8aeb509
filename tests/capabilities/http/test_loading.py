"""Tests of what a worker has before its functions ask anybody."""

from __future__ import annotations

import subprocess
import sys

import pytest

CHECK = """
import asyncio, sys
from gojinn.app import GRAMMAR
from gojinn.capabilities.host import host_opened

async def main():
    async with host_opened({}) as host:
        assert "http.fetch" in host.operations
        print(*sorted({"aiohttp", "yarl", "idna"} & set(sys.modules)))

asyncio.run(main())
"""


@pytest.mark.slow
def test_the_client_is_not_loaded_before_somebody_asks() -> None:
    done = subprocess.run([sys.executable, "-c", CHECK], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"
