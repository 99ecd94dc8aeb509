"""Routes that subsystems add to the admin API: which paths they match, what they read of a request."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gojinn.errors import BadRequest, Unavailable
from gojinn.fabric.admin import AdminCall, AdminRoute


async def action(call: AdminCall) -> Any:
    """Answers nothing."""


@pytest.mark.parametrize(
    ("pattern", "path", "found"),
    [
        ("/_sys/jobs", "/_sys/jobs", {}),
        ("/_sys/jobs", "/_sys/jobs/", None),
        ("/_sys/jobs/{id}", "/_sys/jobs/a%2Fb%20c", {"id": "a/b c"}),
        ("/_sys/jobs/{id}", "/_sys/jobs/", None),
        ("/_sys/jobs/{id}", "/_sys/jobs/a/b", None),
        ("/_sys/jobs/{id}/cancel", "/_sys/jobs/7/cancel", {"id": "7"}),
        ("/_sys/jobs/{id}/cancel", "/_sys/jobs/7/replay", None),
        ("/_sys/kv/{tenant}/{key...}", "/_sys/kv/acme/a/b%3Fc", {"tenant": "acme", "key": "a/b?c"}),
        ("/_sys/kv/{tenant}/{key...}", "/_sys/kv/acme", None),
    ],
)
def test_routes_match_paths(pattern: str, path: str, found: dict[str, str] | None) -> None:
    assert AdminRoute("GET", pattern, action).match(path) == found


class Wanted(msgspec.Struct, forbid_unknown_fields=True):
    """A body."""

    name: str = ""


@pytest.mark.parametrize("body", [b"[]", b"{", b"\xff", b'{"nam": 1}', b'{"name": 1}'])
def test_a_wrong_body_is_a_bad_request(body: bytes) -> None:
    with pytest.raises(BadRequest, match="the body is wrong"):
        AdminCall(body=body).json(Wanted)


def test_a_body_may_be_missing() -> None:
    assert AdminCall().json(Wanted) == Wanted()


@pytest.mark.parametrize("text", ["", "-1", "1e3", "x", "11", "٣", "9" * 5000])
def test_a_wrong_number_is_a_bad_request(text: str) -> None:
    with pytest.raises(BadRequest, match="expected a whole number up to 10"):
        AdminCall(query={"limit": text}).number("limit", 5, most=10)
    assert AdminCall().number("limit", 5, most=10) == 5


def test_what_the_supervisor_does_not_have_is_unavailable() -> None:
    assert AdminCall(services={int: 7}).service(int) == 7
    with pytest.raises(Unavailable, match="keeps no state yet"):
        AdminCall().service(int)
