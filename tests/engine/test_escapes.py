"""Ways out of a mounted folder, each tried by a guest and denied; and what must not stop the worker."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from gojinn.engine.cache import CompileCache
from gojinn.engine.denials import CALLS as MODULE_CALLS
from gojinn.engine.denials import METHODS
from gojinn.engine.driver import Engine
from gojinn.engine.lanes import Program
from gojinn.engine.limits import Mount, ProgramSpec
from gojinn.engine.outcome import End, Outcome, Record
from gojinn.engine.settings import EngineSettings
from gojinn.functions.config import FunctionConfig
from gojinn.functions.invocation import Invocation
from gojinn.testing.components import adapted
from gojinn.testing.guests import c_guest, guest, wat_guest
from gojinn.testing.platform import Platform, opened_platform
from gojinn.testing.script import said

pytestmark = [pytest.mark.toolchain, pytest.mark.slow]

Compile = Callable[..., Path]
Load = Callable[[Engine, Path, ProgramSpec], Program]
Operate = Callable[..., Awaitable[list[str]]]

EXIST, ILSEQ, INVAL, IO, LOOP = 20, 25, 28, 29, 32
NAMETOOLONG, NOENT, NOTDIR, NOTSUP, PERM, SPIPE = 37, 44, 54, 58, 63, 70


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    engine = Engine(EngineSettings(slots=8))
    yield engine
    engine.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A mounted folder beside a secret and another mount, with what leads out of it."""
    (tmp_path / "secret").write_text("SECRET")
    (tmp_path / "data-evil").mkdir()
    (tmp_path / "data-evil" / "s").write_text("SECRET")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "o").write_text("OTHER")
    folder = tmp_path / "data"
    (folder / "sub" / "deep").mkdir(parents=True)
    (folder / "a").write_text("AAA")
    links = {
        "absolute": str(tmp_path / "secret"),
        "relative": "../secret",
        "chain1": "chain2",
        "chain2": "sub/chain3",
        "sub/chain3": "../../secret",
        "up": "..",
        "upup": "../..",
        "root": "/",
        "dangling": "../made-by-guest",
        "dangling-absolute": str(tmp_path / "made-by-guest"),
        "proc": "/proc/self/root/etc/passwd",
        "proc-relative": "../" * 20 + "proc/self/environ",
        "fd": "/proc/self/fd/0",
        "dev": "/dev/null",
        "sibling": "../data-evil",
        "mount": "../other",
        "loop1": "loop2",
        "loop2": "loop1",
        "inside-and-out": "sub/deep/../../../secret",
        "self": "../data/a",
    }
    for name, target in links.items():
        (folder / name).symlink_to(target)
    return folder


async def run(engine: Engine, load: Load, module: Path, folder: Path, *operations: str) -> Outcome:
    mounts = (Mount(str(folder), "/data"), Mount(str(folder.parent / "other"), "/other"))
    program = load(engine, module, ProgramSpec(args=("files", *operations), mounts=mounts))
    try:
        return await engine.invoke(program, b"", timeout=20)
    finally:
        program.close()


@pytest.fixture
def operate(engine: Engine, load: Load, folder: Path) -> Operate:
    async def operate(*operations: str) -> list[str]:
        outcome = await run(engine, load, guest("files"), folder, *operations)
        assert outcome.end is End.RETURNED
        return outcome.stdout.decode().splitlines()

    return operate


ESCAPES = [
    # by links that stand there
    *("read:/data/absolute", "read:/data/relative", "read:/data/chain1", "read:/data/up/secret"),
    *("read:/data/upup/etc/passwd", "read:/data/root/etc/passwd", "read:/data/inside-and-out"),
    *("list:/data/up", "list:/data/root", "list:/data/sibling", "read:/data/sibling/s"),
    *("stat:/data/relative", "append:/data/relative:x", "truncate:/data/relative:0", "touch:/data/up/secret"),
    # by the kernel's own
    *("read:/data/proc", "read:/data/proc-relative", "read:/data/fd", "read:/data/dev", "append:/data/dev:x"),
    # by dots
    *(
        "read:/data/../secret",
        "read:/data/sub/../../secret",
        "read:/data/./../secret",
        "read:/data/.././secret",
    ),
    *(
        "read:/data/sub/deep/../../../secret",
        "list:/data/..",
        "read:/data//../secret",
        "read:/data/../data/a",
    ),
    *("read:/data/../../../../../../etc/passwd", "read:/data/self", "read:/data/up/data/a"),
    # by making
    *("create:/data/dangling:x", "write:/data/dangling:x", "write:/data/dangling-absolute:x"),
    *("create:/data/up/made-by-guest:x", "mkdir:/data/up/made-by-guest", "mkdir:/data/../made-by-guest"),
    *(
        "symlink:/etc/passwd:/data/new",
        "symlink:x:/data/up/made-by-guest",
        "symlink:x:/data/../made-by-guest",
    ),
    # by moving and linking
    *("rename:/data/a:/data/../made-by-guest", "rename:/data/a:/data/up/made-by-guest"),
    *("rename:/data/up/secret:/data/got", "rename:/data/../secret:/data/got", "unlink:/data/../secret"),
    *(
        "link:/data/../secret:/data/got",
        "link:/data/up/secret:/data/got",
        "link:/data/a:/data/up/made-by-guest",
    ),
    *(
        "unlink:/data/up/secret",
        "rmdir:/data/../other",
        "rmdir:/data/up/data-evil",
        "readlink:/data/up/data/up",
    ),
    # by another mount
    *(
        "read:/data/mount/o",
        "append:/data/mount/o:x",
        "rename:/data/mount/o:/data/got",
        "read:/other/../secret",
    ),
]


CALLS = {
    "link": "path_link",
    "mkdir": "path_create_directory",
    "readlink": "path_readlink",
    "rename": "path_rename",
    "rmdir": "path_remove_directory",
    "stat": "path_filestat_get",
    "symlink": "path_symlink",
    "touch": "path_filestat_set_times",
    "unlink": "path_unlink_file",
}
"""What an operation calls; others call `path_open`."""

THERE = "create:/data/dangling:x"
"""A link stands where a new file was to be: `EXIST`, whatever it leads to, so that nothing is denied."""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> CompileCache:
    """One cache for all tests: the module is compiled once."""
    return CompileCache(tmp_path_factory.mktemp("cache"))


@pytest.fixture
async def platform(cache: CompileCache) -> AsyncIterator[Platform]:
    async with opened_platform(cache) as platform:
        yield platform


@pytest.mark.parametrize("operation", ESCAPES)
async def test_no_way_leads_out(platform: Platform, folder: Path, operation: str, form: str) -> None:
    mounts = (Mount(str(folder), "/data"), Mount(str(folder.parent / "other"), "/other"))
    built = adapted(guest("files")) if form == "component" else guest("files")
    config = FunctionConfig(str(built), args=(operation,), mounts=mounts)
    function = await platform.function(config)
    result = await platform.runner.run(Invocation(function, b""))
    assert result.outcome is not None
    log = said(result.log)
    if operation == THERE:
        assert (result.outcome.stdout.decode(), log) == (f"error {EXIST}\n", [])
    else:
        assert result.outcome.stdout.decode() == f"error {PERM}\n"
        call = CALLS.get(operation.partition(":")[0], "path_open")
        if form == "component":
            call = METHODS[MODULE_CALLS.index(call)]
        told = (
            f"file operation denied: '{call}' went beyond its mounts ('/data' and '/other'): "
            "add 'mount <host folder> <guest folder>' to its block"
        )
        assert log == [Record(2, told)]
        assert function.usage.denials == {"mount use": 1}
    assert sorted(os.listdir(folder.parent)) == ["data", "data-evil", "other", "secret"]
    assert (folder.parent / "secret").read_text() == "SECRET"
    assert (folder.parent / "other" / "o").read_text() == "OTHER"
    assert "got" not in os.listdir(folder)


def test_the_ways_are_many() -> None:
    assert len(set(ESCAPES)) >= 40


ODD = [
    ("read:/data/" + "x" * 256, NAMETOOLONG),
    ("read:/data/" + "x/" * 5000, NAMETOOLONG),
    ("create:/data/" + "x" * 256 + ":y", NAMETOOLONG),
    ("read:/DATA/a", NOENT),
    ("read:/data/A", NOENT),
    ("read:/data/a/", NOTDIR),
    ("read:/data/a/.", NOTDIR),
    ("read:/data/a/..", NOTDIR),
    ("read:/data/loop1", LOOP),
    ("read:/data/..data", NOENT),
    ("read:/data-evil/s", NOENT),
    ("read:/dat", NOENT),
    ("read:", NOENT),
    ("list:/", NOENT),
    ("read:/proc/self/environ", NOENT),
    ("link:/data/relative/:/data/got", NOTDIR),
]


@pytest.mark.parametrize(("operation", "errno"), ODD)
async def test_odd_names_are_errors(operate: Operate, operation: str, errno: int) -> None:
    (answer,) = await operate(operation)
    assert answer in (f"error {errno}", f"error {PERM}")


async def test_a_hard_link_to_a_link_leads_nowhere_either(operate: Operate) -> None:
    assert await operate("link:/data/relative:/data/hard", "read:/data/hard") == ["done", f"error {PERM}"]


async def test_files_do_not_move_between_mounts_by_links(operate: Operate, folder: Path) -> None:
    answers = await operate("link:/data/a:/other/a", "rename:/data/relative:/other/r", "read:/other/r")
    assert answers[2] == f"error {PERM}"


WITH_NUL = """(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "a\\00/../../secret")
  (func (export "_start") (local $errno i32)
    (local.set $errno (call $open (i32.const 3) (i32.const 1) (i32.const 0) (i32.const 15) (i32.const 0)
      (i64.const 2) (i64.const 2) (i32.const 0) (i32.const 64)))
    (i32.store8 (i32.const 100) (i32.add (i32.const 48) (i32.div_u (local.get $errno) (i32.const 10))))
    (i32.store8 (i32.const 101) (i32.add (i32.const 48) (i32.rem_u (local.get $errno) (i32.const 10))))
    (i32.store (i32.const 104) (i32.const 100)) (i32.store (i32.const 108) (i32.const 2))
    (drop (call $write (i32.const 1) (i32.const 104) (i32.const 1) (i32.const 112)))))"""


async def test_a_name_with_nul_is_refused(engine: Engine, load: Load, folder: Path) -> None:
    outcome = await run(engine, load, wat_guest(WITH_NUL), folder)
    assert int(outcome.stdout) in (INVAL, ILSEQ, PERM)


# What opening or reading could wait for


async def test_a_pipe_that_appears_does_not_stop_the_worker(
    engine: Engine, compiled: Compile, folder: Path
) -> None:
    module = compiled(guest("files"))
    program = engine.load(
        module,
        ProgramSpec(
            args=("files", "read:/data/pipe", "append:/data/pipe:x", "write:/data/pipe:y", "read:/data/a"),
            mounts=(Mount(str(folder), "/data"),),
        ),
    )
    os.mkfifo(folder / "pipe")
    outcome = await engine.invoke(program, b"", timeout=20)
    pipe, append, write, plain = outcome.stdout.decode().splitlines()
    assert (pipe, write, plain) == (f"error {SPIPE}", f"error {SPIPE}", "AAA")
    assert append in ("done", f"error {SPIPE}")
    assert (await engine.invoke(program, b"", timeout=20)).stdout == outcome.stdout
    program.close()


async def test_others_are_served_beside_a_pipe(engine: Engine, compiled: Compile, folder: Path) -> None:
    spec = ProgramSpec(args=("files", "read:/data/pipe"), mounts=(Mount(str(folder), "/data"),))
    program = engine.load(compiled(guest("files")), spec)
    plain = engine.load(compiled(guest("echo")), ProgramSpec())
    os.mkfifo(folder / "pipe")
    waiting = asyncio.gather(*(engine.invoke(program, b"", timeout=20) for _ in range(4)))
    outcome = await engine.invoke(plain, b'{"body":"hi"}', timeout=20)
    assert outcome.end is End.RETURNED
    assert {outcome.end for outcome in await waiting} == {End.RETURNED}
    program.close()
    plain.close()


async def test_much_that_is_written_to_a_pipe_does_not_stop_the_worker(
    engine: Engine, compiled: Compile, folder: Path
) -> None:
    source = r"""
    #include <fcntl.h>
    #include <stdio.h>
    #include <unistd.h>
    static char much[1 << 20];
    int main(void) {
        int fd = open("/data/pipe", O_WRONLY | O_APPEND);
        write(fd, much, sizeof much);
        puts("done");
        return 0;
    }"""
    spec = ProgramSpec(mounts=(Mount(str(folder), "/data"),))
    program = engine.load(compiled(c_guest(source)), spec)
    os.mkfifo(folder / "pipe")
    outcome = await engine.invoke(program, b"", timeout=20)
    assert outcome.stdout == b"done\n"
    program.close()


async def test_a_socket_is_an_error(operate: Operate, folder: Path, form: str) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "socket"))
        (answer,) = await operate("read:/data/socket")
    assert answer == f"error {IO if form == 'module' else NOTSUP}"


FLIPPED = r"""
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
int main(void) {
    char text[16];
    int inside = 0, denied = 0, escaped = 0;
    for (int i = 0; i < 100000 && (inside < 50 || denied < 50); i++) {
        int fd = open("/data/flip/secret", O_RDONLY);
        if (fd < 0) {
            denied++;
            continue;
        }
        ssize_t size = read(fd, text, sizeof text);
        if (size == 6 && !memcmp(text, "inside", 6)) inside++;
        else escaped++;
        close(fd);
    }
    printf("%d %d %d\n", inside >= 50, denied >= 50, escaped);
    return 0;
}"""


async def test_links_that_change_meanwhile_lead_nowhere(engine: Engine, load: Load, folder: Path) -> None:
    (folder / "sub" / "secret").write_text("inside")
    over = threading.Event()

    def change() -> None:
        while not over.is_set():
            for target in ("sub", ".."):
                (folder / "new").symlink_to(target)
                os.rename(folder / "new", folder / "flip")

    changing = threading.Thread(target=change)
    changing.start()
    try:
        outcome = await run(engine, load, c_guest(FLIPPED), folder)
    finally:
        over.set()
        changing.join()
    assert outcome.stdout == b"1 1 0\n"
