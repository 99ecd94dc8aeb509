"""What guests get for objects: permissions, tenants, limits, the contract's imports, pieces of large ones."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from gojinn.capabilities.blob.capability import CAPABILITY
from gojinn.capabilities.blob.config import BlobConfig
from gojinn.capabilities.blob.requests import LARGEST_PIECE
from gojinn.capabilities.capability import OperationError
from gojinn.engine.cache import CompileCache
from gojinn.fabric.node import Access, Node
from gojinn.functions.config import FunctionConfig
from gojinn.functions.invocation import Invocation
from gojinn.functions.permissions import Permissions
from gojinn.testing.guests import guest, wat_guest
from gojinn.testing.platform import Platform, opened_platform

Ask = Callable[..., Any]
PLAIN = FunctionConfig(
    str(guest("empty")), permissions=Permissions(s3_read=("pub/", "own/"), s3_write=("own/",))
)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> CompileCache:
    return CompileCache(tmp_path_factory.mktemp("cache"))


@pytest.fixture
async def platform(cache: CompileCache, tmp_path: Path) -> AsyncIterator[Platform]:
    node = Node("n", tmp_path, Access(()))
    async with opened_platform(cache, services={Node: node}, capabilities=[CAPABILITY]) as platform:
        yield platform


@pytest.fixture
async def invocation(platform: Platform) -> Callable[..., Any]:
    async def make(config: FunctionConfig = PLAIN, tenant: str = "default") -> Invocation:
        invocation = Invocation(await platform.function(config), b"", tenant=tenant)
        invocation.operations = platform.registry.host.operations
        return invocation

    return make


async def ask(caller: Invocation, name: str, **request: Any) -> Any:
    return await caller.operations[f"blob.{name}"](caller, request)


async def code(caller: Invocation, name: str, **request: Any) -> str:
    with pytest.raises(OperationError) as caught:
        await ask(caller, name, **request)
    return caught.value.code


def files(root: Path, folder: str) -> list[str]:
    return [name for where, _, names in os.walk(root) for name in names if folder in where]


async def test_what_is_put_is_found_again(invocation: Ask) -> None:
    caller = await invocation()
    put = await ask(caller, "put", key="own/a", body="aGk=", content_type="text/plain", metadata={"a": "b"})
    got = await ask(caller, "get", key="own/a")
    assert (got["body"], got["size"], got["etag"], got["offset"]) == (b"hi", 2, put["etag"], 0)
    assert (got["content_type"], got["metadata"]) == ("text/plain", {"a": "b"})
    assert (await ask(caller, "get", key="own/a", offset=1, length=9))["body"] == b"i"
    assert (await ask(caller, "head", key="own/a"))["size"] == 2
    await ask(caller, "copy", source="own/a", target="own/b")
    listed = await ask(caller, "list", prefix="own/")
    assert [entry["key"] for entry in listed["objects"]] == ["own/a", "own/b"]
    await ask(caller, "delete", key="own/a")
    assert await code(caller, "head", key="own/a") == "not-found"
    assert await code(caller, "put_if_absent", key="own/b", body="") == "exists"
    await ask(caller, "put_if_absent", key="own/c", body="")


DENIED = [
    ("put", {"key": "pub/a", "body": ""}, "s3_write pub/a"),
    ("put_if_absent", {"key": "x"}, "s3_write x"),
    ("get", {"key": "other"}, "s3_read other"),
    ("head", {"key": "other"}, "s3_read other"),
    ("list", {}, "s3_read *"),
    ("list", {"prefix": "pu"}, "s3_read pu"),
    ("delete", {"key": "pub/a"}, "s3_write pub/a"),
    ("copy", {"source": "own/a", "target": "pub/a"}, "s3_write pub/a"),
    ("copy", {"source": "x", "target": "own/a"}, "s3_read x"),
    ("presign", {"key": "x"}, "s3_read x"),
    ("presign", {"key": "pub/x", "method": "PUT"}, "s3_write pub/x"),
    ("upload_begin", {"key": "pub/x"}, "s3_write pub/x"),
]


@pytest.mark.parametrize(("name", "request_", "line"), DENIED)
async def test_what_is_not_granted_is_denied(invocation: Ask, name: str, request_: Any, line: str) -> None:
    caller = await invocation()
    with pytest.raises(OperationError, match="is not granted") as caught:
        await ask(caller, name, **request_)
    assert caught.value.code == "denied"
    assert f"'{line}'" in caught.value.message
    assert sum(caller.function.usage.denials.values()) == 1


WRONG = [
    ("put", {}),
    ("put", {"key": 1}),
    ("put", {"key": "own/a", "body": "not base64!"}),
    ("put", {"key": "own/a", "metadata": {"Upper": "x"}}),
    ("put", {"key": "own/a", "metadata": {"a": "x" * 3000}}),
    ("put", {"key": "own/a", "metadata": {"a": "ä"}}),
    ("put", {"key": "own/a", "content_type": "a\nb"}),
    ("put", {"key": "own/a", "unknown": 1}),
    ("get", {"key": "own/a", "offset": -1}),
    ("get", {"key": "own/a", "length": LARGEST_PIECE + 1}),
    ("list", {"prefix": "own/", "limit": 0}),
    ("list", {"prefix": "own/", "limit": 1001}),
    ("presign", {"key": "own/a", "method": "DELETE"}),
    ("presign", {"key": "own/a", "seconds": 700_000}),
    ("upload_begin", {"key": "own/a", "body": "aGk="}),
]


@pytest.mark.parametrize(("name", "request_"), WRONG)
async def test_requests_that_are_wrong_say_so(invocation: Ask, name: str, request_: Any) -> None:
    assert await code(await invocation(), name, **request_) == "bad-request"


KEYS = [
    "",
    "/",
    "own/",
    "own//a",
    "own/../../x",
    "own/..",
    "own/.",
    "../x",
    "/etc/passwd",
    "own/\0",
    "own/a\nb",
]


@pytest.mark.parametrize("key", [*KEYS, "own/" + "x" * 241, "own/" + "x/" * 600 + "y", "own/\ud800"])
async def test_keys_that_no_object_may_have_are_refused(invocation: Ask, key: str, tmp_path: Path) -> None:
    caller = await invocation()
    for name in ("put", "get", "delete"):
        assert await code(caller, name, key=key) == "bad-key"
    assert not files(tmp_path, "objects")


async def test_tenants_do_not_see_each_other(invocation: Ask) -> None:
    one, other = await invocation(tenant="one"), await invocation(tenant="other")
    await ask(one, "put", key="own/a", body="aGk=")
    assert await code(other, "get", key="own/a") == "not-found"
    assert (await ask(other, "list", prefix="own/"))["objects"] == []


async def test_objects_stay_when_the_worker_ends(cache: CompileCache, tmp_path: Path) -> None:
    services = {Node: Node("n", tmp_path, Access(()))}
    for body in ("", "aGk="):
        async with opened_platform(cache, services=services, capabilities=[CAPABILITY]) as platform:
            caller = Invocation(await platform.function(PLAIN), b"")
            caller.operations = platform.registry.host.operations
            if not body:
                await ask(caller, "put", key="own/a", body="aGk=")
            assert (await ask(caller, "get", key="own/a"))["body"] == b"hi"


async def test_large_objects_go_up_and_come_down_in_pieces(invocation: Ask) -> None:
    caller = await invocation()
    upload = (await ask(caller, "upload_begin", key="own/big"))["upload"]
    for number in range(3):
        answer = await ask(caller, "upload_part", upload=upload, body=bytes([number]) * LARGEST_PIECE)
        assert answer == {"size": (number + 1) * LARGEST_PIECE}
    await ask(caller, "upload_complete", upload=upload)
    assert await code(caller, "upload_part", upload=upload, body=b"") == "not-found"
    assert await code(caller, "get", key="own/big") == "too-large"
    got = await ask(caller, "get", key="own/big", offset=LARGEST_PIECE, length=LARGEST_PIECE)
    assert got["body"] == b"\1" * LARGEST_PIECE


async def test_an_upload_ends_with_its_invocation(
    platform: Platform, invocation: Ask, tmp_path: Path
) -> None:
    caller = await invocation()
    upload = (await ask(caller, "upload_begin", key="own/a"))["upload"]
    await ask(caller, "upload_part", upload=upload, body=b"half")
    assert len(files(tmp_path, "unfinished")) == 1
    await platform.runner.run(caller)
    assert not files(tmp_path, "unfinished")
    assert await code(await invocation(), "head", key="own/a") == "not-found"


async def test_objects_larger_than_the_limit_are_refused(invocation: Ask, tmp_path: Path) -> None:
    caller = await invocation(dataclasses.replace(PLAIN, blob=BlobConfig(blob_max_size=10)))
    assert await code(caller, "put", key="own/a", body=b"x" * 11) == "too-large"
    upload = (await ask(caller, "upload_begin", key="own/a"))["upload"]
    await ask(caller, "upload_part", upload=upload, body=b"x" * 10)
    assert await code(caller, "upload_part", upload=upload, body=b"x") == "too-large"


async def test_few_uploads_are_open_at_once(invocation: Ask) -> None:
    caller = await invocation()
    for _ in range(8):
        upload = (await ask(caller, "upload_begin", key="own/a"))["upload"]
    assert await code(caller, "upload_begin", key="own/a") == "bad-request"
    await ask(caller, "upload_abort", upload=upload)
    await ask(caller, "upload_begin", key="own/a")


CONTRACT = """(module
  (import "gojinn" "host_s3_put" (func $put (param i32 i32 i32 i32) (result i32)))
  (import "gojinn" "host_s3_get" (func $get (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "own/kpub/kown/none")
  (data (i32.const 32) "content")
  (func $say (param $n i32)
    (i32.store8 (i32.const 100) (i32.add (i32.const 48) (local.get $n)))
    (i32.store (i32.const 104) (i32.const 100)) (i32.store (i32.const 108) (i32.const 1))
    (drop (call $write (i32.const 1) (i32.const 104) (i32.const 1) (i32.const 112))))
  (func (export "_start")
    (call $say (call $put (i32.const 0) (i32.const 5) (i32.const 32) (i32.const 7)))
    (call $say (call $put (i32.const 5) (i32.const 5) (i32.const 32) (i32.const 7)))
    (call $say (call $get (i32.const 0) (i32.const 5) (i32.const 200) (i32.const 100)))
    (call $say (call $get (i32.const 0) (i32.const 5) (i32.const 300) (i32.const 4)))
    (call $say (call $get (i32.const 10) (i32.const 8) (i32.const 300) (i32.const 4)))
    (call $say (call $get (i32.const 0) (i32.const 0) (i32.const 300) (i32.const 4)))
    (i32.store (i32.const 104) (i32.const 200)) (i32.store (i32.const 108) (i32.const 7))
    (drop (call $write (i32.const 1) (i32.const 104) (i32.const 1) (i32.const 112)))))"""


async def test_the_contract_s_imports_answer_as_it_says(platform: Platform, invocation: Ask) -> None:
    caller = await invocation(dataclasses.replace(PLAIN, module=str(wat_guest(CONTRACT))))
    result = await platform.runner.run(caller)
    assert result.outcome is not None
    # written, denied, 7 bytes, cut at 4, missing, no key; then what was read
    assert result.outcome.stdout == b"017400content"
    assert caller.function.usage.denials == {"blob write": 1}


async def test_what_was_done_is_reported(platform: Platform, invocation: Ask) -> None:
    caller = await invocation()
    await ask(caller, "put", key="own/a", body="aGk=")
    await ask(caller, "get", key="own/a")
    entry = platform.registry.host.report()["blob"]["data directory"]
    assert (entry["put"], entry["put_bytes"], entry["get"], entry["get_bytes"]) == (1, 2, 1, 2)
