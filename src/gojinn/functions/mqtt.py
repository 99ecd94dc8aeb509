"""The options of a route for MQTT, as Gojinn 1.x has them. Subscribing is `triggers.mqtt`'s."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from gojinn.caddyfile.tree import Node, Word
from gojinn.config.directive import Scope
from gojinn.config.fields import line, option, path, secret
from gojinn.config.model import Route
from gojinn.config.units import BadValue, Secret, choice

PORTS = {"mqtt": 1883, "tcp": 1883, "mqtts": 8883, "ssl": 8883, "tls": 8883}
"""Schemes of a broker's URL with their usual ports."""
SECURE = frozenset({"mqtts", "ssl", "tls"})
LONGEST_ID = 128
"""Characters of a client id; brokers must take 23 and take more."""


def parse_broker(text: str) -> str:
    """Reads the URL of a broker. Credentials do not belong into it, and are not shown."""
    expected = "a broker such as 'mqtt://localhost:1883' or 'mqtts://broker.example', without credentials"
    if "{env." in text:
        return text
    try:
        url = urlsplit(text if "://" in text else f"mqtt://{text}")
        good = url.scheme in PORTS and url.hostname and "@" not in url.netloc and not url.path.strip("/")
        good = good and (url.port is None or url.port > 0)
    except ValueError:
        good = False
    if not good:
        raise BadValue("…" if "@" in text else text, expected)
    return text if "://" in text else f"mqtt://{text}"


def parse_id(text: str) -> str:
    """Reads a client id."""
    if not 1 <= len(text) <= LONGEST_ID or not text.isprintable():
        raise BadValue(text, f"an id of 1 to {LONGEST_ID} printable characters")
    return text


def parse_user(text: str) -> str:
    """Reads a user's name."""
    if "\0" in text:
        raise BadValue(text, "a name without NUL")
    return text


def read_subscription(node: Node, scope: Scope) -> Route:
    """Reads a subscription as the directive `mqtt` does, which lives above."""
    inner = Node(rename(node, "mqtt"), (), (Node(rename(node, "subscribe"), node.args, node.block),))
    return scope.routes((inner,), ordered=False)[0]


def rename(node: Node, text: str) -> Word:
    """Returns the word that opens a line, with another text at the same place."""
    return replace(node.name, text=text)


@dataclass(frozen=True, slots=True)
class MqttOptions:
    """Where the subscriptions of a route go to."""

    mqtt_broker: str = option(parse_broker, "<url>", default="")
    """The broker that `mqtt_subscribe` of this route is about."""
    mqtt_client_id: str = option(parse_id, "<id>", default="")
    """What the broker knows us by."""
    mqtt_username: str = option(parse_user, "<name>", default="")
    """Who to log in as."""
    mqtt_password: Secret | None = secret(Secret, "<password>", default=None)
    """Password of `mqtt_username`."""
    mqtt_version: str = option(choice("3.1.1", "5"), "3.1.1|5", default="3.1.1")
    """The version of the protocol."""
    mqtt_ca: str = path("<file>", default="", kind="file")
    """Authorities to trust, PEM; without it the system's."""
    subscriptions: tuple[Route, ...] = line(
        read_subscription, "<topic> <module.wasm>", repeat=True, takes_block=True, name="mqtt_subscribe"
    )
    """Runs a function for each message on a topic; see the directive `mqtt`."""
