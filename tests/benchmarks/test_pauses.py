"""The machine's pauses: that they are seen, and what they do to a server that is otherwise perfect."""

from __future__ import annotations

import pytest
from benchmarks.pauses import SHORTEST, ideal, watch


@pytest.mark.parametrize(
    ("due", "server", "client", "expected"),
    [
        pytest.param([0, 1], [], [], [100, 100], id="no pause: the time of service"),
        pytest.param([0, 0.05], [], [], [100, 150], id="one waits for the other"),
        pytest.param([0.5], [(0.4, 0.7)], [], [300], id="the server stands still when it should begin"),
        pytest.param([0.5], [(0.55, 0.7)], [], [200], id="and while it answers"),
        pytest.param([0.5], [], [(0.4, 0.8)], [400], id="the client stands still when it should send"),
        pytest.param([0.5], [], [(0.55, 0.8)], [300], id="and while the answer comes"),
        pytest.param([0, 2], [(0.5, 1)], [], [100, 100], id="a pause that nobody meets"),
        pytest.param([], [(0, 1)], [], [], id="no request"),
    ],
)
def test_an_ideal_server_stands_still_only_in_the_machines_pauses(
    due: list[float],
    server: list[tuple[float, float]],
    client: list[tuple[float, float]],
    expected: list[float],
) -> None:
    assert ideal(due, 0.1, server, client) == pytest.approx(expected)


def test_a_jump_of_the_clock_is_a_pause() -> None:
    clock = iter([100.0, 100.00005, 100.5, 100.50005, 101.1])
    found = watch(1, lambda: next(clock))
    assert found == [pytest.approx((0.00005, 0.5)), pytest.approx((0.50005, 1.1))]


def test_pauses_come_in_order_and_are_long_enough() -> None:
    found = watch(0.05)
    assert all(end - begin > SHORTEST for begin, end in found)
    assert found == sorted(found)
