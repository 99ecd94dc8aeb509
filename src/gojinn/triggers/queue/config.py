"""The configuration of a queue: the directive `queue`. Consuming it is `consumer`'s."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from gojinn.caddyfile.tree import Node, Word
from gojinn.config.directive import Directive, Scope
from gojinn.config.fields import inline, line, option, read_value
from gojinn.config.model import Config
from gojinn.config.units import BadValue, choice, integer, parse_duration, parse_number, parse_text
from gojinn.config.walk import find
from gojinn.errors import ConfigError
from gojinn.fabric.names import ANY, REST
from gojinn.functions.config import FunctionConfig, read_trigger

LONGEST_NAME = 64
"""Characters of a queue's name."""
MOST_AT_ONCE = 10_000
"""Jobs of one queue that may run at once on a node."""
PRIORITIES = ("high", "normal", "low")
PERIODS = {"s": 1.0, "m": 60.0, "h": 3600.0}
"""Seconds that a rate may be counted in."""


class Backoff(NamedTuple):
    """How long a job waits before it is tried again: twice as long each time, up to a limit."""

    first: float = 1.0
    """Seconds before the second attempt."""
    longest: float = 60.0


def parse_name(text: str) -> str:
    """Reads a queue's name. It must not be taken for a module, nor for a pattern."""
    if not text or len(text) > LONGEST_NAME or not text.isprintable():
        raise BadValue(text, f"a name of 1 to {LONGEST_NAME} printable characters")
    if text in (ANY, REST) or text.endswith(".wasm"):
        raise BadValue(text, "a name that is no wildcard and does not end in '.wasm'")
    return text


def parse_rate(text: str) -> float:
    """Reads how often something may happen, such as `10/s`; returns times a second."""
    number, slash, period = text.partition("/")
    if not slash or period not in PERIODS:
        raise BadValue(text, "a rate such as '10/s', '30/m' or '100/h'")
    rate = parse_number(number) / PERIODS[period]
    if rate <= 0:
        raise BadValue(text, "a rate above zero")
    return rate


def parse_kept(text: str) -> float:
    """Reads how long results are kept; returns seconds."""
    seconds = parse_duration(text)
    if seconds < 1:
        raise BadValue(text, "a duration of at least '1s'")
    return seconds


def read_backoff(node: Node, scope: Scope) -> Backoff:
    """Reads `backoff <first> [<longest>]`."""
    if not 1 <= len(node.args) <= 2:
        raise node.wrong_args("<first> [<longest>]")
    first = read_value(node.args[0], parse_duration, node.text)
    longest = read_value(node.args[1], parse_duration, node.text) if len(node.args) == 2 else None
    if longest is not None and longest < first:
        raise node.args[1].error("the longest wait is shorter than the first")
    return Backoff(first, max(first, Backoff().longest) if longest is None else longest)


@dataclass(frozen=True, slots=True)
class Policy:
    """How the jobs of a queue are run."""

    module: str = option(parse_text, "<module.wasm>", default="", name="function")
    """The function that runs for each job, where it does not stand behind the queue's name."""
    retries: int = option(integer(0, 1000), "<n>", default=5)
    """How often a job that failed is tried again before it becomes a dead letter."""
    backoff: Backoff = line(read_backoff, "<first> [<longest>]", default=Backoff())
    """How long a job that failed waits: the first time, and at most. In between it is twice as long each
    time, with up to a tenth more or less, so that jobs that failed together do not come back together."""
    concurrency: int = option(integer(1, MOST_AT_ONCE), "<n>", default=16)
    """Jobs of this queue that run at once, over all workers of a node."""
    rate: float = option(parse_rate, "<n>/s|m|h", unit="times a second", default=0.0)
    """How often a job is started at most, over all workers of a node; 0 is without limit."""
    priority: str = option(choice(*PRIORITIES), "high|normal|low", default="normal")
    """Of jobs that name none. Of three jobs that wait, one of each, the higher one mostly goes first, but
    the lower ones have their turn too."""
    keep: float = option(parse_kept, "<duration>", unit="seconds", default=86400.0)
    """How long the result of a job can be asked for."""


@dataclass(frozen=True, slots=True)
class QueueConfig:
    """queue <name> [<module.wasm>] {
        function    <module.wasm>
        retries     <n>
        backoff     <first> [<longest>]
        concurrency <n>
        rate        <n>/s|m|h
        priority    high|normal|low
        keep        <duration>
        <option of gojinn> …
    }

    Runs a function for each job of a queue. Jobs are durable: what was acknowledged is run at least once,
    also after a crash. A job fails when its function fails, runs past its `timeout`, or answers with status
    500 or more; it is then tried again. Stands in a site, or in the global block `gojinn`; its block may
    also hold every option of the `gojinn` directive.
    """

    name: str
    """What jobs are sent to."""
    policy: Policy = inline(Policy)
    function: FunctionConfig | None = None
    """What runs for each job."""
    origin: Word | None = field(default=None, compare=False, repr=False)
    """Where it is named."""


def parse(node: Node, scope: Scope) -> QueueConfig:
    """Reads a `queue` directive."""
    if not 1 <= len(node.args) <= 2:
        raise node.wrong_args("<name> [<module.wasm>]")
    name = read_value(node.args[0], parse_name, "name of 'queue'")
    policy, function = read_trigger(node, Policy, module_of(node), scope)
    return QueueConfig(name, policy, function, node.args[0])


def module_of(node: Node) -> Word:
    """Finds the word that names the function. Raises ConfigError when there is none, or several."""
    lines = [child for child in node.block or () if child.text == "function"]
    if len(node.args) == 2:
        if lines:
            raise lines[0].error("the function is named twice", hint="remove this line")
        return node.args[1]
    if not lines:
        hint = "add 'function <module.wasm>' to its block"
        raise node.error(f"'queue {node.args[0].text}' lacks its function", hint=hint)
    return lines[0].one("<module.wasm>")


def check(config: Config) -> Iterator[ConfigError]:
    """Finds names that several queues have."""
    seen: dict[str, QueueConfig] = {}
    for queue in find(config, QueueConfig):
        first = seen.setdefault(queue.name, queue)
        if first is not queue and queue.origin is not None and first.origin is not None:
            message = f"queue '{queue.name}' is given twice, first at {first.origin.place}"
            yield queue.origin.error(message, hint="rename one of them")


DIRECTIVE = Directive("queue", QueueConfig, parse, takes_matcher=False)
