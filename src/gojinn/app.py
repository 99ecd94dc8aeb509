"""The composition root: which directives, matchers and services there are, in one place. None lives here.

Adding a directive is a file in `edge/directives` and its line here. Capabilities have their tuple in
`capabilities/imports`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, cast

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
from gojinn.functions.registry import FunctionRegistry
from gojinn.functions.runner import Runner
from gojinn.observe.metrics import Metrics
from gojinn.observe.sink import Sinks

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
    reverse_proxy.DIRECTIVE,
    file_server.DIRECTIVE,
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

GRAMMAR = Grammar(DIRECTIVES, MATCHERS)


@contextmanager
def services(options: Options, cache: Path) -> Iterator[dict[type, Any]]:
    """Opens what a worker has once, whatever it serves: by type, as handlers ask for it."""
    with ExitStack() as stack:
        engine = Engine(engine_settings(options))
        stack.callback(engine.close)
        registry = FunctionRegistry(engine, CompileCache(cache))
        stack.callback(registry.close)
        yield {
            Engine: engine,
            FunctionRegistry: registry,
            Runner: Runner(engine, registry),
            Metrics: Metrics(),
            Sinks: Sinks(),
        }


def engine_settings(options: Options) -> EngineSettings:
    """The engine's settings that a Caddyfile can choose."""
    chosen = None if options.engine == "auto" else cast("Implementation", options.engine)
    return EngineSettings(slots=options.max_sandboxes or None, implementation=chosen)
