"""The configuration of a schedule: the directive `cron`. Keeping the time is `ticker`'s."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gojinn.caddyfile.tree import Node, Word
from gojinn.config.directive import Directive, Scope
from gojinn.config.fields import inline, option
from gojinn.config.model import Config
from gojinn.config.units import BadValue, choice
from gojinn.config.walk import find
from gojinn.errors import ConfigError
from gojinn.functions.config import FunctionConfig, read_trigger
from gojinn.functions.lines import DEFAULT_TENANT, parse_tenant
from gojinn.triggers.cron.schedule import Cron, Schedule, parse_schedule, parse_zone
from gojinn.triggers.queue.config import Policy, QueueConfig, parse_name

WORD = "cron"
FORM = "<schedule> <module.wasm>"


def parse_zone_option(text: str) -> str:
    """Reads `timezone`."""
    return parse_zone(text)


@dataclass(frozen=True, slots=True)
class Timing:
    """How the ticks of a schedule are treated."""

    name: str = option(parse_name, "<name>", default="")
    """What it is called by `gojinn cron`; else it is named after its function. A schedule with a name keeps
    its place in time when its expression changes."""
    timezone: str = option(parse_zone_option, "<zone>", default="")
    """The time zone of a cron expression, such as `Europe/Berlin`; UTC without it."""
    missed: str = option(choice("skip", "one", "all"), "skip|one|all", default="one")
    """What becomes of runs that were due while nothing could run them: none, the latest one, or each."""
    overlap: str = option(choice("allow", "forbid"), "allow|forbid", default="forbid")
    """Whether a run may begin while the one before is still at it. With `forbid` it is left out."""
    tenant: str = option(parse_tenant, "<tenant>", default=DEFAULT_TENANT)
    """Whose data the function sees."""
    policy: Policy = inline(Policy, default=Policy(retries=0))


@dataclass(frozen=True, slots=True)
class CronConfig:
    """cron <schedule> <module.wasm> {
        name     <name>
        timezone <zone>
        missed   skip|one|all
        overlap  allow|forbid
        tenant   <tenant>
        <option of queue> …
        <option of gojinn> …
    }

    Runs a function by the clock: `*/5 * * * *`, with seconds `*/30 * * * * *`, `@every 90s`, `@hourly`,
    `@daily`, `@weekly`, `@monthly` or `@yearly`. Each run is a durable job that happens once for each time it
    is due, in the whole cluster, through restarts. Stands in a site, in the global block `gojinn`, or in the
    block of a `gojinn` directive. A run that failed is not tried again unless `retries` says so.
    """

    name: str
    """What it is called."""
    schedule: str
    """When it is due, as written."""
    timezone: str = "UTC"
    missed: str = "one"
    overlap: str = "forbid"
    tenant: str = DEFAULT_TENANT
    queue: QueueConfig | None = None
    """Where its runs wait, and the function that they run."""
    origin: Word | None = field(default=None, compare=False, repr=False)
    """Where its schedule is written."""

    def times(self) -> Schedule:
        """When it is due."""
        return parse_schedule(self.schedule, self.timezone)


def parse(node: Node, scope: Scope) -> CronConfig:
    """Reads a `cron` directive; a schedule need not stand in quotes."""
    lines = [child for child in node.block or () if child.text == "function"]
    words = node.args if lines else node.args[:-1]
    if not words:
        raise node.wrong_args(f"{FORM}, such as cron '*/5 * * * *' ./report.wasm")
    timing, function = read_trigger(
        node, Timing, lines[0].one("<module.wasm>") if lines else node.args[-1], scope
    )
    return made(words, timing, function, scope.base_dir)


def made(words: Sequence[Word], timing: Timing, function: FunctionConfig, folder: str) -> CronConfig:
    """Makes the configuration of a schedule. Raises ConfigError at the first word of a wrong one."""
    text = " ".join(word.text for word in words)
    try:
        times = parse_schedule(text, timing.timezone)
    except BadValue as bad:
        raise words[0].error(
            f"wrong schedule for 'cron': given '{text[:100]}', expected {bad.expected}"
        ) from bad
    zone = times.zone if isinstance(times, Cron) else "UTC"
    name = timing.name or f"{function.name}-{mark(text, zone, function, folder)}"
    policy = timing.policy
    if timing.overlap == "forbid":
        policy = dataclasses.replace(policy, concurrency=1)
    return CronConfig(
        name,
        text,
        zone,
        timing.missed,
        timing.overlap,
        timing.tenant,
        QueueConfig(f"{WORD}:{name}", policy, function),
        words[0],
    )


def mark(text: str, zone: str, function: FunctionConfig, folder: str) -> str:
    """Tells schedules of one function apart: another expression is another schedule. Moving the whole folder
    changes nothing."""
    content = "\0".join([text, zone, os.path.relpath(function.module, folder), *function.args])
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:6]


def check(config: Config) -> Iterator[ConfigError]:
    """Finds names that several schedules have."""
    seen: dict[str, CronConfig] = {}
    for cron in find(config, CronConfig):
        first = seen.setdefault(cron.name, cron)
        if first is not cron and cron.origin is not None and first.origin is not None:
            message = f"schedule '{cron.name}' is given twice, first at {first.origin.place}"
            yield cron.origin.error(message, hint="give one of them another 'name' in its block")


DIRECTIVE = Directive(WORD, CronConfig, parse, takes_matcher=False)
