"""Where jobs are: the streams of a tenant and the subjects in them. What is done there is `store`'s.

`gojinn.<tenant>.jobs.<queue>.<priority>.<id>` waits for its turn or runs, `later` in the place of `jobs`
waits for its time (a schedule of NATS, which moves it to `jobs`), `dead` is a dead letter. These three are
one stream, from which nothing goes but what was dealt with. `ended` is another one, whose records expire.
"""

from __future__ import annotations

from gojinn.fabric import names
from gojinn.fabric.streams import SECOND, Stream

JOBS, LATER, DEAD, ENDED = "jobs", "later", "dead", "ended"

DUPLICATES = 120
"""Seconds for which the server itself knows the ids of messages."""
LONGEST_KEPT = 30 * 86400
"""Seconds after which a record goes, whatever its queue says."""
MOST_ENDED = 200_000
"""Records of one tenant; the oldest go first. Not a number of bytes: NATS reserves these for each stream when
it is made, so that a store has room for a few tenants only."""


def jobs_stream(tenant: str) -> Stream:
    """The stream of a tenant's jobs that are not over, and of its dead letters."""
    subjects = tuple(names.pattern(tenant, kind, names.REST) for kind in (JOBS, LATER, DEAD))
    return Stream(
        names.stream(JOBS, tenant),
        subjects,
        {
            "retention": "workqueue",
            "allow_msg_schedules": True,
            "allow_msg_ttl": True,
            "allow_atomic": True,
            "duplicate_window": DUPLICATES * SECOND,
            # There is no limit that could discard anything; with schedules the server allows only this word.
            "discard": "old",
        },
    )


def ended_stream(tenant: str) -> Stream:
    """The stream of the records of a tenant's jobs that are over."""
    return Stream(
        names.stream(ENDED, tenant),
        (names.pattern(tenant, ENDED, names.REST),),
        {
            "allow_msg_ttl": True,
            "allow_atomic": True,
            "allow_direct": True,
            "max_msgs_per_subject": 1,
            "max_age": LONGEST_KEPT * SECOND,
            "max_msgs": MOST_ENDED,
            "duplicate_window": DUPLICATES * SECOND,
            "discard": "old",
        },
    )


def tenant_of(stream: str) -> str | None:
    """The tenant whose jobs a stream holds; None for other streams."""
    prefix = names.stream(JOBS, "x").removesuffix("x")
    return names.unescape(stream.removeprefix(prefix)) if stream.startswith(prefix) else None
