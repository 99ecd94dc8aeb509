"""The trigger `cron`: what a generation runs for the schedules of its configuration."""

from __future__ import annotations

from gojinn.config.model import Config
from gojinn.config.walk import find
from gojinn.fabric.connection import Fabric
from gojinn.fabric.jobs.store import Jobs
from gojinn.fabric.schedules import Schedules
from gojinn.triggers.cron.config import DIRECTIVE, WORD, CronConfig, check
from gojinn.triggers.cron.runs import JobRuns
from gojinn.triggers.cron.ticker import Ticker
from gojinn.triggers.trigger import Consumer, Trigger, TriggerContext


def open_ticker(config: Config, context: TriggerContext) -> Consumer | None:
    """Makes what keeps the schedules going; without any it takes those away that there were before."""
    runs = JobRuns(context.service(Jobs))
    return Ticker(list(find(config, CronConfig)), Schedules(context.service(Fabric)), runs)


TRIGGER = Trigger(WORD, open_ticker, DIRECTIVE, check, needs=(Fabric, Jobs))
