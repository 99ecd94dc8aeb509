"""The trigger `queue`: what a generation runs for the queues of its configuration."""

from __future__ import annotations

from gojinn.config.model import Config
from gojinn.triggers.queue.config import DIRECTIVE, check
from gojinn.triggers.trigger import Consumer, Trigger, TriggerContext


def open_queues(config: Config, context: TriggerContext) -> Consumer | None:
    """Makes the consumer of all queues."""
    return None


TRIGGER = Trigger("queue", open_queues, DIRECTIVE, check)
