"""Order of the tiers: quick tests first, so that a plain mistake is told before a long test starts. And what
is done about programs that tests need and this machine lacks."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from typing import NoReturn

import pytest

TIERS = ("toolchain", "slow", "soak")
"""Marks from quick to long; a test without any comes first, one with several counts as the longest."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sorts by tier and keeps the order within each."""
    items.sort(key=tier)


def tier(item: pytest.Item) -> int:
    """Ranks a test by its marks."""
    return max((TIERS.index(mark.name) + 1 for mark in item.iter_markers() if mark.name in TIERS), default=0)


@pytest.fixture(scope="session")
def missing() -> Callable[[str], NoReturn]:
    """`missing(message)`: skips a test for what is not on this machine, or fails it in CI, which has all."""

    def say(message: str) -> NoReturn:
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)

    return say


@pytest.fixture(scope="session")
def caddy_command(missing: Callable[[str], NoReturn]) -> str:
    """The reference's command."""
    return shutil.which("caddy") or missing("Debian's 'caddy' is not installed: apt-get install caddy")
