"""Guests with mounts: what they do in their folders, that they cannot leave them, their output's limits."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from gojinn.engine.driver import Engine
from gojinn.engine.lanes import Program
from gojinn.engine.limits import Limits, Mount, ProgramSpec
from gojinn.engine.outcome import End, Outcome, records
from gojinn.engine.settings import EngineSettings, Implementation
from gojinn.engine.wasi_fs import WasiFiles
from gojinn.errors import ConfigError, Unavailable
from gojinn.testing.edge import until
from gojinn.testing.guests import c_guest, guest, printing
from gojinn.testing.stopwatch import Stopwatch

pytestmark = [pytest.mark.toolchain, pytest.mark.slow]

Compile = Callable[..., Path]
Load = Callable[[Engine, Path, ProgramSpec], Program]
Run = Callable[..., list[str]]

EXIST, INVAL, LOOP, NOENT, NOTDIR, NOTEMPTY, PERM, ROFS = 20, 28, 32, 44, 54, 55, 63, 69
READ_ONLY = {"module": PERM, "component": ROFS}
"""What a guest is told that changes something where it may only read."""


@pytest.fixture
async def engine(implementation: Implementation) -> AsyncIterator[Engine]:
    engine = Engine(EngineSettings(slots=8, implementation=implementation))
    yield engine
    engine.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A mounted folder with a secret beside it, and links of every kind that lead out of it."""
    (tmp_path / "secret").write_text("SECRET")
    folder = tmp_path / "data"
    (folder / "sub").mkdir(parents=True)
    (folder / "a").write_text("AAA")
    (folder / "sub" / "b").write_text("BBB")
    (folder / "absolute").symlink_to(tmp_path / "secret")
    (folder / "relative").symlink_to("../secret")
    (folder / "deep").symlink_to("sub/../../secret")
    (folder / "parent").symlink_to("..")
    (folder / "chain").symlink_to("parent/secret")
    (folder / "magic").symlink_to("/proc/self/root/etc/passwd")
    (folder / "loop").symlink_to("loop")
    (folder / "inside").symlink_to("sub/b")
    return folder


@pytest.fixture
def operate(engine: Engine, load: Load, folder: Path) -> Callable[..., object]:
    """`await operate("read:/data/a", …)`: what the guest's operations in the mounted folder come to."""

    async def run(*operations: str, read_only: bool = False) -> list[str]:
        spec = ProgramSpec(
            args=("files", *operations), mounts=(Mount(str(folder), "/data", read_only=read_only),)
        )
        program = load(engine, guest("files"), spec)
        outcome = await engine.invoke(program, b"", timeout=20)
        program.close()
        assert outcome.end is End.RETURNED
        return outcome.stdout.decode().splitlines()

    return run


async def invoke(engine: Engine, compiled: Path, folder: Path, stdin: bytes = b"", **spec: object) -> Outcome:
    mounted = ProgramSpec(mounts=(Mount(str(folder), "/data"),), **spec)  # type: ignore[arg-type]
    program = engine.load(compiled, mounted)
    try:
        return await engine.invoke(program, stdin, timeout=20)
    finally:
        program.close()


def error(number: int) -> str:
    return f"error {number}"


async def test_files_are_read_and_written(operate, folder):
    assert await operate(
        "read:/data/a", "write:/data/new:text", "append:/data/new:, more", "read:/data/new"
    ) == [
        "AAA",
        "done",
        "done",
        "text, more",
    ]
    assert (folder / "new").read_text() == "text, more"


async def test_folders_are_made_listed_and_removed(operate, folder):
    assert await operate(
        "mkdir:/data/dir", "create:/data/dir/f:x", "list:/data/dir", "rmdir:/data/dir", "unlink:/data/dir/f"
    ) == ["done", "done", ". .. f", error(NOTEMPTY), "done"]
    assert await operate("rmdir:/data/dir", "stat:/data/dir", "mkdir:/data/sub") == [
        "done",
        error(NOENT),
        error(EXIST),
    ]


async def test_files_are_renamed_linked_cut_and_touched(operate, folder):
    assert await operate(
        *("rename:/data/a:/data/sub/c", "link:/data/sub/c:/data/d", "truncate:/data/d:1", "read:/data/sub/c"),
        *("symlink:sub/c:/data/e", "readlink:/data/e", "lstat:/data/e", "read:/data/e", "touch:/data/d"),
    ) == ["done", "done", "done", "A", "done", "sub/c", "link 5", "A", "done"]


async def test_links_that_stay_inside_are_followed(operate):
    assert await operate("read:/data/inside", "read:/data/sub/../a", "read:data//a") == ["BBB", "AAA", "AAA"]


OUTSIDE = ["absolute", "relative", "deep", "parent/secret", "chain", "magic", "../secret", "sub/../../secret"]


@pytest.mark.parametrize("path", OUTSIDE)
@pytest.mark.parametrize("operation", ["read", "stat", "append", "truncate"])
async def test_no_path_leads_out(operate, folder, path, operation):
    assert await operate(f"{operation}:/data/{path}:9") == [error(PERM)]
    assert (folder.parent / "secret").read_text() == "SECRET"


async def test_other_folders_are_not_there(operate, folder):
    secret = str(folder.parent / "secret")
    assert await operate(f"read:{secret}", "read:/etc/passwd", "list:/", "list:/data/..", "chdir:/etc") == [
        *[error(NOENT)] * 3,
        error(PERM),
        error(NOENT),
    ]


async def test_nothing_is_made_or_moved_outside(operate, folder):
    answers = await operate(
        *(
            "write:/data/../new:x",
            "write:/data/parent/new:x",
            "mkdir:/data/parent/new",
            "unlink:/data/../secret",
        ),
        *("rename:/data/a:/data/../a", "rename:/data/a:/data/parent/a", "rename:/data/../secret:/data/got"),
        *("link:/data/../secret:/data/got", "link:/data/parent/secret:/data/got", "link:/data/a:/data/../a"),
        *("rmdir:/data/../data", "symlink:x:/data/parent/x", "touch:/data/parent/secret"),
    )
    assert answers == [error(PERM)] * 13
    assert sorted(os.listdir(folder.parent)) == ["data", "secret"]


async def test_links_a_guest_makes_do_not_help_it(operate):
    assert await operate("symlink:/etc/passwd:/data/x", "symlink:../secret:/data/y", "read:/data/y") == [
        error(PERM),
        "done",
        error(PERM),
    ]
    assert await operate("link:/data/relative:/data/z", "read:/data/z") == ["done", error(PERM)]


async def test_a_link_that_leads_to_itself_ends(operate):
    assert await operate("read:/data/loop") == [error(LOOP)]


async def test_a_read_only_mount_is_only_read(operate, folder, form):
    before = sorted(os.listdir(folder))
    answers = await operate(
        *("read:/data/a", "list:/data/sub", "write:/data/a:x", "append:/data/a:x", "create:/data/n:x"),
        *("mkdir:/data/d", "rmdir:/data/sub", "unlink:/data/a", "rename:/data/a:/data/b", "touch:/data/a"),
        *("link:/data/a:/data/b", "symlink:a:/data/b", "truncate:/data/a:0"),
        read_only=True,
    )
    assert answers == ["AAA", ". .. b", *[error(READ_ONLY[form])] * 11]
    assert sorted(os.listdir(folder)) == before
    assert (folder / "a").read_text() == "AAA"


async def test_two_mounts_stay_apart(engine, load, form, folder, tmp_path):
    (tmp_path / "other").mkdir()
    spec = ProgramSpec(
        args=("files", "rename:/data/a:/other/a", "write:/other/n:x", "write:/data/n:x"),
        mounts=(Mount(str(folder), "/data", read_only=True), Mount(str(tmp_path / "other"), "/other")),
    )
    program = load(engine, guest("files"), spec)
    outcome = await engine.invoke(program, b"", timeout=20)
    refused = error(READ_ONLY[form])
    assert outcome.stdout.decode().splitlines() == [refused, "done", refused]


# Input and output


async def test_stdin_arguments_and_environment_arrive(engine, compiled, folder):
    outcome = await invoke(
        engine, compiled(guest("environ")), folder, args=("prog", "ä b"), env={"A": "1", "EMPTY": ""}
    )
    assert outcome.stdout.decode().endswith('"body":"prog\\nä b\\nA=1\\nEMPTY=\\n"}')
    outcome = await invoke(engine, compiled(guest("echo")), folder, b'{"body": "stdin"}')
    assert outcome.stdout.endswith(b'"body":"stdin"}')


async def test_arguments_and_variables_may_be_any_bytes(engine, compiled, folder):
    source = """
    #include <stdio.h>
    #include <stdlib.h>
    int main(int count, char **args) { return printf("%s%s", args[1], getenv("A")) < 0; }"""
    odd = "\udcff\udcfe"
    outcome = await invoke(engine, compiled(c_guest(source)), folder, args=("prog", odd), env={"A": odd})
    assert outcome.stdout == b"\xff\xfe\xff\xfe"


async def test_a_clock_that_there_is_not_is_an_error(engine, compiled, folder):
    source = """
    #include <wasi/api.h>
    int main(void) {
        __wasi_timestamp_t at;
        return __wasi_clock_time_get(9, 0, &at) * 100 + __wasi_clock_res_get(9, &at)
            + __wasi_clock_time_get(1, 0, &at); }"""
    outcome = await invoke(engine, compiled(c_guest(source)), folder)
    assert (outcome.end, outcome.exit_code) == (End.EXITED, INVAL * 101)


async def test_outputs_log_and_exit_code_are_kept(engine, compiled, folder):
    outcome = await invoke(engine, compiled(printing(b"out", stderr=b"err", exit_code=300)), folder)
    assert (outcome.end, outcome.exit_code, outcome.stdout) == (End.EXITED, 300, b"out")
    assert list(records(outcome.log)) == [(4, "err")]


async def test_host_log_comes_before_stderr(engine, compiled, folder):
    outcome = await invoke(engine, compiled(guest("host_log")), folder)
    assert [record.level for record in records(outcome.log)] == [0, 1, 2, 3, 4]


async def test_an_invocation_does_not_see_the_last_ones_output(engine, compiled, folder):
    assert len((await invoke(engine, compiled(printing(b"x" * 100_000)), folder)).stdout) == 100_000
    assert (await invoke(engine, compiled(printing(b"y")), folder)).stdout == b"y"


@pytest.mark.parametrize("kind", ["spinning", "sleeping"])
async def test_endless_output_is_ended_at_its_limit(engine, compiled, folder, kind):
    pause = "usleep(0);" if kind == "sleeping" else ""
    source = f"""#include <string.h>
    #include <unistd.h>
    int main(void) {{ char b[65536]; memset(b, 'x', sizeof b); for (;;) {{ write(1, b, sizeof b); {pause} }}
    }}"""
    module = compiled(c_guest(source, stack=1 << 20))
    outcome = await invoke(engine, module, folder, limits=Limits(output=100_000))
    assert (outcome.end, len(outcome.stdout)) == (End.OUTPUT, 100_000)
    assert outcome.wall < 10


async def test_output_past_its_limit_in_one_go_is_told(engine, compiled, folder):
    outcome = await invoke(engine, compiled(printing(b"x" * 1000)), folder, limits=Limits(output=999))
    assert (outcome.end, len(outcome.stdout)) == (End.OUTPUT, 999)


async def test_huge_stderr_is_cut_and_takes_no_memory(engine, compiled, folder):
    outcome = await invoke(engine, compiled(guest("huge_stderr")), folder, limits=Limits(log=1000))
    assert outcome.end is End.RETURNED
    assert outcome.stdout.endswith(b'"body":"loud!"}')
    kept, marker = records(outcome.log)
    assert (kept.level, len(kept.text), marker.level) == (4, 995, 2)


@pytest.mark.parametrize("name", ["endless_loop", "memory_bomb", "unreachable", "recursion"])
async def test_hostile_guests_end_as_without_mounts(engine, compiled, folder, name):
    program = engine.load(
        compiled(guest(name)),
        ProgramSpec(mounts=(Mount(str(folder), "/d"),), limits=Limits(memory=8 << 20)),
    )
    outcome = await engine.invoke(program, b"", timeout=0.2)
    ends = {"endless_loop": End.TIMEOUT, "memory_bomb": End.MEMORY}
    assert outcome.end is ends.get(name, End.TRAPPED)


async def test_a_sleeping_guest_does_not_stop_the_loop(engine, compiled, folder):
    program = engine.load(compiled(guest("sleepy")), ProgramSpec(mounts=(Mount(str(folder), "/d"),)))
    sleeping = asyncio.ensure_future(engine.invoke(program, b'{"body":"200"}', timeout=5))
    longest = 0.0
    while not sleeping.done():
        watch = Stopwatch()
        await asyncio.sleep(0)
        longest = max(longest, watch.seconds())
    assert sleeping.result().stdout.endswith(b'"body":"rested"}')
    assert longest < 0.1


@pytest.mark.parametrize(
    ("name", "answer"),
    [("new/", 0), ("new///", 0), ("sub/", NOTEMPTY), ("a/", NOTDIR), ("link/", NOTDIR), ("none/", NOENT)],
)
async def test_folders_are_removed_under_names_that_end_with_slashes(engine, compiled, folder, name, answer):
    (folder / "new").mkdir()
    (folder / "link").symlink_to("new")
    source = """
    #include <errno.h>
    #include <unistd.h>
    int main(int count, char **args) { return rmdir(args[1]) == 0 ? 0 : errno; }"""
    outcome = await invoke(engine, compiled(c_guest(source)), folder, args=("rm", f"/data/{name}"))
    assert outcome.exit_code == answer
    assert (folder / "new").exists() == bool(answer)


async def test_no_descriptor_stays_open(operate):
    await operate("list:/data")
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        await operate("list:/data", "read:/data/a", "read:/data/chain")
    await until(lambda: len(os.listdir("/proc/self/fd")) <= before)


async def test_a_folder_that_vanished_is_unavailable(engine, load, tmp_path):
    (tmp_path / "gone").mkdir()
    spec = ProgramSpec(mounts=(Mount(str(tmp_path / "gone"), "/d"),))
    program = load(engine, guest("files"), spec)
    (tmp_path / "gone").rmdir()
    with pytest.raises(Unavailable, match="cannot be opened"):
        await engine.invoke(program, b"", timeout=5)


# Mounts that are refused


def refused(*mounts: Mount) -> str:
    with pytest.raises(ConfigError) as caught:
        WasiFiles(ProgramSpec(mounts=mounts))
    return str(caught.value)


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    (tmp_path / "plain" / "sub").mkdir(parents=True)
    return tmp_path / "plain"


def test_a_missing_folder_is_refused(tmp_path):
    assert "no such file or directory" in refused(Mount(str(tmp_path / "none"), "/d"))


def test_a_file_is_refused(tmp_path):
    (tmp_path / "file").touch()
    assert "is no folder" in refused(Mount(str(tmp_path / "file"), "/d"))


def test_two_mounts_in_one_place_are_refused(plain):
    assert "given twice" in refused(Mount(str(plain), "/d"), Mount(str(plain), "/d"))


@pytest.mark.parametrize("name", ["", "a\0b", "\udcff"], ids=["none", "NUL", "no text"])
def test_a_mount_without_a_usable_name_is_refused(plain, name):
    assert "no usable name" in refused(Mount(str(plain), name))


def test_a_folder_with_a_pipe_is_refused(plain):
    os.mkfifo(plain / "sub" / "pipe")
    assert f"holds the pipe '{plain / 'sub' / 'pipe'}'" in refused(Mount(str(plain), "/d"))


@pytest.mark.parametrize("folder", ["/", "/dev", "/dev/pts", "/proc/self", "/sys", "/proc/../dev"])
def test_folders_of_the_kernel_are_refused(folder):
    assert "kernel" in refused(Mount(folder, "/d"))


def test_a_link_to_a_folder_of_the_kernel_is_refused(plain):
    (plain.parent / "link").symlink_to("/proc")
    assert "kernel" in refused(Mount(str(plain.parent / "link"), "/d"))


def test_links_and_sockets_inside_are_no_reason_to_refuse(plain):
    (plain / "loop").symlink_to("loop")
    (plain / "out").symlink_to("/proc")
    WasiFiles(ProgramSpec(mounts=(Mount(str(plain), "/d"),)))
