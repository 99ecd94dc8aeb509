"""The node under the whole program: its data directory, its NATS, and what happens when they fail."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gojinn.config.units import Secret
from gojinn.errors import GojinnError
from gojinn.fabric import names
from gojinn.fabric.connection import Fabric
from gojinn.fabric.jobs.places import DEAD, jobs_stream
from gojinn.fabric.streams import Stream, ensure
from gojinn.testing.app import App, Ended, serve
from gojinn.testing.fabric import cluster, node, server
from gojinn.testing.guests import guest

pytestmark = [pytest.mark.slow, pytest.mark.embedded]

MODULE = guest("hello.c")
FUNCTION = f":0\ngojinn * {MODULE}\n"
DATA = Path(".gojinn") / "data"


def with_options(lines: str, rest: str = FUNCTION) -> str:
    """Writes a Caddyfile with options of the node."""
    return f"{{\n\tadmin 127.0.0.1:0\n\tgojinn {{\n{lines}\n\t}}\n}}\n{rest}"


async def refused(caddyfile: str, folder: Path, **options: Any) -> Ended:
    """Starts what cannot start."""
    with pytest.raises(Ended) as failed:
        async with serve(caddyfile, folder=folder, **options):
            pass
    return failed.value


def servers_of(app: App) -> list[int]:
    """Pids of the nats-server processes that a program has started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().partition(" (")[2].rpartition(") ")
        except OSError:
            continue
        if name == "nats-server" and int(rest.split()[1]) == app.pid:
            found.append(int(stat.parent.name))
    return found


@asynccontextmanager
async def end_of(pid: int) -> AsyncIterator[asyncio.Event]:
    """An event that is set when a process, no child of ours, has ended."""
    watched, gone = os.pidfd_open(pid), asyncio.Event()
    asyncio.get_running_loop().add_reader(watched, gone.set)
    try:
        yield gone
    finally:
        asyncio.get_running_loop().remove_reader(watched)
        os.close(watched)


async def test_a_function_has_a_node_and_files_alone_have_none(tmp_path: Path) -> None:
    async with serve(":0\nrespond hello\n", folder=tmp_path) as app:
        assert not servers_of(app)
        assert not (tmp_path / ".gojinn").exists()
        before = (await app.status())["workers"][0]
        assert "nats" not in before
        # The first function that comes with a reload brings the node with it.
        await app.reload(FUNCTION)
        assert (await app.get("/"))[0] == 200
        assert len(servers_of(app)) == 1
        nats = (await app.status())["workers"][0]["nats"]
        assert (nats["connected"], nats["reconnects"]) == (True, 0)
    assert (tmp_path / DATA / "node").exists()
    assert (tmp_path / DATA).stat().st_mode & 0o777 == 0o700


async def test_a_reload_whose_node_cannot_be_opened_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    async with serve(":0\nrespond hello\n", folder=tmp_path) as app:
        with pytest.raises(GojinnError, match="state' cannot be used"):
            await app.reload(with_options("data_dir state"))
        assert await app.get("/") == (200, b"hello")
        (tmp_path / "state").unlink()
        await app.reload(with_options("data_dir state"))
        assert (await app.get("/"))[0] == 200


async def test_validating_opens_no_node(tmp_path: Path) -> None:
    (tmp_path / "Caddyfile").write_text(FUNCTION)
    command = (sys.executable, "-m", "gojinn", "validate", "--config", str(tmp_path / "Caddyfile"))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
    assert await process.wait() == 0
    assert not (tmp_path / ".gojinn").exists()


async def test_the_nodes_id_stays(tmp_path: Path) -> None:
    ids = []
    for _ in range(2):
        async with serve(FUNCTION, folder=tmp_path) as app:
            ids.append((await app.record("node is ready"))["node"])
    assert ids[0] == ids[1]


async def test_a_killed_nats_server_is_replaced_and_requests_go_on(tmp_path: Path) -> None:
    async with serve(FUNCTION, folder=tmp_path, workers=2) as app:
        for round in range(1, 4):
            os.kill(servers_of(app)[0], signal.SIGKILL)
            assert (await app.get("/"))[0] == 200
            await app.record("nats-server ended", exit_code=-9)

            def again(wanted: int = round) -> dict[str, Any] | None:
                told = [each for each in app.records if each["msg"] == "connected to NATS again"]
                return told[-1] if len(told) == 3 * wanted else None

            await app.wait_for(again)
        assert len(servers_of(app)) == 1


async def test_a_killed_supervisor_leaves_no_server_behind(tmp_path: Path) -> None:
    async with serve(FUNCTION, folder=tmp_path) as app, end_of(servers_of(app)[0]) as gone:
        app.process.kill()
        async with asyncio.timeout(10):
            await gone.wait()
    async with serve(FUNCTION, folder=tmp_path) as app:
        assert (await app.get("/"))[0] == 200


async def test_a_stop_ends_the_server_last_and_in_good_order(tmp_path: Path) -> None:
    async with serve(FUNCTION, folder=tmp_path) as app:
        assert await app.stop() == 0
    assert not [
        each for each in app.records if each["msg"].startswith(("lost the connection", "nats-server"))
    ]


async def test_a_wrong_cipher_key_is_refused_and_the_right_one_still_opens(tmp_path: Path) -> None:
    keyed = with_options("store_cipher_key {env.STORE_KEY}\nnats_port 0")
    right = {"STORE_KEY": "right"}
    async with serve(keyed, folder=tmp_path, env=right) as app:
        await app.record("node is ready")
    data = tmp_path / DATA
    async with node(data, cipher_key=Secret("right")) as (there, _), Fabric(there) as fabric:
        await ensure(fabric, Stream("kept", ("kept",)))
        await fabric.publish("kept", b"precious")
    for env, said in (({"STORE_KEY": "wrong"}, "'store_cipher_key' is not the key"), ({}, "is empty")):
        failed = await refused(keyed, tmp_path, env=env)
        assert failed.exit_code in (3, 4)
        assert said in str(failed)
    failed = await refused(FUNCTION, tmp_path)
    assert "it is encrypted and no key is given" in str(failed)
    async with serve(keyed, folder=tmp_path, env=right) as app:
        assert (await app.get("/"))[0] == 200
    async with node(data, cipher_key=Secret("right")) as (there, _), Fabric(there) as fabric:
        assert (await fabric.api("STREAM.INFO.kept"))["state"]["messages"] == 1


async def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        failed = await refused(with_options(f"nats_port {port}"), tmp_path)
    assert failed.exit_code == 4
    assert f"port {port} of 127.0.0.1 is in use" in str(failed)
    assert "nats_port" in str(failed)


async def test_a_data_directory_has_one_server(tmp_path: Path) -> None:
    async with serve(FUNCTION, folder=tmp_path) as app:
        failed = await refused(FUNCTION, tmp_path)
        assert failed.exit_code == 4
        assert f"is in use by process {app.pid}" in str(failed)
        assert "data_dir" in str(failed)
        assert (await app.get("/"))[0] == 200


async def test_a_data_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    failed = await refused(with_options("data_dir state"), tmp_path)
    assert failed.exit_code == 4
    assert "state' cannot be used" in str(failed)


@pytest.mark.parametrize(("name", "said"), [("node", "holds no id of a node"), ("nkey", "holds no seed")])
async def test_damaged_files_of_the_node_are_told(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / DATA).mkdir(parents=True)
    (tmp_path / DATA / name).write_bytes(b"\xff\0nonsense")
    failed = await refused(FUNCTION, tmp_path)
    assert failed.exit_code == 4
    assert said in str(failed)


async def test_a_damaged_server_configuration_is_written_anew(tmp_path: Path) -> None:
    (tmp_path / DATA / "run").mkdir(parents=True)
    (tmp_path / DATA / "run" / "nats.conf").write_bytes(b"{ nonsense \xff")
    async with serve(FUNCTION, folder=tmp_path) as app:
        assert (await app.get("/"))[0] == 200


async def test_changed_options_of_the_node_wait_for_the_next_start(tmp_path: Path) -> None:
    async with serve(FUNCTION, folder=tmp_path) as app:
        await app.reload(with_options("store_limit 1GiB"))
        await app.record("option takes effect at the next start", option="store_limit")


async def test_status_and_metrics_tell_of_nats(tmp_path: Path) -> None:
    async with node(tmp_path / DATA) as (there, _), Fabric(there) as fabric:
        await ensure(fabric, jobs_stream("acme"))
        wanted = {"durable_name": "reader", "ack_policy": "explicit", "filter_subject": "gojinn.acme.dead.>"}
        body = {"stream_name": "gojinn_jobs_acme", "config": wanted}
        await fabric.api("CONSUMER.CREATE.gojinn_jobs_acme.reader", body)
        for id in ("1", "2", "3"):
            await fabric.publish(names.subject("acme", DEAD, "emails", "5", id), b"letter")
    async with serve(FUNCTION, folder=tmp_path) as app:
        await app.get("/")
        status = await app.status()
        assert status["node"]["data"] == str(tmp_path / DATA)
        nats = status["nats"]
        assert (nats["embedded"], nats["connected"], nats["restarts"]) == (True, True, 0)
        assert [(each["name"], each["messages"]) for each in nats["streams"]] == [("gojinn_jobs_acme", 3)]
        assert nats["dead_letters"] == {"acme": {"emails": 3}}
        assert [(each["name"], each["lag"]) for each in nats["consumers"]] == [("reader", 3)]
        assert nats["rss"] > 1 << 20
        async with app.session.get(f"{app.admin}/_sys/metrics") as response:
            assert response.content_type == "text/plain"
            families = {each.name: each for each in text_string_to_metric_families(await response.text())}
        dead = families["gojinn_dead_letters"].samples
        assert [(each.labels, each.value) for each in dead] == [({"tenant": "acme", "queue": "emails"}, 3)]
        counts = families["gojinn_invocation_seconds"].samples
        assert [each.value for each in counts if each.name.endswith("_count")] == [1]
        assert families["gojinn_nats_connected"].samples[0].value == 1


async def test_a_cluster_of_the_users_own_serves_as_well(tmp_path: Path) -> None:
    async with cluster() as made:
        lines = f"nats {{\nurl {' '.join(made.urls)}\nreplicas 3\n}}"
        async with serve(with_options(lines), folder=tmp_path, workers=2) as app:
            assert not servers_of(app)
            assert (await app.get("/"))[0] == 200
            assert "power cut" in (await app.status())["node"]["warnings"][0]
            await made.members[0].kill()
            assert (await app.get("/"))[0] == 200


async def test_a_nats_that_does_not_answer_is_told(tmp_path: Path) -> None:
    failed = await refused(with_options("nats {\nurl nats://127.0.0.1:1\n}"), tmp_path)
    assert failed.exit_code == 4
    assert "no NATS server answers at nats://127.0.0.1:1" in str(failed)


async def test_a_nats_without_jetstream_is_refused(tmp_path: Path) -> None:
    async with server("") as url:
        failed = await refused(with_options(f"nats {{\nurl {url}\n}}"), tmp_path)
    assert failed.exit_code == 4
    assert "has no JetStream for us" in str(failed)


async def test_a_nats_that_refuses_the_login_is_told(tmp_path: Path) -> None:
    async with server("authorization { token: right }") as url:
        failed = await refused(with_options(f"nats {{\nurl {url}\ntoken hunter2\n}}"), tmp_path)
    assert failed.exit_code == 4
    assert "refuses us: authorization violation" in str(failed)
    assert "hunter2" not in str(failed)


async def test_nodes_of_one_nats_know_and_reload_each_other(tmp_path: Path) -> None:
    store = tmp_path / "store"
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(
            server(f"authorization {{ token: right }}\njetstream {{ store_dir: {store} }}")
        )
        apps = []
        for name in ("east", "west"):
            (tmp_path / name).mkdir()
            lines = f"server_name {name}\nnats {{\nurl {url}\ntoken right\n}}"
            started = serve(with_options(lines), folder=tmp_path / name)
            apps.append(await stack.enter_async_context(started))
        east, west = apps
        async with east.session.get(f"{east.admin}/_sys/nodes") as response:
            nodes = (await response.json())["nodes"]
        assert [each["name"] for each in nodes] == ["east", "west"]
        assert all(each["functions"] == [MODULE.stem] for each in nodes)
        west.caddyfile.write_text(west.caddyfile.read_text() + "header X-New yes\n")
        async with east.session.post(f"{east.admin}/_sys/reload", json={"all": True}) as response:
            answers = (await response.json())["nodes"]
        assert {each["name"]: each["ok"]["changed"] for each in answers} == {"east": False, "west": True}
        await west.record("reloaded", trigger="control", generation=2)


async def test_variables_are_patched_until_the_next_reload(tmp_path: Path) -> None:
    module = guest("environ")
    async with serve(f":0\ngojinn * {module} {{\n\tenv A 1\n}}\n", folder=tmp_path) as app:
        assert b"A=1" in (await app.get("/"))[1]
        patch = {"function": module.stem, "env": {"A": "2"}}
        async with app.session.post(f"{app.admin}/_sys/patch", json=patch) as response:
            assert response.status == 200
        assert b"A=2" in (await app.get("/"))[1]
        async with app.session.post(f"{app.admin}/_sys/patch", json={"function": "x", "env": {}}) as response:
            assert response.status == 404
        await app.reload()
        assert b"A=1" in (await app.get("/"))[1]
