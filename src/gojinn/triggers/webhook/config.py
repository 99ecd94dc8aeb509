"""The configuration of a webhook: the options of the directive `webhook`. Answering is `directive`'s."""

from __future__ import annotations

from dataclasses import dataclass

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Scope
from gojinn.config.fields import inline, line, option
from gojinn.config.model import Match
from gojinn.config.units import BadValue, Secret, choice, parse_duration
from gojinn.errors import ConfigError
from gojinn.functions.config import read_trigger
from gojinn.functions.lines import DEFAULT_TENANT, parse_tenant, read_secret
from gojinn.triggers.queue.config import Policy, QueueConfig
from gojinn.trust.webhook import SCHEMES, TOLERANCE

WORD = "webhook"
FORM = "<path> <module.wasm>"
LONGEST_TOLERANCE = 86_400.0
"""Seconds. Whoever saw a delivery may send it again for that long, and for as long as jobs are kept."""


def parse_tolerance(text: str) -> float:
    """Reads how far a timestamp may be off; returns seconds."""
    seconds = parse_duration(text)
    if not 1 <= seconds <= LONGEST_TOLERANCE:
        raise BadValue(text, "a duration from '1s' to '24h'")
    return seconds


@dataclass(frozen=True, slots=True)
class Signing:
    """Who may send, and whose the deliveries are."""

    secrets: tuple[Secret, ...] = line(read_secret, "<secret>", repeat=True, name="secret")
    """What sender and server share. Several lines let it be changed: each of them is accepted."""
    scheme: str = option(choice(*SCHEMES), "|".join(SCHEMES), default="generic")
    """How deliveries are signed: as GitHub does, Stripe, Slack, or `generic`: Standard Webhooks, else a hex
    HMAC-SHA256 in `X-Signature`, over the body or over `<X-Timestamp>.<body>`."""
    tolerance: float = option(parse_tolerance, "<duration>", unit="seconds", default=TOLERANCE)
    """How far a signed timestamp may be off."""
    tenant: str = option(parse_tenant, "<tenant>", default=DEFAULT_TENANT)
    """Whose data the function sees."""
    policy: Policy = inline(Policy)


@dataclass(frozen=True, slots=True)
class WebhookConfig:
    """webhook <path> <module.wasm> {
        secret    <secret>
        scheme    github|stripe|slack|generic
        tolerance <duration>
        tenant    <tenant>
        <option of queue> …
        <option of gojinn> …
    }

    Takes signed reports of other services and runs a function for each, as a durable job: the answer is 202
    once it is on disk. A delivery whose signature or timestamp is wrong is answered with 401; one that was
    taken before is answered like the first and not run again, for as long as `keep` says.
    """

    path: str
    """Where deliveries are sent to."""
    matchers: tuple[Match, ...]
    """The path matcher."""
    secrets: tuple[Secret, ...]
    scheme: str
    tolerance: float
    tenant: str
    queue: QueueConfig
    """Where deliveries wait, and the function that runs for them."""


def parse(node: Node, scope: Scope) -> WebhookConfig:
    """Reads a `webhook` directive."""
    if len(node.args) != 2:
        raise node.wrong_args(FORM)
    path, module = node.args
    if not path.text.startswith("/"):
        message = f"wrong path for 'webhook': given '{path.text}', expected one that starts with '/'"
        raise path.error(message)
    try:
        signing, function = read_trigger(node, Signing, module, scope)
    except ConfigError as error:
        lines = [child for child in node.block or () if child.text == "secret"]
        if any(child.name.source == error.source for child in lines):
            error.source = None
        raise
    if not signing.secrets:
        hint = "add 'secret {env.WEBHOOK_SECRET}' to its block, and set that variable"
        raise node.error(f"'webhook {path.text}' lacks its secret", hint=hint)
    queue = QueueConfig(f"{WORD}:{path.text}", signing.policy, function, path)
    return WebhookConfig(
        path.text,
        scope.matchers(path),
        signing.secrets,
        signing.scheme,
        signing.tolerance,
        signing.tenant,
        queue,
    )
