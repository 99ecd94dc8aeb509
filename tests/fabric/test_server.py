"""The embedded server: starts, keeps its port over restarts, ends with us, tells what is wrong."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from gojinn.config.units import Secret
from gojinn.errors import StartError
from gojinn.fabric.checks import check, check_streams
from gojinn.fabric.connection import Fabric
from gojinn.fabric.keys import new_seed, public_key
from gojinn.fabric.serverconfig import Listen, MqttListener, ServerSettings, quoted, render
from gojinn.fabric.streams import Stream, ensure, stream_names
from gojinn.fabric.watchdog import Watchdog
from gojinn.testing.fabric import node

pytestmark = pytest.mark.slow

KEPT = Stream("kept", ("kept.>",))


def contents(folder: Path, pattern: str = "*") -> list[Path]:
    """Lists what is in a folder."""
    return list(folder.glob(pattern))


async def store(folder: Path, **settings: object) -> None:
    """Starts a server on a folder, stores one message and ends it."""
    async with node(folder, **settings) as (there, _), Fabric(there) as fabric:
        await ensure(fabric, KEPT)
        await fabric.publish("kept.one", b"precious")


async def test_what_is_stored_is_there_after_a_restart(tmp_path: Path) -> None:
    await store(tmp_path)
    async with node(tmp_path) as (there, server), Fabric(there) as fabric:
        await check_streams(fabric, server.settings)
        assert (await fabric.api("STREAM.INFO.kept"))["state"]["messages"] == 1


async def test_files_are_the_owners(tmp_path: Path) -> None:
    await store(tmp_path, cipher_key=Secret("secret"))
    assert not [path for path in contents(tmp_path) if path.stat().st_mode & 0o077]
    config = (tmp_path / "run" / "nats.conf").read_text()
    assert "secret" not in config
    assert "sync_interval: always" in config
    assert (tmp_path / "run" / "nats.conf").stat().st_mode & 0o777 == 0o600


async def test_nobody_without_the_key_gets_in(tmp_path: Path) -> None:
    async with node(tmp_path) as (there, _):
        for access in (replace(there.access, seed=None), replace(there.access, seed=new_seed())):
            with pytest.raises(StartError, match="refuses us: authorization violation"):
                async with Fabric(replace(there, access=access)):
                    pass


async def test_a_killed_server_is_back_on_its_port_with_everything() -> None:
    async with node() as (there, server), Fabric(there) as fabric:
        await ensure(fabric, KEPT)
        url, back = server.url, asyncio.Event()

        async def told() -> None:
            back.set()

        server.restarted.append(told)
        stored = []
        for _ in range(3):
            stored.append((await fabric.publish("kept.one")).seq)
            back.clear()
            os.kill(server.pid, signal.SIGKILL)
            async with asyncio.timeout(20):
                await back.wait()
            stored.append((await fabric.publish("kept.one", timeout=20)).seq)
        assert server.url == url
        assert server.restarts == 3
        assert stored == list(range(1, 7))


async def test_a_server_that_hangs_is_replaced() -> None:
    async with node() as (there, server), Fabric(there) as fabric:
        await ensure(fabric, KEPT)
        await fabric.publish("kept.one")
        back, first = asyncio.Event(), server.pid

        async def told() -> None:
            back.set()

        server.restarted.append(told)
        async with Watchdog(fabric, server, interval=0.05, timeout=0.1, misses=2), asyncio.timeout(20):
            os.kill(first, signal.SIGSTOP)
            await back.wait()
        assert server.pid != first
        assert (await fabric.publish("kept.one", timeout=20)).seq == 2


async def test_a_server_that_answers_is_left_alone() -> None:
    async with node() as (there, server), Fabric(there) as fabric:
        async with Watchdog(fabric, server, interval=0.01, timeout=5, misses=1):
            for _ in range(50):
                await fabric.api("INFO")
        assert server.restarts == 0


@pytest.mark.parametrize("key", ['q"uo\\te', "ключ", "$HOME", "0123", "a b # {"])
async def test_any_key_encrypts_and_opens_again(tmp_path: Path, key: str) -> None:
    await store(tmp_path, cipher_key=Secret(key))
    blocks = b"".join(path.read_bytes() for path in contents(tmp_path, "**/*.blk"))
    assert blocks
    assert b"precious" not in blocks
    async with node(tmp_path, cipher_key=Secret(key)) as (there, server), Fabric(there) as fabric:
        await check_streams(fabric, server.settings)
        assert await stream_names(fabric) == {"kept"}


@pytest.mark.parametrize(
    ("first", "then", "said"),
    [
        (Secret("right"), Secret("wrong"), "'store_cipher_key' is not the key"),
        (Secret("right"), None, "it is encrypted and no key is given"),
    ],
    ids=["wrong", "none"],
)
async def test_a_wrong_key_is_named_and_changes_nothing(
    tmp_path: Path, first: Secret, then: Secret | None, said: str
) -> None:
    await store(tmp_path, cipher_key=first)
    async with node(tmp_path, cipher_key=then) as (there, server), Fabric(there) as fabric:
        with pytest.raises(StartError, match=said):
            await check_streams(fabric, server.settings)
    async with node(tmp_path, cipher_key=first) as (there, server), Fabric(there) as fabric:
        await check_streams(fabric, server.settings)
        assert (await fabric.api("STREAM.INFO.kept"))["state"]["messages"] == 1


async def test_a_damaged_stream_is_told(tmp_path: Path) -> None:
    await store(tmp_path)
    contents(tmp_path, "**/meta.inf")[0].write_bytes(b"{nonsense")
    async with node(tmp_path) as (there, server), Fabric(there) as fabric:
        with pytest.raises(StartError, match="its files are damaged"):
            await check_streams(fabric, server.settings)


async def test_a_stream_whose_making_was_cut_off_is_made_anew(tmp_path: Path) -> None:
    await store(tmp_path)
    (meta,) = contents(tmp_path, "**/streams/kept/meta.inf")
    cut_off = meta.parent.with_name("other")
    (cut_off / "msgs").mkdir(parents=True)
    (cut_off / "meta.inf").write_bytes(meta.read_bytes())
    async with node(tmp_path) as (there, server), Fabric(there) as fabric:
        await check_streams(fabric, server.settings)
        assert not cut_off.exists()
        await ensure(fabric, Stream("other", ("other.>",)))
        await fabric.publish("other.one")
        assert (await fabric.api("STREAM.INFO.kept"))["state"]["messages"] == 1


async def test_a_stream_with_messages_is_never_taken_for_unfinished(tmp_path: Path) -> None:
    await store(tmp_path)
    (checksum,) = contents(tmp_path, "**/streams/kept/meta.sum")
    checksum.unlink()
    async with node(tmp_path) as (there, server), Fabric(there) as fabric:
        with pytest.raises(StartError, match="its files are damaged"):
            await check_streams(fabric, server.settings)
    assert contents(tmp_path, "**/streams/kept/msgs/*.blk")


async def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=f"port {port} of 127.0.0.1 is in use") as raised:
            async with node(tmp_path, listen=Listen("127.0.0.1", port)):
                pass
    assert "nats_port" in (raised.value.hint or "")


async def test_a_store_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "nats").write_text("a file where a folder should be")
    with pytest.raises(StartError, match=r"starting nats-server: .*nats"):
        async with node(tmp_path):
            pass


async def test_the_server_ends_with_whoever_started_it(tmp_path: Path) -> None:
    program = (
        "import asyncio, pathlib, sys\n"
        "from gojinn.testing.fabric import node\n"
        "async def main():\n"
        "    async with node(pathlib.Path(sys.argv[1])) as (_, server):\n"
        "        print(server.pid, flush=True)\n"
        "        await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    watched = os.pidfd_open(int(await parent.stdout.readline()))
    gone = asyncio.Event()
    asyncio.get_running_loop().add_reader(watched, gone.set)
    try:
        parent.kill()
        async with asyncio.timeout(10):
            await gone.wait()
    finally:
        asyncio.get_running_loop().remove_reader(watched)
        os.close(watched)
        await parent.wait()


async def test_trusted_users_have_no_control_subjects(tmp_path: Path) -> None:
    seed = new_seed()
    async with AsyncExitStack() as stack:
        there, _ = await stack.enter_async_context(node(tmp_path, trusted=(public_key(seed),)))
        own = await stack.enter_async_context(Fabric(there))
        guest = await stack.enter_async_context(
            Fabric(replace(there, access=replace(there.access, seed=seed)))
        )
        heard: asyncio.Queue[str] = asyncio.Queue()

        async def hear(message: object) -> None:
            heard.put_nowait(message.subject)  # type: ignore[attr-defined]

        await own.subscribe("gojinn.>", hear)
        await guest.send("gojinn.sys.reload")
        await guest.send("gojinn.acme.jobs.x")
        async with asyncio.timeout(5):
            assert await heard.get() == "gojinn.acme.jobs.x"


def test_the_configuration_has_explicit_limits(tmp_path: Path) -> None:
    text = render(ServerSettings("n1", tmp_path, "UABC", mqtt=MqttListener(Listen("::1", 1883)), max_file=7))
    assert "max_file: 7" in text
    assert 'mqtt { listen: "[::1]:1883", no_auth_user: anybody }' in text
    assert quoted('a"\\') == '"a\\"\\\\"'


def test_a_password_of_mqtt_clients_is_in_no_file(tmp_path: Path) -> None:
    listener = MqttListener(Listen("::1", 1883), "me", Secret('s3cr3t"word'))
    settings = ServerSettings("n1", tmp_path, "UABC", mqtt=listener)
    assert "s3cr3t" not in render(settings)
    assert settings.environment == {"GOJINN_MQTT_PASSWORD": '"s3cr3t\\"word"'}


async def test_a_checked_server_is_new_enough(tmp_path: Path) -> None:
    async with node(tmp_path) as (there, _), Fabric(there) as fabric:
        await check(fabric)
