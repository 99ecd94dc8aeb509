"""A connection to an MQTT broker that acknowledges what was handled. Which process has it is `subscriber`'s.

Built on paho-mqtt, whose network loop runs in a thread of its own and reconnects by itself. The session stays
with the broker, so what comes while nobody is connected is delivered later.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from paho.mqtt.client import MQTT_ERR_SUCCESS, Client, MQTTMessage, MQTTv5, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from gojinn.errors import Unavailable
from gojinn.functions.mqtt import PORTS, SECURE
from gojinn.observe.log import get
from gojinn.triggers.mqtt.config import MqttConfig

KEEPALIVE = 30
"""Seconds of silence after which the broker is asked whether it is there."""
FIRST_DELAY, LAST_DELAY = 1, 30
"""Seconds between two attempts to connect, doubling."""
KEPT = 7 * 86400
"""Seconds that a broker of version 5 keeps our session while we are away; older ones decide themselves."""
IN_FLIGHT = 100
"""Messages that a broker of version 5 may send before we acknowledge the first of them."""
WAITING = 1000
"""Messages of quality 0, which no broker holds back, that may wait to be stored; more are dropped."""

TRY_AGAIN = 0.5
"""Seconds after which a message is stored again that could not be."""
LEAVING = 5.0
"""Seconds that messages get to be stored at the end; the broker keeps those that are not acknowledged."""

log = get("gojinn.mqtt")


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it came."""

    topic: str
    payload: bytes
    qos: int
    retained: bool
    repeated: bool
    """Whether the broker has sent it before."""
    content_type: str = ""
    """Of version 5, as are the following."""
    response_topic: str = ""
    properties: tuple[tuple[str, str], ...] = ()
    """User properties."""


Handler = Callable[[Message], Awaitable[None]]
"""`await handler(message)` returns once a message may be acknowledged. Unavailable has it tried again."""


class Receiver(Client):
    """paho's client, but for messages of quality 2: it acknowledges these before anybody has seen them.

    Here each is handed over as it comes, and PUBREC follows once it was handled (MQTT 5, 4.3.3: the receiver
    may take over a message before it sends PUBREC). Until PUBREL its id is remembered, so that it is not
    taken twice.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.taken: dict[int, bool] = {}
        """Ids of messages of quality 2 that are not released yet, and whether they have been handled."""

    def _send_pubrec(self, mid: int) -> MQTTErrorCode:
        """Is called when a message of quality 2 comes, before it is among `_in_messages`: waits."""
        return MQTT_ERR_SUCCESS

    def _handle_publish(self) -> MQTTErrorCode:
        result = super()._handle_publish()
        with self._in_message_mutex:
            arrived = list(self._in_messages.values())
            self._in_messages.clear()
        for message in arrived:
            if message.mid not in self.taken:
                self.taken[message.mid] = False
                self._handle_on_message(message)
            elif self.taken[message.mid]:
                super()._send_pubrec(message.mid)  # the first was lost on its way
        return result

    def _handle_pubrel(self) -> MQTTErrorCode:
        mid = int.from_bytes(self._in_packet["packet"][:2], "big")
        super()._handle_pubrel()
        self.taken.pop(mid, None)
        return self._send_pubcomp(mid)

    def acknowledge(self, message: MQTTMessage) -> None:
        """Tells the broker that a message was taken over."""
        if message.qos == 1:
            self.ack(message.mid, 1)
        elif message.qos == 2:
            self.taken[message.mid] = True
            super()._send_pubrec(message.mid)


class MqttClient:
    """A connection with its subscriptions. Entering begins to connect, leaving disconnects."""

    def __init__(self, config: MqttConfig, topics: Sequence[tuple[str, int]], handler: Handler) -> None:
        self.config = config
        self.topics = list(topics)
        self.handler = handler
        self.waiting = 0
        self.dropped = 0
        """Messages of quality 0 that came too fast."""
        self.subscribed = asyncio.Event()
        """Set while the broker knows what we want."""
        self.tasks: set[asyncio.Task[None]] = set()
        self.client = self.make()
        self.loop: asyncio.AbstractEventLoop

    def make(self) -> Receiver:
        """Makes the client with all that it has to know."""
        config = self.config
        newest = config.version == "5"
        client = Receiver(
            callback_api_version=CallbackAPIVersion.VERSION2,
            client_id=config.id,
            protocol=MQTTv5 if newest else MQTTv311,
            clean_session=None if newest else False,
            manual_ack=True,
        )
        if config.username:
            client.username_pw_set(config.username, config.password.reveal() if config.password else None)
        if urlsplit(config.broker).scheme in SECURE:
            client.tls_set_context(tls_context(config))
        client.reconnect_delay_set(FIRST_DELAY, LAST_DELAY)
        client.on_connect = self.on_connect
        client.on_connect_fail = lambda client, data: self.call(self.lost, "nobody answers")
        client.on_disconnect = lambda client, data, flags, reason, properties: self.call(
            self.lost, str(reason)
        )
        client.on_subscribe = self.on_subscribe
        client.on_message = lambda client, data, message: self.call(self.take, message)
        return client

    async def __aenter__(self) -> Self:
        self.loop = asyncio.get_running_loop()
        url = urlsplit(self.config.broker)
        more: dict[str, Any] = {}
        if self.config.version == "5":
            properties: Any = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            properties.SessionExpiryInterval = KEPT
            properties.ReceiveMaximum = IN_FLIGHT
            more = {"clean_start": False, "properties": properties}
        port = url.port or PORTS[url.scheme]
        self.client.connect_async(url.hostname or "", port, KEEPALIVE, **more)
        self.client.loop_start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.tasks:
            _, late = await asyncio.wait(self.tasks, timeout=LEAVING)
            for task in late:
                task.cancel()
        self.client.disconnect()
        await asyncio.to_thread(self.client.loop_stop)

    def call(self, what: Callable[..., None], *arguments: Any) -> None:
        """Has the event loop do something; called by paho's thread."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(what, *arguments)

    def on_connect(self, client: Client, data: Any, flags: Any, reason: Any, properties: Any) -> None:
        """Subscribes, each time anew: a broker may have lost the session."""
        if reason.is_failure:
            self.call(self.lost, f"refused: {reason}")
            return
        if not flags.session_present:
            self.client.taken.clear()
        client.subscribe(self.topics)

    def on_subscribe(self, client: Client, data: Any, mid: int, reasons: list[Any], properties: Any) -> None:
        """Hears which subscriptions the broker accepts."""
        refused = [
            topic for (topic, _), reason in zip(self.topics, reasons, strict=False) if reason.is_failure
        ]
        self.call(self.found, refused)

    def found(self, refused: list[str]) -> None:
        """Notes that the broker is there."""
        if refused:
            log.error("broker refuses subscriptions", broker=self.config.broker, topics=refused)
        log.info("subscribed", broker=self.config.broker, client=self.config.id, topics=len(self.topics))
        self.subscribed.set()

    def lost(self, reason: str) -> None:
        """Notes that it is not."""
        if self.subscribed.is_set() or reason not in ("Normal disconnection", "Success"):
            log.warning("no connection to the broker", broker=self.config.broker, reason=reason)
        self.subscribed.clear()

    def take(self, message: MQTTMessage) -> None:
        """Handles a message, beside others."""
        if message.qos == 0 and self.waiting >= WAITING:
            self.dropped += 1
            return
        self.waiting += 1
        task = asyncio.create_task(self.handle(message))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def handle(self, message: MQTTMessage) -> None:
        """Handles a message, as often as it takes, and acknowledges it."""
        try:
            while True:
                try:
                    await self.handler(read(message))
                    break
                except Unavailable as error:
                    log.warning("message not stored yet", broker=self.config.broker, error=str(error))
                    await asyncio.sleep(TRY_AGAIN)
        except Exception as error:
            # It would fail each time, and hold up what comes behind it.
            log.error("message dropped", broker=self.config.broker, exc_info=error)
        finally:
            self.waiting -= 1
        self.client.acknowledge(message)


def read(message: MQTTMessage) -> Message:
    """Reads what paho hands over."""
    found = getattr(message, "properties", None)
    return Message(
        topic=message.topic,
        payload=bytes(message.payload),
        qos=message.qos,
        retained=message.retain,
        repeated=message.dup,
        content_type=getattr(found, "ContentType", ""),
        response_topic=getattr(found, "ResponseTopic", ""),
        properties=tuple(getattr(found, "UserProperty", ())),
    )


def tls_context(config: MqttConfig) -> ssl.SSLContext:
    """Makes the context of a secure connection. Raises ssl.SSLError or OSError for files that are wrong."""
    context = ssl.create_default_context(cafile=config.ca or None)
    if config.certificate:
        context.load_cert_chain(config.certificate, config.key or None)
    return context
