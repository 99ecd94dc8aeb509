"""The composition root: which directives, matchers, triggers and services there are, in one place.

Adding a directive is a file in `edge/directives` and its line here, adding a trigger a folder in `triggers`
and its line. Capabilities have their tuple in `capabilities/imports`.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import cast

from gojinn.capabilities.capability import Services
from gojinn.capabilities.host import host_opened
from gojinn.capabilities.queue.targets import Directory
from gojinn.capabilities.sql.turns import Turns
from gojinn.config.directive import Directive, Grammar, Matcher
from gojinn.config.model import Options
from gojinn.edge.directives import (
    encode,
    error,
    file_server,
    gojinn,
    handle,
    handle_path,
    header,
    libsql,
    redir,
    request_body,
    request_header,
    respond,
    reverse_proxy,
    rewrite,
    root,
    route,
    try_files,
    uri,
    vars,
)
from gojinn.edge.matchers import (
    client_ip,
    expression,
    file,
    header_regexp,
    host,
    method,
    negation,
    path,
    path_regexp,
    protocol,
    query,
    remote_ip,
    vars_regexp,
)
from gojinn.edge.matchers import header as header_matcher
from gojinn.edge.matchers import vars as vars_matcher
from gojinn.engine.cache import CompileCache
from gojinn.engine.driver import Engine
from gojinn.engine.settings import EngineSettings, Implementation
from gojinn.fabric.connection import Fabric
from gojinn.fabric.jobs.store import Jobs
from gojinn.fabric.node import Node
from gojinn.fabric.streams import Declare
from gojinn.functions.background import Background
from gojinn.functions.registry import FunctionRegistry
from gojinn.functions.runner import Runner
from gojinn.libsql.hub import Hub
from gojinn.observe.metrics import Metrics
from gojinn.observe.sink import Sinks
from gojinn.triggers.cron import trigger as cron
from gojinn.triggers.mqtt import trigger as mqtt
from gojinn.triggers.queue import trigger as queue
from gojinn.triggers.queue.background import JobBackground
from gojinn.triggers.queue.slots import Seat, Slots
from gojinn.triggers.trigger import Trigger
from gojinn.triggers.webhook import directive as webhook

TRIGGERS: tuple[Trigger, ...] = (queue.TRIGGER, cron.TRIGGER, mqtt.TRIGGER)

DIRECTIVES: tuple[Directive, ...] = (
    vars.DIRECTIVE,
    root.DIRECTIVE,
    header.DIRECTIVE,
    request_body.DIRECTIVE,
    redir.DIRECTIVE,
    rewrite.DIRECTIVE,
    uri.DIRECTIVE,
    try_files.DIRECTIVE,
    request_header.DIRECTIVE,
    encode.DIRECTIVE,
    handle.DIRECTIVE,
    handle_path.DIRECTIVE,
    route.DIRECTIVE,
    error.DIRECTIVE,
    respond.DIRECTIVE,
    # Where Caddy has what makes answers (php_fastcgi): behind fixed ones, before those from elsewhere.
    gojinn.DIRECTIVE,
    webhook.DIRECTIVE,
    libsql.DIRECTIVE,
    reverse_proxy.DIRECTIVE,
    file_server.DIRECTIVE,
    *(each.directive for each in TRIGGERS if each.directive is not None),
)

MATCHERS: tuple[Matcher, ...] = (
    client_ip.MATCHER,
    expression.MATCHER,
    file.MATCHER,
    header_matcher.MATCHER,
    header_regexp.MATCHER,
    host.MATCHER,
    method.MATCHER,
    negation.MATCHER,
    path.MATCHER,
    path_regexp.MATCHER,
    protocol.MATCHER,
    query.MATCHER,
    remote_ip.MATCHER,
    vars_matcher.MATCHER,
    vars_regexp.MATCHER,
)

GRAMMAR = Grammar(DIRECTIVES, MATCHERS, tuple(each.check for each in TRIGGERS if each.check is not None))


STREAMS: tuple[Declare, ...] = ()
"""What makes the streams that are always needed, one function a subsystem."""


async def declare(fabric: Fabric) -> None:
    """Makes the streams that are always needed, or changes them to be as they should."""
    for each in STREAMS:
        await each(fabric)


@asynccontextmanager
async def services(options: Options, cache: Path, node: Node, common: Services) -> AsyncIterator[Services]:
    """Opens what a worker has once for its functions, whatever it serves: by type, as handlers and
    capabilities ask for it, beside what is `common` to all sites."""
    async with AsyncExitStack() as stack:
        fabric = await stack.enter_async_context(Fabric(node, f"worker {os.getpid()}"))
        jobs, directory = Jobs(fabric), Directory()
        found = {**common, Node: node, Fabric: fabric, Jobs: jobs, Directory: directory}
        found[Background] = JobBackground(jobs, directory)
        host = await stack.enter_async_context(host_opened(found))
        engine = Engine(engine_settings(options))
        stack.callback(engine.close)
        registry = FunctionRegistry(engine, CompileCache(cache), host, tenants=str(node.mounts))
        stack.callback(registry.close)
        runner = Runner(engine, registry)
        yield {**found, Engine: engine, FunctionRegistry: registry, Runner: runner}


def common(seat: Seat | None = None) -> Services:
    """Makes what a worker has for all sites, also those without functions; `seat` is which worker it is."""
    turns = Turns()
    return {Metrics: Metrics(), Sinks: Sinks(), Slots: Slots(seat), Hub: Hub(turns), Turns: turns}


def engine_settings(options: Options) -> EngineSettings:
    """The engine's settings that a Caddyfile can choose."""
    chosen = None if options.engine == "auto" else cast("Implementation", options.engine)
    return EngineSettings(slots=options.max_sandboxes or None, implementation=chosen)
