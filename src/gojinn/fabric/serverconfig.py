"""The configuration file of the embedded nats-server. Starting it is `server`'s."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gojinn.config.units import Secret
from gojinn.fabric.names import REST, SYSTEM

KEY_VARIABLE = "GOJINN_STORE_CIPHER_KEY"
"""The environment variable that hands the key of the store to the server, so that no file has it."""
MQTT_VARIABLE = "GOJINN_MQTT_PASSWORD"
"""The environment variable that hands over the password of MQTT clients."""
ACCOUNT, MQTT_ACCOUNT = "GOJINN", "MQTT"
"""Ours, and that of MQTT clients: a topic is a subject there, and must not be one of ours."""
MAX_PAYLOAD = 8 << 20
"""Bytes of one message; what the server's authors call the largest sensible one."""
MAX_MEMORY = 64 << 20
"""Bytes of streams in memory. Ours are files; MQTT and users' own may be not."""
DEFAULT_STORE = 16 << 30
"""Bytes of all streams."""


@dataclass(frozen=True, slots=True)
class Listen:
    """An address to listen on; port 0 lets the system choose one."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port or -1}"

    @property
    def local(self) -> str:
        """How this machine reaches it."""
        host = "127.0.0.1" if self.host in ("", "0.0.0.0", "::") else self.host
        return str(Listen(host, self.port))


@dataclass(frozen=True, slots=True)
class MqttListener:
    """Where MQTT clients connect, and as whom."""

    listen: Listen
    user: str = ""
    """Empty lets everybody in."""
    password: Secret | None = None


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """How the embedded server is run."""

    name: str
    """The node's id, which is the server's name too."""
    data: Path
    """The data directory."""
    user: str
    """Public NKey of the node's own connections, which may do everything."""
    listen: Listen = Listen("127.0.0.1", 0)
    """Where clients connect; the port that the system chose stays the same until the node stops."""
    trusted: tuple[str, ...] = ()
    """Public NKeys of others that may connect. Control subjects are not theirs."""
    cipher_key: Secret | None = None
    """Key of the encrypted store; None keeps it in clear."""
    max_file: int = DEFAULT_STORE
    """Bytes that all streams may take on disk."""
    mqtt: MqttListener | None = None
    """The door of MQTT clients; None is none."""

    @property
    def store(self) -> Path:
        """Folder of the streams."""
        return self.data / "nats"

    @property
    def run(self) -> Path:
        """Folder of what only matters while the server runs."""
        return self.data / "run"

    @property
    def environment(self) -> dict[str, str]:
        """What the server finds in its environment: secrets, quoted as in its configuration."""
        password = self.mqtt.password if self.mqtt else None
        hidden = {KEY_VARIABLE: self.cipher_key, MQTT_VARIABLE: password}
        return {name: quoted(secret.reveal()) for name, secret in hidden.items() if secret}


def render(settings: ServerSettings) -> str:
    """Writes the configuration file. It holds no secret."""
    return "\n".join(lines(settings)) + "\n"


def lines(settings: ServerSettings) -> Iterator[str]:
    """Yields its lines."""
    yield f"server_name: {quoted(settings.name)}"
    yield f"listen: {quoted(str(settings.listen))}"
    yield 'http: "127.0.0.1:-1"'
    yield "logtime: false"
    yield f"max_payload: {MAX_PAYLOAD}"
    # The connections of this node's processes, in good order: they notice a lost server by its pings too.
    yield 'ping_interval: "20s"'
    yield "accounts {"
    yield f"  {ACCOUNT} {{ jetstream: enabled, users: ["
    yield f"    {{ nkey: {settings.user} }}"
    for user in settings.trusted:
        yield f"    {{ nkey: {user}, permissions: {{ publish: {{ deny: {FORBIDDEN} }}, {HIDDEN} }} }}"
    yield "  ] }"
    if settings.mqtt:
        login = f"user: {quoted(settings.mqtt.user or ANYBODY)}, password: ${MQTT_VARIABLE}"
        if settings.mqtt.password is None:
            login = f"user: {ANYBODY}, password: {quoted(secrets.token_urlsafe())}"
        yield f"  {MQTT_ACCOUNT} {{ jetstream: enabled, users: [ {{ {login} }} ] }}"
    yield "}"
    yield "jetstream {"
    yield f"  store_dir: {quoted(str(settings.store))}"
    yield f"  max_mem: {MAX_MEMORY}"
    yield f"  max_file: {settings.max_file}"
    # Acknowledged means on disk: the default syncs every two minutes, and a power cut loses what came since.
    yield "  sync_interval: always"
    if settings.cipher_key:
        yield "  cipher: chachapoly"
        yield f"  key: ${KEY_VARIABLE}"
    yield "}"
    if settings.mqtt:
        anybody = "" if settings.mqtt.password else f", no_auth_user: {ANYBODY}"
        yield f"mqtt {{ listen: {quoted(str(settings.mqtt.listen))}{anybody} }}"


ANYBODY = "anybody"
"""The user that MQTT clients without a name are."""
FORBIDDEN = json.dumps(f"{SYSTEM}.{REST}")
HIDDEN = f"subscribe: {{ deny: {FORBIDDEN} }}"


def quoted(text: str) -> str:
    """Writes a string as the server's configuration reads it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
