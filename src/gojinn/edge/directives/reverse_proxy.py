"""The `reverse_proxy` directive: hands requests to other servers."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Directive, Scope
from gojinn.config.fields import line, option, read_block, read_value, words
from gojinn.config.units import TOKEN, BadValue, integer, parse_duration, parse_port, parse_text
from gojinn.edge.addresses import Addresses, parse_range
from gojinn.edge.edits import EXPECTED, Edit, compile_edits, parse_edit, with_one_host
from gojinn.edge.handler import BuildContext, Handler, Middleware
from gojinn.edge.proxy.addresses import Target, parse_target
from gojinn.edge.proxy.health import Check, HealthChecker
from gojinn.edge.proxy.policies import FORMS, Policy, make_policy, read_policy
from gojinn.edge.proxy.pool import Pool
from gojinn.edge.proxy.proxy import Changes, Proxy, Retries, Strikes
from gojinn.edge.proxy.transport import Transport, read_transport
from gojinn.edge.proxy.upstream import Tolerance, Upstream
from gojinn.edge.regexp import parse_regexp
from gojinn.edge.rewriter import Rewrite
from gojinn.edge.status import parse_status_class

RETRY_INTERVAL = 0.25
"""Seconds between tries where only their duration is given."""
UNSUPPORTED = frozenset(
    {
        *("buffer_requests", "buffer_responses", "copy_response", "copy_response_headers", "dynamic"),
        *("handle_response", "health_path", "lb_retry_match", "max_buffer_size", "replace_status"),
    }
)
"""Options that Caddy has: a file that uses one is not misspelt."""


def read_edit(node: Node, scope: Scope) -> Edit:
    """Reads one change of fields."""
    if not node.args:
        raise node.wrong_args(EXPECTED)
    field = node.args[0]
    if field.text.startswith(("?", ">")):
        raise field.error(f"'{field.text[0]}' has no meaning in '{node.text}'", hint="use 'header' for that")
    return parse_edit(node, field.text, tuple(word.text for word in node.args[1:]))


def parse_method(text: str) -> str:
    """Reads a method."""
    if not TOKEN.fullmatch(text):
        raise BadValue(text, "a method such as 'GET'")
    return text.upper()


def read_fields(node: Node, scope: Scope) -> tuple[tuple[str, str], ...]:
    """Reads a block of fields with their values."""
    return tuple((child.text, child.one("<value>").text) for child in node.block or ())


def read_flush(node: Node, scope: Scope) -> float:
    """Reads `-1` or a duration."""
    word = node.one("-1|<duration>")
    return -1.0 if word.text == "-1" else read_value(word, parse_duration, node.text)


@dataclass(frozen=True, slots=True)
class ReverseProxyConfig:
    """reverse_proxy [<matcher>] [<upstreams...>] {
        to <upstreams...>

        lb_policy       <name> [<options...>]
        lb_retries      <count>
        lb_try_duration <duration>
        lb_try_interval <duration>

        health_uri      <uri>
        health_port     <port>
        health_interval <duration>
        health_timeout  <duration>
        health_status   <status>
        health_body     <regexp>
        health_headers {
            <field> <value>
        }

        fail_duration           <duration>
        max_fails               <count>
        unhealthy_status        <status...>
        unhealthy_latency       <duration>
        unhealthy_request_count <count>

        flush_interval  -1|<duration>
        trusted_proxies <private_ranges|ranges...>
        header_up       [+|-]<field> [<value>|<find>] [<replace>]
        header_down     [+|-]<field> [<value>|<find>] [<replace>]
        method          <method>
        rewrite         <to>

        transport http {
            <options...>
        }
    }

    Hands requests to one of the upstreams and its answers to the client, both streamed; protocol switches
    such as WebSocket pass through. Upstreams see `X-Forwarded-For`, `X-Forwarded-Proto` and
    `X-Forwarded-Host`. One that cannot be reached is answered with 502, one that is too slow with 504, and
    503 says that none is available.
    """

    upstreams: tuple[Target, ...] = words(parse_target, "<upstreams...>", name="to")
    """`host[:port]`, `http://host`, `https://host` or `unix//path`; without a scheme also placeholders."""
    lb_policy: Policy = line(read_policy, " | ".join(FORMS.values()), default=Policy())
    """How to choose among several upstreams."""
    lb_retries: int = option(integer(0), "<count>", default=0)
    """How often to try again when an upstream fails; what may have had an effect is not repeated."""
    lb_try_duration: float = option(parse_duration, "<duration>", unit="seconds", default=0.0)
    """How long to try again."""
    lb_try_interval: float = option(parse_duration, "<duration>", unit="seconds", default=0.0)
    """How long to wait between tries; with `lb_try_duration` 250ms by default."""
    health_uri: str = option(parse_text, "<uri>", default="")
    """What to ask upstreams for to see whether they are well; empty means that none is asked."""
    health_port: int = option(parse_port, "<port>", default=0)
    """Which port to ask, if not the upstream's."""
    health_interval: float = option(parse_duration, "<duration>", unit="seconds", default=30.0)
    """How often to ask."""
    health_timeout: float = option(parse_duration, "<duration>", unit="seconds", default=5.0)
    """How long an answer may take."""
    health_status: int = option(parse_status_class, "<status>", default=0)
    """Which status is a good answer; by default any from 200 to 399."""
    health_body: str = option(parse_regexp, "<regexp>", default="")
    """What must be found in a good answer."""
    health_headers: tuple[tuple[str, str], ...] = line(read_fields, "{ … }", default=(), takes_block=True)
    """Fields to ask with."""
    fail_duration: float = option(parse_duration, "<duration>", unit="seconds", default=0.0)
    """How long a failed request counts against its upstream; 0 means not at all."""
    max_fails: int = option(integer(1), "<count>", default=1)
    """How many failures make an upstream count as down."""
    unhealthy_status: tuple[int, ...] = words(parse_status_class, "<status...>")
    """Which statuses count as failures."""
    unhealthy_latency: float = option(parse_duration, "<duration>", unit="seconds", default=0.0)
    """Answers that take this long count as failures; 0 means that none does."""
    unhealthy_request_count: int = option(integer(0), "<count>", default=0)
    """How many requests at once an upstream is given; 0 means any number."""
    flush_interval: float = line(read_flush, "-1|<duration>", unit="seconds", default=-1.0)
    """Has no effect: answers are always passed on as they come."""
    trusted_proxies: tuple[str, ...] = words(parse_range, "<private_ranges|ranges...>")
    """Whose `X-Forwarded-` fields are believed, besides the global `trusted_proxies`."""
    header_up: tuple[Edit, ...] = line(read_edit, EXPECTED, repeat=True, default=())
    """Changes of the request's fields."""
    header_down: tuple[Edit, ...] = line(read_edit, EXPECTED, repeat=True, default=())
    """Changes of the answer's fields."""
    method: str = option(parse_method, "<method>", default="")
    """Which method to ask with, if not the request's; GET and HEAD go without the request's body."""
    rewrite: str = option(parse_text, "<to>", default="")
    """Which URI to ask for, as `rewrite` writes it."""
    transport: Transport = line(read_transport, "http { … }", default=Transport(), takes_block=True)
    """How to connect."""

    @property
    def encrypted(self) -> bool:
        """Whether upstreams are spoken to with HTTPS."""
        return self.transport.encrypted or any(target.scheme == "https" for target in self.upstreams)


def parse(node: Node, scope: Scope) -> ReverseProxyConfig:
    """Reads arguments and block."""
    for child in node.block or ():
        if child.text in UNSUPPORTED or child.text.startswith("@"):
            raise child.error(
                f"Gojinn does not have Caddy's '{child.text}' in '{node.text}'", hint="remove it"
            )
    upstreams = tuple(read_value(word, parse_target, node.text) for word in node.args)
    config = read_block(node, ReverseProxyConfig, scope, upstreams=upstreams)
    config = replace(config, upstreams=tuple(target.within(scope.base_dir) for target in config.upstreams))
    if not config.upstreams:
        raise node.error("'reverse_proxy' lacks an upstream", hint="write 'reverse_proxy <host>:<port>'")
    schemes = {target.scheme or "http" for target in config.upstreams}
    if len(schemes) > 1:
        raise node.error("upstreams mix HTTP and HTTPS", hint="use one 'reverse_proxy' for each of them")
    if config.transport.encrypted and any(target.scheme == "http" for target in config.upstreams):
        raise node.error("an upstream is 'http://' but the transport encrypts", hint="write 'https://'")
    return config


def build(config: ReverseProxyConfig, context: BuildContext) -> Middleware:
    """Makes the handler with its connections and health checks."""
    pool = Pool(config.transport, encrypted=config.encrypted)
    tolerance = Tolerance(config.fail_duration, config.max_fails, config.unhealthy_request_count)
    upstreams = [Upstream(target, tolerance) for target in config.upstreams]
    context.resources.append(pool)
    if config.health_uri or config.health_port:
        context.resources.append(HealthChecker(make_check(config), upstreams, pool))
    proxy = Proxy(
        upstreams,
        make_policy(config.lb_policy),
        pool,
        retries=make_retries(config),
        strikes=Strikes(config.unhealthy_status, config.unhealthy_latency),
        changes=make_changes(config),
        trusted=Addresses(config.trusted_proxies),
    )

    def middleware(following: Handler) -> Handler:
        return proxy.serve

    return middleware


def make_check(config: ReverseProxyConfig) -> Check:
    """Collects what active health checks ask."""
    uri = config.health_uri or "/"
    return Check(
        uri=uri if uri.startswith("/") else "/" + uri,
        port=config.health_port,
        interval=config.health_interval,
        timeout=config.health_timeout,
        status=config.health_status,
        body=config.health_body,
        headers=config.health_headers,
    )


def make_retries(config: ReverseProxyConfig) -> Retries:
    """Collects how failures are tried again."""
    interval = config.lb_try_interval or (RETRY_INTERVAL if config.lb_try_duration else 0.0)
    return Retries(config.lb_retries, config.lb_try_duration, interval)


def make_changes(config: ReverseProxyConfig) -> Changes:
    """Compiles what is changed on the way."""
    return Changes(
        up=with_one_host(compile_edits(config.header_up)) if config.header_up else None,
        down=compile_edits(config.header_down) if config.header_down else None,
        method=config.method,
        rewrite=Rewrite(config.rewrite) if config.rewrite else None,
    )


DIRECTIVE = Directive("reverse_proxy", ReverseProxyConfig, parse, build)
