"""Order of the tiers: quick tests first, so that a plain mistake is told before a long test starts."""

from __future__ import annotations

import pytest

TIERS = ("toolchain", "slow", "soak")
"""Marks from quick to long; a test without any comes first, one with several counts as the longest."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sorts by tier and keeps the order within each."""
    items.sort(key=tier)


def tier(item: pytest.Item) -> int:
    """Ranks a test by its marks."""
    return max((TIERS.index(mark.name) + 1 for mark in item.iter_markers() if mark.name in TIERS), default=0)
