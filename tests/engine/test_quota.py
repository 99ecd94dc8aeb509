"""Mounts that may hold so much and no more, and those of tenants."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from gojinn.engine.driver import Engine
from gojinn.engine.limits import Mount, ProgramSpec
from gojinn.engine.outcome import End, Outcome
from gojinn.engine.quota import BLOCK, measured
from gojinn.engine.settings import EngineSettings
from gojinn.testing.guests import c_guest, guest

pytestmark = [pytest.mark.toolchain, pytest.mark.slow]

Compile = Callable[..., Path]
QUOTA = 4 << 20

FILL = r"""
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
static char block[65536];
int main(int argc, char **argv) {
    memset(block, 'x', sizeof block);
    int count = argc > 1 ? argv[1][0] == '*' ? 1 << 30 : (argv[1][0] - '0') * 16 : 0;  /* digit: MiB */
    int fd = open("/data/fill", O_WRONLY | O_CREAT | O_TRUNC, 0666);
    for (int i = 0; i < count; i++) write(fd, block, sizeof block);
    puts("filled");
    return 0;
}"""
MANY = r"""
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
int main(void) {
    char name[32];
    for (int i = 0;; i++) { sprintf(name, "/data/%d", i); close(open(name, O_WRONLY | O_CREAT, 0666)); }
}"""


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    engine = Engine(EngineSettings(slots=8))
    yield engine
    engine.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


async def run(engine: Engine, module: Path, mount: Mount, *args: str, tenant: str = "one") -> Outcome:
    program = engine.load(module, ProgramSpec(args=("f", *args), mounts=(mount,)))
    try:
        return await engine.invoke(program, b"", timeout=20, context=SimpleNamespace(tenant=tenant))
    finally:
        program.close()


async def test_a_guest_within_its_quota_is_left_alone(
    engine: Engine, compiled: Compile, folder: Path
) -> None:
    mount = Mount(str(folder), "/data", quota=QUOTA)
    outcome = await run(engine, compiled(c_guest(FILL)), mount, "3")
    assert (outcome.end, outcome.stdout) == (End.RETURNED, b"filled\n")
    assert measured(str(folder)) >= 3 << 20


async def test_one_that_writes_for_ever_is_stopped(engine: Engine, compiled: Compile, folder: Path) -> None:
    outcome = await run(engine, compiled(c_guest(FILL)), Mount(str(folder), "/data", quota=QUOTA), "*")
    assert outcome.end is End.QUOTA
    assert measured(str(folder)) < QUOTA + (200 << 20)


async def test_one_that_is_quick_fails_all_the_same(engine: Engine, compiled: Compile, folder: Path) -> None:
    outcome = await run(engine, compiled(c_guest(FILL)), Mount(str(folder), "/data", quota=QUOTA), "9")
    assert outcome.end is End.QUOTA


async def test_empty_files_count_too(engine: Engine, compiled: Compile, folder: Path) -> None:
    outcome = await run(engine, compiled(c_guest(MANY)), Mount(str(folder), "/data", quota=QUOTA))
    assert outcome.end is End.QUOTA
    assert len(os.listdir(folder)) < 40 * QUOTA // BLOCK


async def test_a_full_mount_can_be_read_and_emptied(engine: Engine, compiled: Compile, folder: Path) -> None:
    (folder / "large").write_bytes(bytes(2 * QUOTA))
    (folder / "small").write_text("text")
    mount = Mount(str(folder), "/data", quota=QUOTA)
    files = compiled(guest("files"))
    outcome = await run(engine, files, mount, "read:/data/small", "unlink:/data/large", "create:/data/n:x")
    assert (outcome.end, outcome.stdout) == (End.RETURNED, b"text\ndone\ndone\n")
    (folder / "large").write_bytes(bytes(2 * QUOTA))
    assert (await run(engine, compiled(c_guest(FILL)), mount, "1")).end is End.QUOTA


async def test_every_tenant_has_a_folder_of_its_own(
    engine: Engine, compiled: Compile, tmp_path: Path
) -> None:
    mount = Mount(str(tmp_path / "mounts"), "/data", name="uploads")
    files = compiled(guest("files"))
    for tenant in ("one", "two"):
        assert (
            await run(engine, files, mount, f"create:/data/a:{tenant}", tenant=tenant)
        ).stdout == b"done\n"
    outcome = await run(engine, files, mount, "read:/data/a", "list:/data/..", tenant="one")
    assert outcome.stdout.startswith(b"one\nerror")
    assert (tmp_path / "mounts/two/uploads/a").read_text() == "two"
    for path in ("mounts", "mounts/one", "mounts/one/uploads"):
        assert (tmp_path / path).stat().st_mode & 0o777 == 0o700
