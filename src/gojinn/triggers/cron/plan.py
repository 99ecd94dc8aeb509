"""What a tick leads to: which runs, and when the schedule is due next. Pure; doing it is `ticker`'s."""

from __future__ import annotations

from dataclasses import dataclass

from gojinn.triggers.cron.schedule import Never, Schedule, missed

LATE = 30.0
"""Seconds after which a run that was due has been missed. A cluster that elects a leader is late by some."""
MOST_MISSED = 1000
"""Runs that `missed all` makes up for, the latest ones."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a tick leads to."""

    runs: tuple[float, ...]
    """The instants that are run for, earlier ones first."""
    left_out: int
    """How many were due and are not run for."""
    next: float | None
    """When it is due again; None: never."""


def plan(schedule: Schedule, policy: str, due: float, now: float) -> Plan:
    """Decides what is run at `now` for a schedule whose last instant without a run was `due`.

    All instants up to now but the latest have been missed, and that one too if it is more than LATE seconds
    ago. `policy` is `skip`, `one` or `all`.
    """
    found = missed(schedule, due, now, MOST_MISSED)
    latest = found[-1]
    if policy == "all":
        runs = tuple(found)
    elif policy == "one" or now - latest <= LATE:
        runs = (latest,)
    else:
        runs = ()
    return Plan(runs, len(found) - len(runs), following(schedule, max(latest, due)))


def following(schedule: Schedule, instant: float) -> float | None:
    """Returns when a schedule is due after an instant, None for one that has come to its end."""
    try:
        return schedule.after(instant)
    except Never:
        return None
