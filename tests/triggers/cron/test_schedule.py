"""Tests of when schedules are due. Times are given in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gojinn.config.units import BadValue
from gojinn.triggers.cron.schedule import (
    Cron,
    Interval,
    Never,
    instants,
    missed,
    parse_schedule,
    parse_zone,
    upcoming,
)


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def shown(instant: float) -> str:
    return datetime.fromtimestamp(instant, UTC).isoformat(sep=" ").removesuffix("+00:00")


def due(text: str, after: str, count: int = 3, zone: str = "") -> list[str]:
    return [shown(each) for each in upcoming(parse_schedule(text, zone), at(after), count)]


EXAMPLES = {
    "every five minutes": ("*/5 * * * *", ["2026-01-01 00:05:00", "2026-01-01 00:10:00"]),
    "seconds": ("*/20 * * * * *", ["2026-01-01 00:00:20", "2026-01-01 00:00:40"]),
    "names": ("0 9 * JAN MON-FRI", ["2026-01-01 09:00:00", "2026-01-02 09:00:00"]),
    "lists": ("0 6,18 * * *", ["2026-01-01 06:00:00", "2026-01-01 18:00:00"]),
    "sunday is 7 too": ("0 0 * * 7", ["2026-01-04 00:00:00", "2026-01-11 00:00:00"]),
    "last day": ("0 0 L * *", ["2026-01-31 00:00:00", "2026-02-28 00:00:00"]),
    "leap day": ("0 0 29 2 *", ["2028-02-29 00:00:00", "2032-02-29 00:00:00"]),
    "hourly": ("@hourly", ["2026-01-01 01:00:00", "2026-01-01 02:00:00"]),
    "daily": ("@daily", ["2026-01-02 00:00:00", "2026-01-03 00:00:00"]),
    "weekly": ("@weekly", ["2026-01-04 00:00:00", "2026-01-11 00:00:00"]),
    "interval": ("@every 1h30m", ["2026-01-01 01:30:00", "2026-01-01 03:00:00"]),
    "zone": ("CRON_TZ=Europe/Berlin 0 6 * * *", ["2026-01-01 05:00:00", "2026-01-02 05:00:00"]),
}


@pytest.mark.parametrize(("text", "expected"), EXAMPLES.values(), ids=EXAMPLES)
def test_a_schedule_is_due_when_it_says(text: str, expected: list[str]) -> None:
    assert due(text, "2026-01-01 00:00:00", len(expected)) == expected


def test_what_falls_into_the_skipped_hour_runs_right_after_it() -> None:
    # Berlin goes from 02:00 to 03:00 on 2026-03-29, which is 01:00 UTC.
    assert due("30 2 * * *", "2026-03-28 00:00:00", 3, "Europe/Berlin") == [
        "2026-03-28 01:30:00",
        "2026-03-29 01:00:00",
        "2026-03-30 00:30:00",
    ]


def test_what_falls_into_the_repeated_hour_runs_once() -> None:
    # Berlin goes from 03:00 back to 02:00 on 2026-10-25, which is 01:00 UTC.
    assert due("30 2 * * *", "2026-10-24 12:00:00", 2, "Europe/Berlin") == [
        "2026-10-25 00:30:00",
        "2026-10-26 01:30:00",
    ]


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_a_change_of_clocks_does_not_disturb_what_runs_every_few_minutes(day: str) -> None:
    found = upcoming(parse_schedule("*/30 * * * *", "Europe/Berlin"), at(f"{day} 00:00:00"), 6)
    assert {later - earlier for earlier, later in pairwise(found)} == {1800.0}


WRONG = {
    "empty": "",
    "words": "now and then",
    "four fields": "* * * *",
    "seven fields": "* * * * * * *",
    "minute 60": "60 * * * *",
    "hour 24": "0 24 * * *",
    "step 0": "*/0 * * * *",
    "range backwards": "30-10 * * * *",
    "never": "0 0 31 2 *",
    "short interval": "@every 500ms",
    "no interval": "@every",
    "two intervals": "@every 5m 5m",
    "unknown nickname": "@houry",
    "reboot": "@reboot",
    "huge": "1," * 20_000 + "1 * * * *",
    "unknown zone": "TZ=Mars/Olympus 0 0 * * *",
    "control characters": "\x00 * * * *",
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_a_wrong_schedule_is_refused(text: str) -> None:
    if text == WRONG["huge"]:
        parse_schedule(text)  # long, but right
        return
    with pytest.raises(BadValue):
        parse_schedule(text)


def test_a_near_miss_is_answered_with_a_suggestion() -> None:
    with pytest.raises(BadValue, match="did you mean '@hourly'"):
        parse_schedule("@houry")
    with pytest.raises(BadValue, match="did you mean 'Europe/Berlin'"):
        parse_zone("Europe/Berlim")


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "/etc/localtime", "\x00", "x" * 5000])
def test_a_hostile_zone_is_refused(name: str) -> None:
    with pytest.raises(BadValue):
        parse_zone(name)


@given(st.floats(min_value=0, max_value=4e9), st.sampled_from(["@every 7s", "*/7 * * * * *", "@hourly"]))
def test_the_next_instant_is_always_later(instant: float, text: str) -> None:
    schedule = parse_schedule(text)
    following = schedule.after(instant)
    assert following > instant
    assert schedule.after(following) > following


@given(st.floats(min_value=0, max_value=4e9), st.floats(min_value=1, max_value=1e6))
def test_intervals_are_counted_from_the_epoch(instant: float, seconds: float) -> None:
    schedule = Interval(seconds)
    following = schedule.after(instant)
    assert instant < following <= instant + 2 * seconds


def test_what_was_missed_is_listed_up_to_a_limit_the_latest_kept() -> None:
    schedule = parse_schedule("@hourly")
    first = at("2026-01-01 00:00:00")
    late = at("2026-01-01 05:59:59")
    assert [shown(each)[11:13] for each in missed(schedule, first, late, 100)] == [f"0{n}" for n in range(6)]
    assert [shown(each)[11:13] for each in missed(schedule, first, late, 2)] == ["04", "05"]
    assert missed(schedule, first, first + 1, 100) == [first]


def test_a_year_of_missed_minutes_keeps_memory_small() -> None:
    schedule = Interval(60.0)
    assert len(missed(schedule, 0.0, 365 * 86400.0, 1000)) == 1000


def test_a_schedule_may_come_to_its_end() -> None:
    schedule = Cron("0 0 30 2 *")
    with pytest.raises(Never):
        schedule.after(0.0)
    assert list(instants(schedule, 0.0)) == []
