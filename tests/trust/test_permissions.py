"""Tests of grants."""

from __future__ import annotations

import pytest

from gojinn.trust.permissions import Grant, Grants, line_for

GRANTS = Grants(
    [
        Grant("kv", "read", ("users:", "all*")),
        Grant("kv", "write", ("users:1",)),
        Grant("db", "read"),
        Grant("queue", "publish", ("mail",)),
    ]
)


@pytest.mark.parametrize(
    ("capability", "action", "name", "allowed"),
    [
        ("kv", "read", "users:7", True),
        ("kv", "read", "all", True),
        ("kv", "read", "allies", True),
        ("kv", "read", "orders:7", False),
        ("kv", "read", "", False),
        ("kv", "write", "users:10", True),
        ("kv", "write", "users:2", False),
        ("kv", "delete", "users:1", False),
        ("db", "read", "", True),
        ("db", "write", "", False),
        ("queue", "publish", "mails", True),
        ("queue", "publish", "billing", False),
        ("lock", "acquire", "anything", True),
        ("blob", "read", "anything", False),
        ("teleport", "read", "anything", False),
    ],
)
def test_what_is_granted_is_allowed(capability: str, action: str, name: str, allowed: bool) -> None:
    assert GRANTS.allows(capability, action, name) is allowed


def test_a_star_is_every_name() -> None:
    assert Grants([Grant("kv", "read")]).allows("kv", "read", "")


def test_a_denial_names_the_line_as_the_contract_does() -> None:
    assert line_for("kv", "write", "users:1") == "kv_write users:1"
    assert line_for("queue", "publish", "mail") == "queue publish mail"
    assert line_for("db", "write") == "db write *"
