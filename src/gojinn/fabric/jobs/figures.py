"""How many dead letters each tenant has. What consumers wait for is `fabric.figures`'."""

from __future__ import annotations

from collections.abc import Iterable

from gojinn.fabric import names
from gojinn.fabric.connection import Fabric
from gojinn.fabric.jobs.places import DEAD, tenant_of
from gojinn.fabric.messages import subjects


async def dead_letters(fabric: Fabric, streams: Iterable[str]) -> dict[str, dict[str, int]]:
    """Counts dead letters, by tenant and queue, in those of these streams that hold jobs."""
    found: dict[str, dict[str, int]] = {}
    for stream in streams:
        tenant = tenant_of(stream)
        if tenant is None:
            continue
        counts: dict[str, int] = {}
        for subject, number in (await subjects(fabric, stream, pattern(tenant))).items():
            queue = names.parts_of(subject)[2][0]
            counts[queue] = counts.get(queue, 0) + number
        if counts:
            found[tenant] = counts
    return found


def pattern(tenant: str) -> str:
    """The subjects of a tenant's dead letters."""
    return names.pattern(tenant, DEAD, names.REST)
