"""Subscriptions in a whole server, to a real broker (mosquitto), with its own command-line clients."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import pytest

from gojinn.testing.app import App, serve
from gojinn.testing.guests import guest
from gojinn.testing.jobs import until
from gojinn.testing.records import done

pytestmark = [pytest.mark.slow, pytest.mark.toolchain]

DEADLINE = 30.0
CONFIG = """
listener {port} 127.0.0.1
persistence true
persistence_location {folder}/
autosave_interval 1
allow_anonymous {anonymous}
{more}
"""


def program(name: str) -> str:
    """Where a program of mosquitto is. The fixture `mosquitto` has made sure that it is there."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin") or name


@pytest.fixture(scope="session")
def mosquitto(missing: Callable[[str], NoReturn]) -> None:
    """Asks for the broker, which is no everyday thing."""
    for name in ("mosquitto", "mosquitto_pub", "mosquitto_passwd"):
        if not os.path.isabs(program(name)):
            missing(f"'{name}' is not installed: apt-get install mosquitto mosquitto-clients")


def free_port() -> int:
    """Asks for a port that nobody uses; mosquitto cannot choose one itself."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


class Broker:
    """A mosquitto that can be killed and started again."""

    def __init__(self, folder: Path, *, anonymous: bool = True, more: str = "") -> None:
        self.port = free_port()
        self.config = folder / "mosquitto.conf"
        self.log = (folder / "mosquitto.log").open("ab")
        settings = {"port": self.port, "folder": folder, "anonymous": str(anonymous).lower(), "more": more}
        self.config.write_text(CONFIG.format(**settings) + "user root\n")
        self.process: asyncio.subprocess.Process | None = None
        self.login: tuple[str, ...] = ()

    async def start(self) -> None:
        command = [program("mosquitto"), "-v", "-c", str(self.config)]
        self.process = await asyncio.create_subprocess_exec(*command, stdout=self.log, stderr=self.log)
        async with asyncio.timeout(DEADLINE):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                    writer.close()
                    await writer.wait_closed()
                    return
                except OSError:
                    await asyncio.sleep(0.02)

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            await self.process.wait()
            self.process = None

    async def publish(self, topic: str, message: str, *options: str) -> None:
        """Sends one message with mosquitto_pub."""
        command = [program("mosquitto_pub"), "-p", str(self.port), "-t", topic, "-m", message]
        process = await asyncio.create_subprocess_exec(*command, *self.login, *options)
        assert await process.wait() == 0


@pytest.fixture
async def broker(tmp_path: Path, mosquitto: None) -> AsyncIterator[Broker]:
    folder = tmp_path / "broker"
    folder.mkdir()
    made = Broker(folder)
    await made.start()
    yield made
    await made.stop()
    made.log.close()


def site(broker: Broker, topic: str = "sensors/+/temp", inside: str = "", outside: str = "") -> str:
    """A site with one subscription whose function answers with its envelope."""
    block = f"subscribe {topic} {guest('envelope')} {{\n{inside}\n}}\n{outside}"
    return f":0 {{\nmqtt mqtt://127.0.0.1:{broker.port} {{\n{block}\n}}\n}}\n"


async def envelopes(app: App, count: int) -> list[dict[str, Any]]:
    """Waits until so many jobs are done, and returns their envelopes, the first first."""
    return [json.loads(job["body"]) for job in await done(app, count)]


@pytest.mark.parametrize("qos", ["0", "1", "2"])
@pytest.mark.parametrize("version", ["3.1.1", "5"])
async def test_a_message_runs_a_function_once(tmp_path: Path, broker: Broker, qos: str, version: str) -> None:
    caddyfile = site(broker, inside=f"qos {qos}\ntenant acme", outside=f"version {version}")
    async with serve(caddyfile, folder=tmp_path, workers=2) as app:
        await app.record("subscribed")
        for number in range(3):
            await broker.publish(f"sensors/{number}/temp", f"{number}", "-q", qos)
        found = await envelopes(app, 3)
    assert sorted(each["body"] for each in found) == ["0", "1", "2"]
    first = next(each for each in found if each["body"] == "0")
    assert (first["method"], first["trigger"], first["tenant"]) == ("MQTT", "mqtt", "acme")
    assert first["headers"].pop("X-Gojinn-Job-Id")
    assert first["headers"] == {"Mqtt-Topic": ["sensors/0/temp"], "Mqtt-Qos": [qos]}
    assert first["uri"] == "/sensors/0/temp"


async def test_what_version_5_says_of_a_message_is_in_its_headers(tmp_path: Path, broker: Broker) -> None:
    async with serve(site(broker, outside="version 5"), folder=tmp_path) as app:
        await app.record("subscribed")
        more = ("-D", "publish", "content-type", "text/csv", "-D", "publish", "user-property", "unit", "C")
        await broker.publish("sensors/a/temp", "7", "-q", "1", "-V", "mqttv5", *more)
        headers = (await envelopes(app, 1))[0]["headers"]
    assert headers["Content-Type"] == ["text/csv"]
    assert headers["Mqtt-Property-Unit"] == ["C"]


async def test_topics_match_as_the_standard_says(tmp_path: Path, broker: Broker) -> None:
    async with serve(site(broker, topic="alarms/#"), folder=tmp_path) as app:
        await app.record("subscribed")
        for topic in ("alarms", "alarms/a/b", "alarm", "other/alarms", "alarms/é"):
            await broker.publish(topic, topic, "-q", "1")
        found = await envelopes(app, 3)
    assert sorted(each["body"] for each in found) == ["alarms", "alarms/a/b", "alarms/é"]


async def test_what_came_while_nobody_was_there_is_delivered_later(tmp_path: Path, broker: Broker) -> None:
    async with serve(site(broker), folder=tmp_path) as app:
        await app.record("subscribed")
    for number in range(5):
        await broker.publish("sensors/a/temp", f"{number}", "-q", "1")
    async with serve(site(broker), folder=tmp_path) as app:
        assert [each["body"] for each in await envelopes(app, 5)] == ["0", "1", "2", "3", "4"]


async def test_a_broker_that_comes_back_is_subscribed_to_again(tmp_path: Path, broker: Broker) -> None:
    async with serve(site(broker), folder=tmp_path) as app:
        await app.record("subscribed")
        await broker.stop(signal.SIGKILL)
        await app.record("no connection to the broker")
        app.records.clear()
        await broker.start()
        await app.record("subscribed")
        await broker.publish("sensors/a/temp", "back", "-q", "1")
        assert [each["body"] for each in await envelopes(app, 1)] == ["back"]


@pytest.mark.parametrize("qos", ["1", "2"])
async def test_a_worker_that_is_killed_loses_nothing(tmp_path: Path, broker: Broker, qos: str) -> None:
    total = 60
    async with serve(site(broker, inside=f"qos {qos}"), folder=tmp_path, workers=2) as app:
        await app.record("subscribed")
        for number in range(total):
            await broker.publish("sensors/a/temp", f"{number}", "-q", qos)
            if number in (20, 40):
                for pid in await app.worker_pids():
                    # One that was killed before may still be on the list of a busy machine.
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
        wanted = {str(number) for number in range(total)}

        async def complete() -> bool | None:
            found = {each["body"] for each in await envelopes(app, 1)}
            return True if found == wanted else None

        assert await until(complete)


async def test_a_reload_keeps_the_connection_going(tmp_path: Path, broker: Broker) -> None:
    async with serve(site(broker), folder=tmp_path) as app:
        await app.record("subscribed")
        app.records.clear()
        await app.reload(site(broker, topic="other/+"))
        await app.record("subscribed")
        await broker.publish("other/a", "new", "-q", "1")
        assert [each["body"] for each in await envelopes(app, 1)] == ["new"]


async def test_a_name_and_a_password_are_sent_and_never_shown(tmp_path: Path, mosquitto: None) -> None:
    folder = tmp_path / "broker"
    folder.mkdir()
    passwords = folder / "passwords"
    making = [program("mosquitto_passwd"), "-b", "-c", str(passwords), "me", "s3cr3t-word"]
    assert await (await asyncio.create_subprocess_exec(*making)).wait() == 0
    broker = Broker(folder, anonymous=False, more=f"password_file {passwords}")
    broker.login = ("-u", "me", "-P", "s3cr3t-word")
    await broker.start()
    try:
        outside = "username me\npassword {env.MQTT_WORD}"
        secret = {"MQTT_WORD": "s3cr3t-word"}
        async with serve(site(broker, outside=outside), folder=tmp_path, env=secret) as app:
            await app.record("subscribed")
            await broker.publish("sensors/a/temp", "let in", "-q", "1")
            assert (await envelopes(app, 1))[0]["body"] == "let in"
            assert "s3cr3t-word" not in app.log_text()
        async with serve(site(broker, outside="username me\npassword wrong"), folder=tmp_path) as app:
            refused = await app.record("no connection to the broker")
            assert "wrong" not in json.dumps(refused)
    finally:
        await broker.stop()
        broker.log.close()


async def test_a_route_subscribes_as_in_gojinn_1(tmp_path: Path, broker: Broker) -> None:
    module = guest("envelope")
    lines = f"mqtt_broker 127.0.0.1:{broker.port}\nmqtt_client_id one\nmqtt_subscribe jobs/+ {module}"
    async with serve(f":0 {{\ngojinn * {module} {{\n{lines}\n}}\n}}\n", folder=tmp_path) as app:
        await app.record("subscribed", client="one")
        await broker.publish("jobs/a", "old way", "-q", "1")
        assert (await envelopes(app, 1))[0]["body"] == "old way"


class BuiltIn(Broker):
    """The listener of the embedded NATS, which mosquitto's clients take for a broker."""

    def __init__(self) -> None:
        self.port = free_port()
        self.login = ("-u", "me", "-P", "s3cr3t-word")


@pytest.mark.embedded
async def test_the_embedded_nats_is_a_broker_of_its_own(tmp_path: Path) -> None:
    broker = BuiltIn()
    login = f"listen :{broker.port}\nusername me\npassword s3cr3t-word"
    block = f"mqtt {{\n{login}\nsubscribe sensors/+/temp {guest('envelope')}\n}}"
    async with serve(f"{{\ngojinn {{\n{block}\n}}\n}}\n:0 {{\nrespond hi\n}}\n", folder=tmp_path) as app:
        await app.record("subscribed")
        await broker.publish("sensors/a/temp", "21", "-q", "1")
        assert (await envelopes(app, 1))[0]["body"] == "21"
        # A topic is no subject of ours, whatever it is called.
        await broker.publish("gojinn/default/jobs/mqtt:sensors/normal/x", "forged", "-q", "1")
        await broker.publish("sensors/b/temp", "22", "-q", "1")
        assert [each["body"] for each in await envelopes(app, 2)] == ["21", "22"]
        broker.login = ("-u", "me", "-P", "wrong")
        with pytest.raises(AssertionError):
            await broker.publish("sensors/a/temp", "not let in", "-q", "1")
