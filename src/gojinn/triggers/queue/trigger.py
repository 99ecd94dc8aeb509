"""The trigger `queue`: what a generation runs for its queues, and for jobs that are sent to its functions."""

from __future__ import annotations

import asyncio

from gojinn.capabilities.queue.targets import Directory
from gojinn.config.model import Config
from gojinn.config.walk import find
from gojinn.fabric.jobs.store import Jobs
from gojinn.functions.config import FunctionConfig
from gojinn.functions.modules import Modules
from gojinn.functions.registry import FunctionRegistry
from gojinn.functions.runner import Runner
from gojinn.functions.targets import Targets
from gojinn.triggers.queue.config import DIRECTIVE, QueueConfig, check
from gojinn.triggers.queue.consumer import Queue, QueueConsumer
from gojinn.triggers.queue.functions import Functions
from gojinn.triggers.queue.slots import Rate, Slots
from gojinn.triggers.trigger import Consumer, Trigger, TriggerContext


def open_queues(config: Config, context: TriggerContext) -> Consumer | None:
    """Makes the consumer of all queues, and of the jobs of functions, which any function may get."""
    if next(find(config, FunctionConfig), None) is None:
        return None
    configs = list(find(config, QueueConfig))
    slots = context.service(Slots)
    targets = Targets(config, {each.name: each.policy.priority for each in configs})
    functions = Functions(targets, context.service(FunctionRegistry), context.service(Modules))
    now = asyncio.get_running_loop().time()
    queues = {}
    for each in configs:
        assert each.function is not None
        rate = Rate(each.policy.rate / slots.seat.workers, now) if each.policy.rate else None
        queues[each.name] = Queue(each.name, each.policy, context.bind(each.function), rate)
    return QueueConsumer(
        context.service(Jobs),
        context.service(Runner),
        slots,
        functions,
        queues,
        context.service(Directory),
    )


TRIGGER = Trigger("queue", open_queues, DIRECTIVE, check, needs=(Jobs,))
