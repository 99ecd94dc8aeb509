"""When a schedule is due: cron expressions, intervals and time zones. Keeps no time and runs nothing.

Due times are exact instants, the same for everybody who computes them, so they can name a tick. Where clocks
change, cron expressions do what Debian's cron does: what falls into the skipped hour runs right after it,
what falls into the repeated one runs once; expressions with a star for hour or minute keep their pace.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from difflib import get_close_matches
from itertools import islice
from typing import Protocol

from cronsim import CronSim, CronSimError

from gojinn.config.units import BadValue, parse_duration

NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
EVERY = "@every"
SHORTEST = 1.0
"""Seconds of the shortest interval."""
EXPECTED = "a cron expression such as '*/5 * * * *', '@every 5m' or '@hourly'"
"""How errors describe a schedule."""
ZONE_PREFIXES = ("CRON_TZ=", "TZ=")


class Schedule(Protocol):
    """Instants at which something is due, in seconds since 1970."""

    def after(self, instant: float) -> float:
        """Returns the first one later than an instant. Raises Never when there is none."""


class Never(Exception):
    """A schedule has no further instant."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Due every so many seconds, counted from 1970: restarts do not shift it."""

    seconds: float

    def after(self, instant: float) -> float:
        """Returns the next multiple of the interval."""
        due = (instant // self.seconds + 1) * self.seconds
        return due if due > instant else due + self.seconds


@dataclass(frozen=True, slots=True)
class Cron:
    """Due as a cron expression of 5 fields says, or of 6 whose first are seconds."""

    expression: str
    zone: str = "UTC"
    """An IANA name."""

    def after(self, instant: float) -> float:
        """Returns the next instant, asked for in the zone."""
        zone: tzinfo = UTC if self.zone == "UTC" else zoneinfo.ZoneInfo(self.zone)
        try:
            found = next(CronSim(self.expression, datetime.fromtimestamp(instant, zone)))
        except (StopIteration, CronSimError, OverflowError) as error:
            raise Never(self.expression) from error
        due = found.timestamp()
        return due if due > instant else self.after(instant + 1.0)


def parse_schedule(text: str, zone: str = "") -> Schedule:
    """Reads a schedule; `zone` is the time zone of a cron expression, UTC when empty.

    Raises BadValue for one that does not parse, and for one that is never due.
    """
    words = text.split()
    if words and words[0].startswith(ZONE_PREFIXES):
        zone, words = words[0].partition("=")[2], words[1:]
    zone = parse_zone(zone or "UTC")
    if words[:1] == [EVERY]:
        return parse_interval(text, words[1:])
    if len(words) == 1 and words[0].startswith("@"):
        return Cron(nickname(text, words[0]), zone)
    if len(words) not in (5, 6):
        raise BadValue(text, f"{EXPECTED}; this has {len(words)} fields, not 5 or 6")
    cron = Cron(" ".join(words), zone)
    try:
        CronSim(cron.expression, datetime.now(UTC))
        cron.after(0.0)
    except CronSimError as error:
        raise BadValue(text, f"{EXPECTED}; {str(error).lower()}") from error
    except Never:
        raise BadValue(text, f"{EXPECTED}; no day is ever like this") from None
    return cron


def parse_interval(text: str, words: list[str]) -> Interval:
    """Reads what follows `@every`."""
    expected = "'@every' with a duration of at least '1s', such as '@every 5m'"
    if len(words) != 1:
        raise BadValue(text, expected)
    try:
        seconds = parse_duration(words[0])
    except BadValue:
        raise BadValue(text, expected) from None
    if seconds < SHORTEST:
        raise BadValue(text, expected)
    return Interval(seconds)


def nickname(text: str, word: str) -> str:
    """Returns the expression that a nickname stands for."""
    if word in NICKNAMES:
        return NICKNAMES[word]
    near = get_close_matches(word, [*NICKNAMES, EVERY], n=1)
    raise BadValue(text, f"{EXPECTED}; did you mean '{near[0]}'?" if near else EXPECTED)


def parse_zone(text: str) -> str:
    """Reads the name of a time zone."""
    expected = "a time zone such as 'Europe/Berlin' or 'UTC'"
    try:
        zoneinfo.ZoneInfo(text)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        near = get_close_matches(text, zoneinfo.available_timezones(), n=1)
        raise BadValue(text, f"{expected}; did you mean '{near[0]}'?" if near else expected) from None
    return text


def instants(schedule: Schedule, instant: float) -> Iterator[float]:
    """Yields everything that is due after an instant, for ever or until there is nothing more."""
    while True:
        try:
            instant = schedule.after(instant)
        except Never:
            return
        yield instant


def missed(schedule: Schedule, due: float, now: float, most: int) -> list[float]:
    """Lists what was due from `due`, which is the first, up to now: at most so many, the latest ones."""
    found = [due]
    for instant in instants(schedule, due):
        if instant > now:
            break
        found.append(instant)
        if len(found) > 2 * most:
            del found[:most]
    return found[-most:]


def upcoming(schedule: Schedule, now: float, count: int) -> list[float]:
    """Lists what is due next."""
    return list(islice(instants(schedule, now), count))
