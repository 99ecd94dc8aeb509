"""The key-value store as guests see it: `host_kv_get`, `host_kv_set` and the operations `kv.…`."""

from __future__ import annotations

import base64
import signal
from typing import Any

import pytest

from gojinn.engine.cache import CompileCache
from gojinn.errors import Unavailable
from gojinn.fabric.connection import Fabric
from gojinn.fabric.node import Node
from gojinn.functions.config import FunctionConfig
from gojinn.functions.invocation import Invocation
from gojinn.functions.permissions import Permissions
from gojinn.testing import fabric as kit
from gojinn.testing.guests import guest
from gojinn.testing.platform import opened_platform
from gojinn.testing.script import Script

pytestmark = [pytest.mark.slow, pytest.mark.toolchain]


async def test_what_is_set_is_got(run: Script) -> None:
    assert await run(("set", "a", "hello"), ("get", "a", 100)) == ["set", "5\thello"]
    assert await run(("get", "a", 100)) == ["5\thello"]


async def test_a_missing_key_is_minus_one_and_an_empty_value_is_none(run: Script) -> None:
    assert await run(("get", "a", 100), ("set", "a", ""), ("get", "a", 100)) == ["-1\t", "set", "0\t"]


async def test_a_long_value_is_cut_at_the_guest_s_limit(run: Script) -> None:
    assert await run(("set", "a", "hello"), ("get", "a", 3), ("get", "a", 0)) == ["set", "3\thel", "0\t"]


async def test_tenants_have_keys_of_their_own(run: Script) -> None:
    await run(("set", "a", "hello"), tenant="one")
    assert await run(("get", "a", 100), tenant="two") == ["-1\t"]


async def test_permissions_go_by_prefix(run: Script) -> None:
    narrow = Permissions(kv_read=("pub/", "own/"), kv_write=("own/",))
    await run(("set", "pub/a", "1"), ("set", "secret", "1"))
    answers = await run(
        *(("set", "own/a", "2"), ("get", "own/a", 9), ("get", "pub/a", 9), ("get", "secret", 9)),
        *(("set", "pub/a", "2"), ("get", "pub/a", 9)),
        permissions=narrow,
    )
    assert answers == ["set", "1\t2", "1\t1", "-1\t", "set", "1\t1"]


async def test_every_operation_needs_its_permission(run: Script) -> None:
    narrow = Permissions(kv_read=("own/",), kv_write=("own/",))
    refused: list[tuple[str, dict[str, Any]]] = [
        ("kv.get", {"key": "x"}),
        ("kv.put", {"key": "x", "value": ""}),
        ("kv.create", {"key": "x", "value": ""}),
        ("kv.cas", {"key": "x", "value": "", "revision": 0}),
        ("kv.delete", {"key": "x"}),
        ("kv.list", {}),
        ("kv.list", {"prefix": "ow"}),
        ("kv.watch", {}),
        ("kv.commit", {"changes": [{"key": "own/a", "value": ""}, {"key": "x", "value": ""}]}),
    ]
    answers = await run(*(("call", *each) for each in refused), permissions=narrow)
    assert answers.codes == ["denied"] * len(refused)
    assert "'kv_read x'" in answers[0]
    assert "'kv_write x'" in answers[1]
    assert (await run(("call", "kv.list", {}))).json == [{"keys": [], "next": None}]


async def test_values_are_text_or_bytes(run: Script) -> None:
    data = base64.b64encode(b"\xff\x00").decode()
    answers = await run(
        ("call", "kv.put", {"key": "t", "value": "grün"}),
        ("call", "kv.put", {"key": "b", "value_base64": data}),
        ("call", "kv.get", {"key": "t"}),
        ("call", "kv.get", {"key": "b", "consistent": True}),
    )
    assert answers.json == [
        {"revision": 1},
        {"revision": 2},
        {"value": "grün", "revision": 1},
        {"value_base64": data, "revision": 2},
    ]


async def test_operations_and_imports_see_the_same_keys(run: Script) -> None:
    answers = await run(("call", "kv.put", {"key": "a", "value": "1"}), ("get", "a", 9), ("set", "a", "2"))
    assert answers[1] == "1\t1"
    assert (await run(("call", "kv.get", {"key": "a"}))).json[0]["value"] == "2"


async def test_compare_and_set(run: Script) -> None:
    answers = await run(
        ("call", "kv.cas", {"key": "a", "value": "1", "revision": 0}),
        ("call", "kv.cas", {"key": "a", "value": "2", "revision": 1}),
        ("call", "kv.cas", {"key": "a", "value": "3", "revision": 1}),
        ("call", "kv.create", {"key": "a", "value": "3"}),
        ("call", "kv.delete", {"key": "a", "revision": 1}),
        ("call", "kv.delete", {"key": "a", "revision": 2}),
        ("call", "kv.get", {"key": "a"}),
        ("call", "kv.create", {"key": "a", "value": "4"}),
    )
    expected = [None, None, "conflict", "conflict", "conflict", None, "not-found", None]
    assert answers.codes == expected


async def test_a_commit_writes_all_or_nothing(run: Script) -> None:
    gone = {"key": "a", "delete": True}
    answers = await run(
        ("call", "kv.commit", {"changes": [{"key": "a", "value": "1"}, {"key": "b", "value": "1"}]}),
        (
            "call",
            "kv.commit",
            {"changes": [gone, {"key": "b", "value": "2", "revision": 9}]},
        ),
        ("call", "kv.get", {"key": "a"}),
        (
            "call",
            "kv.commit",
            {"changes": [gone, {"key": "b", "value": "2", "revision": 2}]},
        ),
        ("call", "kv.get", {"key": "a"}),
        ("call", "kv.get", {"key": "b"}),
    )
    assert answers.codes == [None, "conflict", None, None, "not-found", None]
    assert answers.json[0] == {"revisions": [1, 2]}
    assert answers.json[5] == {"value": "2", "revision": 4}


async def test_listing_pages(run: Script) -> None:
    await run(*(("set", f"k/{number}", "x" * number) for number in range(5)), ("set", "other", ""))
    answers = await run(
        ("call", "kv.list", {"prefix": "k/", "limit": 3}),
        ("call", "kv.list", {"prefix": "k/", "limit": 3, "after": "k/2", "values": True}),
    )
    first, second = answers.json
    assert [key["key"] for key in first["keys"]] == ["k/0", "k/1", "k/2"]
    assert first["keys"][2] == {"key": "k/2", "revision": 3, "size": 2}
    assert first["next"] == "k/2"
    assert second["keys"][1] == {"key": "k/4", "revision": 5, "size": 4, "value": "xxxx"}
    assert second["next"] is None


async def test_watching(run: Script) -> None:
    start = (await run(("call", "kv.watch", {"prefix": "w/"}))).json[0]
    await run(("set", "w/a", "1"), ("set", "x", "1"), ("call", "kv.delete", {"key": "w/b"}))
    answers = await run(
        ("call", "kv.watch", {"prefix": "w/", "after": start["revision"]}),
        ("call", "kv.watch", {"prefix": "w/", "after": start["revision"] + 3, "wait": 0.05}),
    )
    assert start == {"changes": [], "revision": 0}
    assert answers.json[0] == {
        "changes": [
            {"key": "w/a", "revision": 1, "value": "1"},
            {"key": "w/b", "revision": 3, "deleted": True},
        ],
        "revision": 3,
    }
    assert answers.json[1] == {"changes": [], "revision": 3}


WRONG: dict[str, tuple[str, str, str, str]] = {
    "no object": ("kv.get", "[]", "bad-request", "Expected `object`"),
    "no key": ("kv.get", "{}", "bad-request", "missing required field `key`"),
    "a number": ("kv.get", '{"key": 1}', "bad-request", "Expected `str`, got `int`"),
    "an unknown field": ("kv.get", '{"key": "a", "foo": 1}', "bad-request", "unknown field `foo`"),
    "an empty key": ("kv.get", '{"key": ""}', "bad-request", "the key is empty"),
    "a huge key": ("kv.get", '{"key": "' + "k" * 10_000 + '"}', "limit", "given 10,000 bytes"),
    "half a character": ("kv.get", r'{"key": "\ud800"}', "bad-request", ""),
    "no value": ("kv.put", '{"key": "a"}', "bad-request", "there is no value"),
    "two values": ("kv.put", '{"key": "a", "value": "", "value_base64": ""}', "bad-request", "two values"),
    "no base64": ("kv.put", '{"key": "a", "value_base64": "a!"}', "bad-request", "Invalid base64"),
    "a huge value": (
        "kv.put",
        '{"key": "a", "value": "' + "x" * 1_000_001 + '"}',
        "limit",
        "1,000,001 bytes",
    ),
    "a short life": ("kv.put", '{"key": "a", "value": "", "ttl": 0.1}', "bad-request", "wrong time"),
    "an endless life": (
        "kv.put",
        '{"key": "a", "value": "", "ttl": 1e99}',
        "bad-request",
        "wrong time to live",
    ),
    "no revision": (
        "kv.cas",
        '{"key": "a", "value": ""}',
        "bad-request",
        "field `revision`",
    ),
    "a wrong revision": ("kv.delete", '{"key": "a", "revision": -3}', "bad-request", "wrong revision"),
    "no changes": ("kv.commit", '{"changes": []}', "bad-request", "nothing to write"),
    "an idle change": ("kv.commit", '{"changes": [{"key": "a"}]}', "bad-request", "needs either"),
    "a key twice": (
        "kv.commit",
        '{"changes": [{"key": "a", "value": ""}, {"key": "a", "delete": true}]}',
        "bad-request",
        "changed twice",
    ),
    "an endless page": ("kv.list", '{"limit": 100000}', "bad-request", "wrong limit"),
    "an endless wait": ("kv.watch", '{"wait": 1e9}', "bad-request", "wrong wait"),
    "a wrong cursor": ("kv.list", '{"after": ""}', "bad-request", "the key is empty"),
}


async def test_bad_requests_are_refused(run: Script) -> None:
    answers = await run(*(("call", operation, request) for operation, request, _, _ in WRONG.values()))
    expected = dict(zip(WRONG, (code for _, _, code, _ in WRONG.values()), strict=True))
    assert dict(zip(WRONG, answers.codes, strict=True)) == expected
    for name, answer, (_, _, _, words) in zip(WRONG, answers.json, WRONG.values(), strict=True):
        assert words in answer["error"]["message"], name


async def test_bad_input_to_the_imports_is_told_in_the_log(run: Script) -> None:
    answers = await run(("get", "", 9), ("set", "", "x"), ("get", "k" * 10_000, 9), ("put", "a", 1_000_001))
    assert answers == ["-1\t", "set", "-1\t", "set"]
    assert [record.text.partition(";")[0] for record in answers.log] == [
        "host_kv_get: the key is empty",
        "host_kv_set: the key is empty",
        f"host_kv_get: the key '{'k' * 39}…' is too long: given 1,025 bytes, expected at most 1,024",
        "host_kv_set: the value is too large: given 1,000,001 bytes, expected at most 1,000,000",
    ]


@pytest.mark.parametrize("line", [b"get\ta\t9\n", b"set\ta\t1\n"], ids=["get", "set"])
async def test_a_store_that_does_not_answer_ends_the_invocation(
    cache: CompileCache, monkeypatch: pytest.MonkeyPatch, line: bytes
) -> None:
    async with kit.node() as (node, server), Fabric(node, "test") as fabric:
        services = {Fabric: fabric, Node: node}
        async with opened_platform(cache, services=services) as platform:
            config = FunctionConfig(str(guest("script")), permissions=Permissions.everything())
            function = await platform.function(config)
            before = await platform.runner.run(Invocation(function, line))
            monkeypatch.setattr("gojinn.fabric.connection.TIMEOUT", 0.2)
            server.process.send_signal(signal.SIGSTOP)
            try:
                during = await platform.runner.run(Invocation(function, line))
            finally:
                server.process.send_signal(signal.SIGCONT)
    assert not isinstance(before.error, Unavailable)
    assert isinstance(during.error, Unavailable)
