"""Control subjects: nodes find each other, obey each other, and nobody else."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gojinn.config.units import Secret
from gojinn.errors import BadRequest, Denied, Unavailable
from gojinn.fabric import names
from gojinn.fabric.connection import Fabric
from gojinn.fabric.control import (
    SIGNATURE,
    TIME,
    WHO,
    ControlSubjects,
    ask_nodes,
    sign,
    signing_key,
    verify,
)
from gojinn.fabric.keys import new_seed, public_key
from gojinn.fabric.node import Access, Node
from gojinn.testing.fabric import node, server

KEY = b"key"


def headers(when: str, body: bytes = b"") -> dict[str, str]:
    """Signs an order."""
    return {TIME: when, SIGNATURE: sign(KEY, "s", body, when)}


def test_an_order_of_ours_is_recognised() -> None:
    verify(KEY, "s", b"x", headers(str(time.time()), b"x"))


@pytest.mark.parametrize(
    ("shift", "change", "said"),
    [
        (0, {TIME: "", SIGNATURE: ""}, "not signed"),
        (0, {TIME: "1", SIGNATURE: "é"}, "not signed"),
        (0, {TIME: "9999999999"}, "not signed"),
        (-60, {}, "not of now"),
        (60, {}, "not of now"),
    ],
    ids=["nothing", "nonsense", "other time", "old", "early"],
)
def test_other_orders_are_refused(shift: float, change: dict[str, str], said: str) -> None:
    given = headers(str(time.time() + shift)) | change
    with pytest.raises(Denied, match=said):
        verify(KEY, "s", b"", given)


def test_an_order_with_another_body_is_refused() -> None:
    with pytest.raises(Denied, match="not signed"):
        verify(KEY, "s", b"", headers(str(time.time()), b"other"))


def test_without_a_login_there_is_no_key(tmp_path: Path) -> None:
    assert signing_key(Access(("nats://x",))) is None
    keys = {
        signing_key(Access(("nats://x",), seed=Secret("a"))),
        signing_key(Access(("nats://x",), token=Secret("b"))),
        signing_key(Access(("nats://y",), token=Secret("b"))),
    }
    assert len(keys) == 2


@asynccontextmanager
async def listening(there: Node, id: str) -> AsyncIterator[Fabric]:
    """Connects a node that obeys some orders."""

    async def who(body: Any) -> str:
        return id.upper()

    async def echo(body: Any) -> Any:
        if body == "refuse":
            raise BadRequest("it cannot be")
        return body

    async with Fabric(replace(there, id=id, name=f"{id}-name")) as fabric:
        await ControlSubjects(fabric, {WHO: who, "echo": echo}).open()
        yield fabric


@pytest.mark.slow
async def test_nodes_find_and_obey_each_other() -> None:
    async with AsyncExitStack() as stack:
        there, _ = await stack.enter_async_context(node())
        one = await stack.enter_async_context(listening(there, "one"))
        await stack.enter_async_context(listening(there, "two"))
        found = await ask_nodes(one, WHO)
        assert {each["node"]: each["ok"] for each in found} == {"one": "ONE", "two": "TWO"}
        (answer,) = await ask_nodes(one, "echo", {"a": 1}, node="two", timeout=10)
        assert answer == {"node": "two", "name": "two-name", "ok": {"a": 1}}
        (refusal,) = await ask_nodes(one, "echo", "refuse", node="two", timeout=10)
        assert refusal["error"] == "it cannot be"
        (unknown,) = await ask_nodes(one, "explode", node="two", timeout=10)
        assert unknown["error"] == "there is no order 'explode'"
        assert len(await ask_nodes(one, "echo", 7)) == 2
        assert await ask_nodes(one, "echo", node="three") == []


@pytest.mark.slow
async def test_an_order_without_our_signature_is_refused(tmp_path: Path) -> None:
    async with node(tmp_path) as (there, _), listening(there, "one") as one:
        for body, given in ((b"{}", {}), (b"\xff", {TIME: "1", SIGNATURE: "0"})):
            answer = await one.request(names.system("one", "echo"), body, headers=given)
            assert "not signed" in msgspec.json.decode(answer.data)["error"]


@pytest.mark.slow
async def test_trusted_users_can_give_no_orders(tmp_path: Path) -> None:
    seed = new_seed()
    async with node(tmp_path, trusted=(public_key(seed),)) as (there, _), listening(there, "one"):
        guest = replace(there, id="guest", access=replace(there.access, seed=seed))
        async with Fabric(guest) as stranger:
            assert await ask_nodes(stranger, WHO) == []


@pytest.mark.slow
async def test_where_everybody_may_log_in_nobody_gives_orders() -> None:
    async with server("") as url, listening(Node("x", Path(), Access((url,))), "one") as one:
        with pytest.raises(Unavailable, match="asks for no login"):
            await ask_nodes(one, WHO)
        with pytest.raises(Unavailable, match="nobody answers"):
            await one.request(names.system(WHO))
