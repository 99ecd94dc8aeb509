"""What a whole server says of what functions may not do: as they are loaded, in the log, in its figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from gojinn.testing.app import Ended, serve
from gojinn.testing.guests import wat_guest

pytestmark = pytest.mark.slow

PUTS = r"""(module
  (import "gojinn" "host_s3_put" (func $put (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "own/kother/k")
  (data (i32.const 32) "{\"status\":200,\"headers\":{},\"body\":\"00\"}")
  (data (i32.const 100) "\20\00\00\00\27\00\00\00")
  (func (export "_start")
    (i32.store8 (i32.const 67)
      (i32.add (i32.const 48) (call $put (i32.const 0) (i32.const 5) (i32.const 32) (i32.const 7))))
    (i32.store8 (i32.const 68)
      (i32.add (i32.const 48) (call $put (i32.const 5) (i32.const 7) (i32.const 32) (i32.const 7))))
    (drop (call $write (i32.const 1) (i32.const 100) (i32.const 1) (i32.const 112)))))"""


def site(permissions: str) -> str:
    block = f"api_key one key-one\n\t\tpermissions {{\n{permissions}\n}}"
    return f"http://127.0.0.1:0 {{\n\tgojinn * {wat_guest(PUTS)} {{\n\t\t{block}\n\t}}\n}}\n"


async def test_a_denial_is_logged_counted_and_exported(tmp_path: Path) -> None:
    async with serve(site("s3_write own/"), folder=tmp_path) as app:
        status, body = await app.get(headers={"X-API-Key": "key-one"})
        assert (status, body) == (200, b"01")
        denied = await app.record("denied")
        assert (denied["capability"], denied["action"], denied["name"]) == ("blob", "write", "other/k")
        assert (denied["tenant"], denied["add"]) == ("one", "s3_write other/k")
        (figures,) = (await app.status())["functions"].values()
        assert figures["denials"] == {"blob write": 1}
        async with app.session.get(f"{app.admin}/_sys/metrics") as answer:
            metrics = await answer.text()
        assert 'what="blob write"} 1' in metrics
        assert 'gojinn_object_operations_total{bucket="data directory",operation="put"} 1' in metrics
    assert (tmp_path / ".gojinn/data/blobs/one/objects/own=d/k").read_bytes().startswith(b'{"statu')


async def test_a_module_that_imports_what_it_is_not_granted_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(Ended) as caught:
        async with serve(site("s3_read own/"), folder=tmp_path):
            pass
    said = str(caught.value)
    assert "'gojinn.host_s3_put', which this function is not granted" in said
    assert "add the line 's3_write <prefix or *>'" in said
