"""Which upstream gets a request."""

from collections import Counter

import pytest

from gojinn.config.units import Secret
from gojinn.edge.proxy.addresses import parse_target
from gojinn.edge.proxy.policies import FORMS, Policy, fnv1a, make_policy
from gojinn.edge.proxy.upstream import Tolerance, Upstream
from gojinn.testing.edge import make_request


@pytest.fixture
def upstreams() -> list[Upstream]:
    return [Upstream(parse_target(f"a:{port}"), Tolerance()) for port in range(1, 5)]


def policy(name: str) -> Policy:
    """Makes a policy with an argument that it can do with."""
    return Policy(name, {"random_choose": "2", "header": "X-Key", "cookie": "lb"}.get(name, ""), Secret("s"))


@pytest.mark.parametrize("name", FORMS)
def test_unavailable_upstreams_are_never_chosen(name: str, upstreams: list[Upstream]) -> None:
    choose = make_policy(policy(name))
    for upstream in upstreams[:-1]:
        upstream.healthy = False
    request = make_request(headers={"x-key": "k"})
    assert {choose(upstreams, request) for _ in range(20)} == {upstreams[-1]}
    upstreams[-1].healthy = False
    assert choose(upstreams, request) is None


@pytest.mark.parametrize("name", ["random", "round_robin", "least_conn", "random_choose"])
def test_load_is_spread(name: str, upstreams: list[Upstream]) -> None:
    choose = make_policy(policy(name))
    chosen = Counter(choose(upstreams, make_request()) for _ in range(400))
    assert len(chosen) == 4
    assert min(chosen.values()) > 40


@pytest.mark.parametrize("name", ["least_conn", "random_choose"])
def test_busy_upstreams_get_less(name: str, upstreams: list[Upstream]) -> None:
    upstreams[0].requests = 9
    choose = make_policy(policy(name))
    chosen = Counter(choose(upstreams, make_request()) for _ in range(100))
    assert chosen[upstreams[0]] == 0


def test_hashing_moves_few_when_one_leaves(upstreams: list[Upstream]) -> None:
    choose = make_policy(policy("uri_hash"))
    before = [choose(upstreams, make_request(f"/{n}")) for n in range(400)]
    upstreams[2].healthy = False
    after = [choose(upstreams, make_request(f"/{n}")) for n in range(400)]
    assert all(new is old for old, new in zip(before, after, strict=True) if old is not upstreams[2])


def test_cookie_brings_a_client_back(upstreams: list[Upstream]) -> None:
    choose = make_policy(policy("cookie"))
    request = make_request()
    first = choose(upstreams, request)
    ((name, value),) = [field for field in request.answer if field[0] == b"set-cookie"]
    again = make_request(headers={"cookie": value.decode().partition(";")[0]})
    assert {choose(upstreams, again) for _ in range(20)} == {first}
    assert not [field for field in again.answer if field[0] == name]


def test_forged_cookie_counts_for_nothing(upstreams: list[Upstream]) -> None:
    choose = make_policy(policy("cookie"))
    for value in ("", "a:1", "ü", "0" * 64):
        request = make_request(headers={"cookie": f"lb={value}"})
        assert choose(upstreams, request) in upstreams
        assert any(name == b"set-cookie" for name, _ in request.answer)


def test_fnv_of_known_texts() -> None:
    assert (fnv1a(""), fnv1a("a"), fnv1a("foobar")) == (0x811C9DC5, 0xE40C292C, 0xBF9CF968)
