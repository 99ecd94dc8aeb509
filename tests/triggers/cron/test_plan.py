"""Tests of what a tick leads to."""

from __future__ import annotations

import pytest

from gojinn.triggers.cron.plan import LATE, MOST_MISSED, Plan, following, plan
from gojinn.triggers.cron.schedule import Cron, Interval

HOURLY = Interval(3600.0)
DUE = 10 * 3600.0


@pytest.mark.parametrize("policy", ["skip", "one", "all"])
@pytest.mark.parametrize("late", [0.0, 0.001, LATE])
def test_a_tick_in_time_is_run_for(policy: str, late: float) -> None:
    assert plan(HOURLY, policy, DUE, DUE + late) == Plan((DUE,), 0, DUE + 3600)


def test_a_clock_that_was_put_back_changes_nothing() -> None:
    assert plan(HOURLY, "skip", DUE, DUE - 7200) == Plan((DUE,), 0, DUE + 3600)


MISSED = {
    "skip": Plan((), 3, DUE + 3 * 3600),
    "one": Plan((DUE + 2 * 3600,), 2, DUE + 3 * 3600),
    "all": Plan((DUE, DUE + 3600, DUE + 2 * 3600), 0, DUE + 3 * 3600),
}


@pytest.mark.parametrize("policy", MISSED)
def test_what_was_missed_is_treated_by_policy(policy: str) -> None:
    assert plan(HOURLY, policy, DUE, DUE + 2 * 3600 + 1800) == MISSED[policy]


def test_the_latest_of_several_may_still_be_in_time() -> None:
    seconds = Interval(1.0)
    assert plan(seconds, "skip", 100.0, 104.5) == Plan((104.0,), 4, 105.0)
    assert plan(seconds, "all", 100.0, 104.5).runs == (100.0, 101.0, 102.0, 103.0, 104.0)


def test_a_long_outage_is_made_up_for_within_limits() -> None:
    made_up = plan(Interval(60.0), "all", 0.0, 7 * 86400.0)
    assert len(made_up.runs) == MOST_MISSED
    assert made_up.runs[-1] == 7 * 86400.0


def test_a_schedule_without_end_has_no_next() -> None:
    assert following(Cron("0 0 30 2 *"), 0.0) is None
