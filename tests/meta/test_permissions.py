"""One model of permissions: whatever can be granted is in every place that speaks of it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from gojinn.capabilities.imports import CAPABILITIES
from gojinn.functions.permissions import Permissions
from gojinn.trust.permissions import ACTIONS, CONTRACT, OPEN, Grants, line_for

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "guides" / "permissions.md").read_text(encoding="utf-8")
PAIRS = [(capability, action) for capability, actions in ACTIONS.items() for action in actions]


def test_imports_ask_for_permissions_of_the_contract_only() -> None:
    asked = {entry.permission for each in CAPABILITIES for entry in each.imports if entry.permission}
    assert asked == set(CONTRACT)


def test_the_contract_s_names_are_those_of_actions() -> None:
    assert set(CONTRACT.values()) <= set(PAIRS)


def test_every_capability_that_can_be_granted_has_its_lines() -> None:
    assert {field.name for field in dataclasses.fields(Permissions)} == {*CONTRACT, *ACTIONS}
    assert set(ACTIONS) > OPEN


@pytest.mark.parametrize(("capability", "action"), PAIRS, ids=" ".join)
def test_nothing_is_granted_that_is_not_open(capability: str, action: str) -> None:
    assert Grants(()).allows(capability, action, "x") is (capability in OPEN)


@pytest.mark.parametrize(("capability", "action"), PAIRS, ids=" ".join)
def test_the_guide_tells_of_it(capability: str, action: str) -> None:
    assert f"`{capability} {action}`" in GUIDE
    word = line_for(capability, action).split()[0]
    assert f"`{word}" in GUIDE


@pytest.mark.parametrize("capability", [c for c in CAPABILITIES if c.imports], ids=lambda c: c.word)
def test_the_guide_tells_of_every_capability(capability: object) -> None:
    assert f"`{getattr(capability, 'word')}`" in GUIDE  # noqa: B009
