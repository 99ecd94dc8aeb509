"""What guests are told when a bucket's server refuses, fails, redirects, dies or is not there."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from gojinn.capabilities.blob.config import BlobConfig
from gojinn.capabilities.blob.s3 import PART, RETRIES, Bucket, BucketStore
from gojinn.capabilities.blob.service import blobs_opened
from gojinn.capabilities.blob.store import BlobError, Facts
from gojinn.config.units import Secret
from gojinn.testing.objects import BUCKET, ObjectServer, rclone

pytestmark = pytest.mark.slow

PLAIN = Facts()
Answer = Callable[[str, int], tuple[int, str]]


def store_of(config: BlobConfig) -> BucketStore:
    return BucketStore(Bucket(config), "t/")


async def failure(doing: Awaitable[Any]) -> BlobError:
    with pytest.raises(BlobError) as caught:
        await doing
    return caught.value


@asynccontextmanager
async def scripted(answer: Answer) -> AsyncIterator[tuple[BucketStore, Counter[str]]]:
    """A store on a server that answers as told, by method and how often that was asked."""
    asked: Counter[str] = Counter()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method = head.split()[0]
        length = [
            line.split(":")[1] for line in head.lower().splitlines() if line.startswith("content-length")
        ]
        await reader.readexactly(int(length[0]) if length else 0)
        status, fields = answer(method, asked[method])
        asked[method] += 1
        writer.write(
            f"HTTP/1.1 {status} X\r\n{fields}content-length: 0\r\nconnection: close\r\n\r\n".encode()
        )
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        keys = {"s3_access_key": Secret("a"), "s3_secret_key": Secret("b")}
        yield store_of(BlobConfig("b-1", s3_endpoint=f"http://127.0.0.1:{port}", **keys)), asked


async def test_wrong_keys_are_told(rclone_server: ObjectServer) -> None:
    for wrong in ({"s3_secret_key": Secret("wrong")}, {"s3_access_key": Secret("GOJINNTESTACCESSKEY2")}):
        error = await failure(store_of(rclone_server.config(**wrong)).put("k", b"x", PLAIN))
        assert error.code == "store-refused"
        assert "wrong" not in error.message + error.detail


async def test_a_missing_bucket_is_told(moto_server: ObjectServer, rclone_server: ObjectServer) -> None:
    for server in (moto_server, rclone_server):
        store = store_of(server.config(s3_bucket="no-such-bucket"))
        for doing in (store.get("k", 0, 1), store.put("k", b"x", PLAIN)):
            error = await failure(doing)
            assert (error.code, "no-such-bucket" in error.message) == ("unavailable", True)


async def test_an_endpoint_that_is_down_is_told() -> None:
    config = BlobConfig("b-1", s3_endpoint="http://127.0.0.1:9", s3_access_key=Secret("a"))
    error = await failure(store_of(config).get("k", 0, 1))
    assert (error.code, "s3_endpoint" in error.message) == ("unavailable", True)


async def test_a_redirect_of_a_write_is_told_and_not_followed() -> None:
    async with scripted(lambda method, count: (301, "location: http://127.0.0.1:9/\r\n")) as (store, asked):
        error = await failure(store.put("k", b"x", PLAIN))
    assert (error.code, "s3_region" in error.message) == ("unavailable", True)
    assert asked == {"PUT": 1}


@pytest.mark.parametrize("status", [500, 503, 429])
async def test_a_failure_that_passes_is_tried_again(status: int) -> None:
    def answer(method: str, count: int) -> tuple[int, str]:
        return (status, "") if count < 2 else (200, 'etag: "e"\r\n')

    async with scripted(answer) as (store, asked):
        assert (await store.put("k", b"x", PLAIN)).etag == '"e"'
    assert asked == {"PUT": 3}


async def test_a_failure_that_stays_is_told() -> None:
    async with scripted(lambda method, count: (503, "")) as (store, asked):
        error = await failure(store.put("k", b"x", PLAIN))
    assert (error.code, "503" in error.message) == ("unavailable", True)
    assert asked == {"PUT": RETRIES + 1}


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_a_refusal_is_not_tried_again(status: int) -> None:
    async with scripted(lambda method, count: (status, "")) as (store, asked):
        error = await failure(store.put("k", b"x", PLAIN))
    assert error.code == ("unavailable" if status == 400 else "store-refused")
    assert asked == {"PUT": 1}


async def test_a_server_that_dies_during_an_upload_keeps_nothing_of_it(tmp_path: Path) -> None:
    with rclone(tmp_path) as server:
        store = store_of(server.config())
        upload = store.upload("big", PLAIN)
        await upload.write(bytes(PART))
        await upload.write(bytes(PART))
        server.process.kill()

        async def go_on() -> None:
            await upload.write(bytes(PART))
            await upload.finish()

        error = await failure(go_on())
        assert error.code == "unavailable"
        await upload.abort()
    (tmp_path / "again").mkdir()
    (tmp_path / BUCKET).rename(tmp_path / "again" / BUCKET)
    (tmp_path / "again" / BUCKET).rename(tmp_path / "again" / "kept")
    with rclone(tmp_path / "again") as server:
        store = store_of(server.config(s3_bucket="kept"))
        assert (await store.list("", "", 10)).objects == []
        assert (await failure(store.head("big"))).code == "not-found"


async def test_versions_are_kept_where_the_bucket_does(moto_server: ObjectServer) -> None:
    import boto3

    client = boto3.client(
        "s3",
        endpoint_url=moto_server.url,
        region_name="us-east-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
    )
    client.create_bucket(Bucket="versioned")
    client.put_bucket_versioning(Bucket="versioned", VersioningConfiguration={"Status": "Enabled"})
    store = store_of(moto_server.config(s3_bucket="versioned"))
    first = await store.put("k", b"one", PLAIN)
    second = await store.put("k", b"two", PLAIN)
    assert first.version
    assert first.version != second.version
    assert (await store.get("k", 0, 10, first.version)).body == b"one"
    assert (await store.get("k", 0, 10)).info.version == second.version
    client.close()


async def test_an_aborted_upload_leaves_no_parts(moto_server: ObjectServer) -> None:
    import boto3

    upload = store_of(moto_server.config()).upload("big", PLAIN)
    for _ in range(3):
        await upload.write(bytes(PART))
    await upload.abort()
    client = boto3.client(
        "s3",
        endpoint_url=moto_server.url,
        region_name="us-east-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
    )
    assert "Uploads" not in client.list_multipart_uploads(Bucket=BUCKET)
    client.close()


async def test_a_presigned_address_works_for_its_time(rclone_server: ObjectServer) -> None:
    import aiohttp

    store = store_of(rclone_server.config())
    put, get = await store.presign("PUT", "signed", 60), await store.presign("GET", "signed", 60)
    async with aiohttp.ClientSession() as session:
        async with session.put(put, data=b"by address") as answer:
            assert answer.status == 200
        async with session.get(get) as answer:
            assert await answer.read() == b"by address"
        async with session.get(get.replace("Signature=", "Signature=0")) as answer:
            assert answer.status == 403


async def test_a_bucket_is_probed_as_its_function_is_bound(
    moto_server: ObjectServer, rclone_server: ObjectServer, tmp_path: Path
) -> None:
    async with blobs_opened(tmp_path) as blobs:
        configs = [moto_server.config(), rclone_server.config(), moto_server.config(s3_bucket="none-such")]
        for config in configs:
            blobs.bound({BlobConfig: config})
        await asyncio.gather(*blobs.probes)
        assert [blobs.bucket(config).conditional for config in configs] == [True, False, None]
        for config in configs[:2]:
            page = await BucketStore(blobs.bucket(config), "").list("gojinn-", "", 9)
            assert page.objects == []
