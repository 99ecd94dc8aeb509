"""The configuration of subscriptions: the directive `mqtt`. Talking to the broker is `client`'s."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from gojinn.caddyfile.tree import Node, Word
from gojinn.config.directive import Directive, Scope
from gojinn.config.fields import inline, line, option, path, read_block, read_value, secret
from gojinn.config.model import Config
from gojinn.config.units import BadValue, Secret, choice, parse_hostport
from gojinn.config.walk import find
from gojinn.errors import ConfigError
from gojinn.functions.config import FunctionConfig, read_trigger
from gojinn.functions.lines import DEFAULT_TENANT, parse_tenant
from gojinn.functions.mqtt import parse_broker, parse_id, parse_user
from gojinn.triggers.queue.config import Policy, QueueConfig

WORD = "mqtt"
LONGEST_TOPIC = 65_535
"""Bytes of a topic (MQTT 5, 1.5.4)."""


def parse_topic(text: str) -> str:
    """Reads a topic filter (MQTT 5, 4.7): `+` stands for one level, `#` at the end for all that follow."""
    levels = text.split("/")
    wrong = [level for level in levels if level not in ("+", "#") and set(level) & set("+#")]
    if not text or "\0" in text or len(text.encode()) > LONGEST_TOPIC or wrong or "#" in levels[:-1]:
        raise BadValue(text, "a topic such as 'sensors/+/temperature' or 'alarms/#'")
    return text


@dataclass(frozen=True, slots=True)
class Delivery:
    """How messages of a subscription are taken."""

    qos: str = option(choice("0", "1", "2"), "0|1|2", default="1")
    """The quality of service that is asked for."""
    tenant: str = option(parse_tenant, "<tenant>", default=DEFAULT_TENANT)
    """Whose data the function sees."""
    policy: Policy = inline(Policy)


@dataclass(frozen=True, slots=True)
class Subscription:
    """subscribe <topic> <module.wasm> { … }"""

    topic: str
    qos: int
    tenant: str
    queue: QueueConfig
    """Where messages wait, and the function that runs for them."""


def read_subscription(node: Node, scope: Scope) -> Subscription:
    """Reads `subscribe <topic> <module.wasm> { … }`."""
    if len(node.args) != 2:
        raise node.wrong_args("<topic> <module.wasm>")
    topic = read_value(node.args[0], parse_topic, "topic")
    delivery, function = read_trigger(node, Delivery, node.args[1], scope)
    queue = QueueConfig(f"{WORD}:{topic}", delivery.policy, function)
    return Subscription(topic, int(delivery.qos), delivery.tenant, queue)


def parse_listen(text: str) -> str:
    """Reads the address of the listener; one without a host is on the loopback interface."""
    host, port = parse_hostport(text)
    if port == 0:
        raise BadValue(text, "an address with a port, such as ':1883'")
    return f"[{host}]:{port}" if ":" in host else f"{host or '127.0.0.1'}:{port}"


@dataclass(frozen=True, slots=True)
class MqttConfig:
    """mqtt [<broker>] {
        listen      <address>
        client_id   <id>
        username    <name>
        password    <password>
        version     3.1.1|5
        ca          <file>
        certificate <file>
        key         <file>
        subscribe   <topic> <module.wasm> {
            qos    0|1|2
            tenant <tenant>
            <option of queue> …
            <option of gojinn> …
        }
    }

    Runs functions for the messages of an MQTT broker, `mqtt://…` or with TLS `mqtts://…`. A message of
    quality 1 or 2 is acknowledged once its job is on disk, so it is run for at least once. One worker of the
    cluster is connected; another takes over when it ends.

    Without a broker but with `listen` the embedded NATS is one, for MQTT 3.1.1: others connect there, with
    this name and password, and so do these subscriptions.
    """

    broker: str = ""
    """Its URL; empty with `listen`, and inside of a `gojinn` directive, where `mqtt_broker` names it."""
    listen: str = option(parse_listen, "<address>", default="")
    """Where the embedded NATS takes MQTT clients; without a host on the loopback interface."""
    client_id: str = option(parse_id, "<id>", default="")
    """What the broker knows us by, and keeps messages for; without it one made of the broker's URL."""
    username: str = option(parse_user, "<name>", default="")
    """Who to log in as."""
    password: Secret | None = secret(Secret, "<password>", default=None)
    """Password of `username`."""
    version: str = option(choice("3.1.1", "5"), "3.1.1|5", default="3.1.1")
    """The version of the protocol."""
    ca: str = path("<file>", default="", kind="file")
    """Authorities to trust, PEM; without it the system's."""
    certificate: str = path("<file>", default="", kind="file")
    """Our own certificate, PEM, where the broker asks for one."""
    key: str = path("<file>", default="", kind="file")
    """The key of `certificate`."""
    subscriptions: tuple[Subscription, ...] = line(
        read_subscription, "<topic> <module.wasm>", repeat=True, takes_block=True, name="subscribe"
    )
    """What functions are run for."""
    origin: Word | None = field(default=None, compare=False, repr=False)
    """Where it is written."""

    @property
    def id(self) -> str:
        """What the broker knows us by: the same on each node and after each start."""
        made_of = f"{self.broker}\0{self.username}".encode("utf-8", "surrogatepass")
        return self.client_id or f"gojinn-{hashlib.sha256(made_of).hexdigest()[:12]}"


def parse(node: Node, scope: Scope) -> MqttConfig:
    """Reads an `mqtt` directive."""
    if len(node.args) > 1:
        raise node.wrong_args("<broker>")
    broker = read_value(node.args[0], parse_broker, WORD) if node.args else ""
    return read_block(node, MqttConfig, scope, broker=broker, origin=node.name)


def connections(config: Config) -> Iterator[MqttConfig]:
    """Yields what to connect to: the directives, and what routes say in Gojinn 1.x's way."""
    for each in find(config, MqttConfig):
        if each.subscriptions and (each.broker or each.listen):
            yield each if each.broker else dataclasses.replace(each, broker=local(each.listen))
    for function in find(config, FunctionConfig):
        options = function.mqtt
        if options.mqtt_broker and options.subscriptions:
            yield MqttConfig(
                options.mqtt_broker,
                client_id=options.mqtt_client_id,
                username=options.mqtt_username,
                password=options.mqtt_password,
                version=options.mqtt_version,
                ca=options.mqtt_ca,
                subscriptions=tuple(s for route in options.subscriptions for s in route.config.subscriptions),
                origin=function.origin,
            )


def local(listen: str) -> str:
    """Makes the URL by which this machine reaches a listener."""
    host, _, port = listen.rpartition(":")
    return f"mqtt://{'127.0.0.1' if host in ('0.0.0.0', '[::]') else host}:{port}"


def listener(config: Config) -> MqttConfig | None:
    """Finds what says where the embedded NATS takes MQTT clients."""
    return next((each for each in find(config, MqttConfig) if each.listen), None)


def check_listeners(config: Config) -> Iterator[ConfigError]:
    """Finds listeners that cannot be, or that let everybody in from everywhere."""
    first = listener(config)
    for each in find(config, MqttConfig):
        if not each.listen or each.origin is None or first is None:
            continue
        if each.broker:
            yield each.origin.error("'mqtt' has both a broker and 'listen'", hint="remove one of them")
        if each is not first:
            yield each.origin.error("'mqtt' listens twice", hint="remove one of the 'listen' lines")
        if config.options.nats is not None:
            yield each.origin.error("'listen' is for the embedded NATS, but 'nats' names one of your own")
        if bool(each.username) != bool(each.password):
            yield each.origin.error("'mqtt' has a name or a password, expected both or none")
        if not each.password and not each.listen.startswith(("127.", "[::1]", "localhost:")):
            hint = "add 'username' and 'password', or listen on the loopback interface: 'listen :1883'"
            yield each.origin.error(f"'listen {each.listen}' would let everybody in", hint=hint)


def check(config: Config) -> Iterator[ConfigError]:
    """Finds subscriptions without a broker, and two connections that the broker would take for one."""
    yield from check_listeners(config)
    inner = {id(r.config) for f in find(config, FunctionConfig) for r in f.mqtt.subscriptions}
    for each in find(config, MqttConfig):
        if not each.broker and not each.listen and id(each) not in inner and each.origin is not None:
            yield each.origin.error("'mqtt' lacks its broker", hint="write 'mqtt mqtt://<host>:1883 { … }'")
    for function in find(config, FunctionConfig):
        if function.mqtt.subscriptions and not function.mqtt.mqtt_broker and function.origin is not None:
            hint = "add 'mqtt_broker mqtt://<host>:1883' to its block"
            yield function.origin.error("'mqtt_subscribe' lacks its broker", hint=hint)
    seen: dict[tuple[str, str], MqttConfig] = {}
    for each in connections(config):
        first = seen.setdefault((each.broker, each.id), each)
        if first is not each and each.origin is not None and first.origin is not None:
            message = f"the connection '{each.id}' to '{each.broker}' is given twice"
            hint = f"join it with the one at {first.origin.place}, or give one a client id of its own"
            yield each.origin.error(message, hint=hint)


DIRECTIVE = Directive(WORD, MqttConfig, parse, takes_matcher=False)
