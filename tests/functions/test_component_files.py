"""Files of components with mounts, by every function that WASI 0.2 has for them: a handler of HTTP requests
runs scripts over its bindings. What programs make of them is tested with those of modules.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import signal
import textwrap
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gojinn.engine.limits import Mount
from gojinn.errors import ConfigError
from gojinn.functions.config import FunctionConfig
from gojinn.functions.envelope import encode
from gojinn.functions.function import Function
from gojinn.functions.invocation import Invocation, Result
from gojinn.testing.edge import until
from gojinn.testing.platform import Platform

pytestmark = [pytest.mark.slow, pytest.mark.toolchain, pytest.mark.timeout(300)]

Make = Callable[..., Awaitable[Function]]
Run = Callable[..., Awaitable[Any]]


@pytest.fixture
def platform(each_platform: Platform) -> Platform:
    return each_platform


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file, a folder and a secret beside it."""
    (tmp_path / "secret").write_text("SECRET")
    folder = tmp_path / "data"
    (folder / "sub").mkdir(parents=True)
    (folder / "a").write_text("0123456789")
    (folder / "out").symlink_to("../secret")
    return folder


@pytest.fixture
def make(platform: Platform, proxy: Path, folder: Path) -> Make:
    """`await make(read_only=False)`: the handler with the folder at `/data`."""

    async def function(*, read_only: bool = False, **options: Any) -> Function:
        mounts = (Mount(str(folder), "/data", read_only=read_only),)
        return await platform.function(
            FunctionConfig(str(proxy), mounts=mounts, **({"timeout": 30.0} | options))
        )

    return function


PRELUDE = """
from wit_world.imports.wall_clock import Datetime
from wit_world.imports.wasi_filesystem_types import *
from wit_world.imports.wasi_filesystem_types import DescriptorFlags as F, OpenFlags as O, PathFlags as P
data = folders["/data"]
READ, WRITE, CREATE, FOLLOW, NONE = F.READ, F.WRITE, O.CREATE, P.SYMLINK_FOLLOW, P(0)
def opened(path, how=O(0), flags=READ, follow=FOLLOW):
    return data.open_at(follow, path, how, flags)
def opening(*given):
    found = tried(opened, *given)
    return found if isinstance(found, str) else "opened"
"""


async def ask(platform: Platform, function: Function, script: str) -> Result:
    source = (PRELUDE + textwrap.dedent(script)).encode()
    stdin = encode(
        *("POST", "/script", {}, source),
        trace="",
        tenant="default",
        client_ip="",
        trigger="http",
        bare=function.bare,
    )
    return await platform.runner.run(Invocation(function, stdin))


@pytest.fixture
def run(platform: Platform, make: Make) -> Run:
    """`await run(script)`: what it leaves as `said`, or all that it writes."""

    async def said(script: str, *, raw: bool = False, read_only: bool = False) -> Any:
        result = await ask(platform, await make(read_only=read_only), script)
        assert result.reply is not None, (result.error, result.log, result.outcome and result.outcome.trap)
        return result.reply.body if raw else json.loads(result.reply.body)

    return said


async def test_files_are_read_written_and_described(run: Run, folder: Path) -> None:
    told = await run("""
        f = opened("new", CREATE | O.EXCLUSIVE, READ | WRITE)
        said = [f.write(b"hello world", 0), f.write(b"W", 6), f.read(5, 6)[0].decode(), list(f.read(9, 11))]
        said[3][0] = said[3][0].decode()
        f.set_size(5)
        f.sync_data(), f.sync(), f.advise(0, 10, Advice.WILL_NEED)
        f.set_times(NewTimestamp_NoChange(), NewTimestamp_Timestamp(Datetime(1000000000, 7)))
        s = f.stat()
        said += [s.type.name, s.link_count, s.size, s.data_modification_timestamp.seconds]
        said += [str(f.get_flags()), f.get_type().name, str(data.get_flags()), data.get_type().name]
    """)
    assert told[:8] == [11, 1, "World", ["", True], "REGULAR_FILE", 1, 5, 1000000000]
    assert told[8:] == [
        *("DescriptorFlags.READ|WRITE", "REGULAR_FILE"),
        *("DescriptorFlags.READ|MUTATE_DIRECTORY", "DIRECTORY"),
    ]
    assert (folder / "new").read_text() == "hello"


async def test_names_are_made_moved_and_removed(run: Run, folder: Path) -> None:
    told = await run("""
        data.create_directory_at("d/")
        data.link_at(NONE, "a", data, "d/b")
        data.symlink_at("d/b", "s")
        data.rename_at("d/b", data, "d/c")
        said = [data.readlink_at("s"), data.stat_at(NONE, "s").type.name, tried(data.stat_at, FOLLOW, "s")]
        data.set_times_at(FOLLOW, "d/c", NewTimestamp_Now(), NewTimestamp_Timestamp(Datetime(5, 0)))
        said.append(data.stat_at(FOLLOW, "a").data_modification_timestamp.seconds)
        one, two, sub = opened("a"), opened("d/c"), opened("sub")
        said += [one.is_same_object(two), one.is_same_object(sub)]
        said.append(one.metadata_hash() == data.metadata_hash_at(FOLLOW, "d/c") != sub.metadata_hash())
        data.unlink_file_at("d/c"), data.unlink_file_at("s"), data.remove_directory_at("d")
        said.append(sub.get_type().name)
    """)
    assert told == ["d/b", "SYMBOLIC_LINK", "NO_ENTRY", 5, True, False, True, "DIRECTORY"]
    assert sorted(os.listdir(folder)) == ["a", "out", "sub"]


async def test_streams_read_skip_and_write(run: Run, folder: Path) -> None:
    told = await run("""
        r = opened("a").read_via_stream(2)
        said = [r.blocking_read(3).decode(), r.read(0).decode(), r.blocking_skip(2), r.read(99).decode()]
        said += [tried(r.read, 1), tried(r.blocking_skip, 1)]
        f = opened("w", CREATE, WRITE)
        w = f.write_via_stream(3)
        w.write(b"abc"), w.blocking_write_and_flush(b"def"), w.blocking_write_zeroes_and_flush(2)
        w.blocking_flush()
        f.append_via_stream().write(b"end")
        with opened("a").read_via_stream(8) as source:
            said.append(w.blocking_splice(source, 99))
    """)
    assert told == ["234", "", 2, "789", "StreamError_Closed", "StreamError_Closed", 2]
    assert (folder / "w").read_bytes() == b"\0\0\0abcdef\0\0" + b"89d"


async def test_files_go_into_the_answer_by_themselves(run: Run, folder: Path) -> None:
    (folder / "large").write_bytes(bytes(range(256)) * 1000)
    told = await run(
        """
        source = opened("large").read_via_stream(0)
        while isinstance(tried(out.blocking_splice, source, 1 << 40), int):
            pass
        """,
        raw=True,
    )
    assert told == bytes(range(256)) * 1000


async def test_streams_that_fail_say_why(run: Run) -> None:
    told = await run("""
        from componentize_py_types import Err
        said = []
        for stream, act in ((opened("a", O(0), WRITE).read_via_stream(0), lambda s: s.blocking_read(1)),
                            (opened("a").write_via_stream(0), lambda s: s.write(b"x"))):
            try:
                act(stream)
            except Err as error:
                why = error.value.value
                said += [files.filesystem_error_code(why).name, why.to_debug_string()]
    """)
    assert told == ["BAD_DESCRIPTOR", "bad file descriptor"] * 2


async def test_nothing_is_changed_where_it_is_read_only(platform: Platform, make: Make, folder: Path) -> None:
    function = await make(read_only=True)
    result = await ask(
        platform,
        function,
        """
        f, now = opened("a"), NewTimestamp_Now()
        said = [opening("a", O(0), WRITE), opening("n", CREATE), opening("a", O.TRUNCATE),
                opening("sub", O(0), READ | F.MUTATE_DIRECTORY), opening("a", O(0), READ | F.WRITE)]
        said += [tried(*each) for each in (
            (data.create_directory_at, "d"), (data.remove_directory_at, "sub"), (data.unlink_file_at, "a"),
            (data.rename_at, "a", data, "b"), (data.link_at, NONE, "a", data, "b"),
            (data.symlink_at, "a", "b"), (data.set_times_at, FOLLOW, "a", now, now), (f.set_times, now, now),
            (f.set_size, 0), (f.write, b"x", 0), (f.write_via_stream, 0), (f.append_via_stream,))]
        said += [f.read(3, 0)[0].decode(), str(data.get_flags())]
        """,
    )
    assert result.reply is not None
    told = json.loads(result.reply.body)
    assert told == ["READ_ONLY"] * 17 + ["012", "DescriptorFlags.READ"]
    assert (folder / "a").read_text() == "0123456789"
    assert sorted(os.listdir(folder)) == ["a", "out", "sub"]
    assert [record.text for record in result.log][1:] == [
        "file operation denied: 'create-directory-at' and 'set-times-at' and 'link-at' and 'open-at' and "
        "'remove-directory-at' and 'rename-at' and 'symlink-at' and 'unlink-file-at' went beyond its mounts "
        "('/data' read-only): add 'mount <host folder> <guest folder>' to its block, or remove 'ro' from "
        "'/data'"
    ]
    assert function.usage.denials == {"mount use": 12}


async def test_folders_and_files_are_told_apart(run: Run) -> None:
    told = await run("""
        f, d = opened("a"), opened("sub")
        said = [tried(*each) for each in (
            (f.create_directory_at, "x"), (f.read_directory,), (f.stat_at, FOLLOW, "x"), (d.read, 1, 0),
            (d.write, b"", 0), (d.read_via_stream, 0), (d.write_via_stream, 0), (d.set_size, 1))]
        said += [opening("a", O.DIRECTORY), opening("sub", O(0), WRITE), opening("sub", CREATE),
                 opening("a/b"), opening("a/"), opening("x", O.DIRECTORY | CREATE),
                 opening("a", CREATE | O.EXCLUSIVE)]
    """)
    assert told == [
        *["NOT_DIRECTORY"] * 3,
        *["BAD_DESCRIPTOR"] * 5,
        *[
            "NOT_DIRECTORY",
            "IS_DIRECTORY",
            "IS_DIRECTORY",
            "NOT_DIRECTORY",
            "NOT_DIRECTORY",
            "INVALID",
            "EXIST",
        ],
    ]


async def test_what_is_asked_for_may_be_huge_or_odd(run: Run, folder: Path) -> None:
    (folder / "large").write_bytes(b"x" * 200_000)
    told = await run(r"""
        f = opened("large", O(0), READ | WRITE)
        said = [len(f.read(1 << 63, 0)[0]), len(f.read_via_stream(0).blocking_read(1 << 40)),
                tried(f.read, 1, 1 << 63), tried(f.write, b"x", (1 << 64) - 1), tried(f.set_size, 1 << 63),
                len(f.read(1, 1 << 62)[0]), f.read(0, 0)[1]]
        said += [opening(name) for name in
            ("", "a\0b", "a\0/../../secret", "x" * 256, "x/" * 4000, "/etc/passwd", "..", "a/../../secret",
             "out", "sub/../../secret", "/", "./sub/..", "ä")]
        said += [tried(data.symlink_at, name, "new") for name in ("/etc/passwd", "", "a\0b")]
        said += [tried(data.create_directory_at, name) for name in ("a", "sub", ".", "..", "none/x", "n\0")]
        said += [tried(data.remove_directory_at, name) for name in (".", "a", "..", "sub/..")]
        said += [tried(data.unlink_file_at, name) for name in ("sub", "a/", ".")]
        said += [tried(data.link_at, FOLLOW, "a", data, "b"), tried(data.link_at, NONE, "out/", data, "b"),
                 tried(data.link_at, NONE, "sub/", data, "b"), tried(data.readlink_at, "a"),
                 tried(data.readlink_at, "out"),
                 tried(f.set_times, NewTimestamp_NoChange(), NewTimestamp_Timestamp(Datetime(1, 1 << 31)))]
    """)
    assert told[:7] == [65536, 65536, "INVALID", "INVALID", "INVALID", 0, False]
    assert told[7:20] == [
        *("NO_ENTRY", "INVALID", "INVALID", "NAME_TOO_LONG", "NAME_TOO_LONG", "NOT_PERMITTED"),
        *("NOT_PERMITTED", "NOT_DIRECTORY", *["NOT_PERMITTED"] * 3, "opened", "NO_ENTRY"),
    ]
    assert told[20:23] == ["NOT_PERMITTED", "NO_ENTRY", "INVALID"]
    assert told[23:29] == ["EXIST", "EXIST", "EXIST", "NOT_PERMITTED", "NO_ENTRY", "INVALID"]
    assert told[29:33] == ["INVALID", "NOT_DIRECTORY", "NOT_PERMITTED", "INVALID"]
    assert told[33:36] == ["IS_DIRECTORY", "NOT_DIRECTORY", "IS_DIRECTORY"]
    assert told[36:] == ["INVALID", "NOT_PERMITTED", "NOT_PERMITTED", "INVALID", "../secret", "INVALID"]


async def test_folders_are_listed_however_many_and_odd_their_entries(run: Run, folder: Path) -> None:
    many = {f"name {i}" for i in range(1000)}
    for name in many:
        (folder / "sub" / name).touch()
    (folder / "sub" / "link").symlink_to("name 7")
    (folder / "sub" / os.fsdecode(b"\xff")).touch()
    names, odd, kinds = await run("""
        names, odd, listing = {}, 0, opened("sub").read_directory()
        while (found := tried(listing.read_directory_entry)) is not None:
            if found == "ILLEGAL_BYTE_SEQUENCE":
                odd += 1
            else:
                names[found.name] = found.type.name
        said = [sorted(names), odd, [names["link"], names["name 7"], listing.read_directory_entry()]]
    """)
    assert set(names) == many | {"link"}
    assert (odd, kinds) == (1, ["SYMBOLIC_LINK", "REGULAR_FILE", None])


async def test_a_folder_with_a_pipe_is_refused(run: Run, folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    with pytest.raises(ConfigError, match="holds the pipe"):
        await run("said = []")


async def test_a_pipe_that_appears_later_is_not_opened(platform: Platform, make: Make, folder: Path) -> None:
    function = await make()
    await ask(platform, function, "said = 0")
    os.mkfifo(folder / "pipe")
    result = await ask(
        platform,
        function,
        """said = [opening("pipe"), opening("pipe", O(0), WRITE), opening("pipe", CREATE | O.TRUNCATE, WRITE),
                   data.stat_at(FOLLOW, "pipe").type.name]""",
    )
    assert result.reply is not None
    assert json.loads(result.reply.body) == ["UNSUPPORTED"] * 3 + ["FIFO"]


async def test_only_so_much_may_be_open(run: Run) -> None:
    first, second, again = await run("""
        import gc
        held = []
        while not isinstance(one := tried(opened, "a"), str):
            held.append(one)
        said = [len(held), one]
        held.clear(), gc.collect()
        said.append(opening("a"))
    """)
    assert 200 < first < 256
    assert (second, again) == ("INSUFFICIENT_MEMORY", "opened")


def open_files(folder: Path) -> int:
    """How many descriptors this process has of a folder and what is in it."""
    count = 0
    for fd in os.listdir("/proc/self/fd"):
        try:
            count += os.readlink(f"/proc/self/fd/{fd}").startswith(str(folder))
        except OSError:
            continue
    return count


HOLDING = """
held = [opened("a") for _ in range(20)] + [opened("sub").read_directory()]
held[-1].read_directory_entry()
"""


@pytest.mark.parametrize(
    ("ending", "reason"),
    [
        ("said = 0", None),
        ("raise ValueError", "trap"),
        ("import os; os._exit(3)", "exit"),
        ("while True: pass", "timeout"),
        ("out.write(bytes(1 << 20))", "output"),
    ],
    ids=["returned", "trapped", "left", "out of time", "too much"],
)
async def test_nothing_stays_open_however_it_ends(
    platform: Platform, make: Make, folder: Path, ending: str, reason: str | None
) -> None:
    function = await make(timeout=1.0 if reason == "timeout" else 30.0, max_output=1 << 19)
    result = await ask(platform, function, HOLDING + textwrap.dedent(ending))
    assert (None if result.error is None else result.error.reason) == reason
    await until(lambda: open_files(folder) == 0)


async def test_nothing_stays_open_of_one_that_nobody_waits_for(
    platform: Platform, make: Make, folder: Path
) -> None:
    asking = asyncio.ensure_future(ask(platform, await make(), HOLDING + "while True: pass"))
    await until(lambda: open_files(folder) > 20)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await until(lambda: open_files(folder) == 0)


@pytest.fixture(params=["write", "read"])
def mode(request: pytest.FixtureRequest) -> str:
    """What the file is opened for that is slow to open."""
    chosen: str = request.param
    return chosen


@pytest.fixture
def slow_file(folder: Path, mode: str) -> Iterator[Callable[[], None]]:
    """Has who opens the file `a` wait, as on a disk that hangs, until this is called."""
    told = signal.signal(signal.SIGIO, signal.SIG_IGN)
    fd = os.open(folder / "a", os.O_RDONLY if mode == "write" else os.O_RDWR)
    fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK if mode == "write" else fcntl.F_WRLCK)
    yield lambda: fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    os.close(fd)
    signal.signal(signal.SIGIO, told)


async def test_a_slow_disk_holds_up_nobody_else(
    platform: Platform, make: Make, run: Run, folder: Path, slow_file: Callable[[], None], mode: str
) -> None:
    (folder / "b").write_text("BBB")
    function = await make()
    script = f'opened("a", O(0), {mode.upper()})\nsaid = 1'
    waiting = asyncio.ensure_future(ask(platform, function, script))
    await platform.running(1)
    assert await run('said = opened("b").read(9, 0)[0].decode()') == "BBB"
    assert not waiting.done()
    slow_file()
    result = await waiting
    assert result.reply is not None
    assert result.reply.body == b"1"


async def test_one_killed_while_its_disk_hangs_leaves_nothing_open(
    platform: Platform, make: Make, folder: Path, slow_file: Callable[[], None], mode: str
) -> None:
    before = open_files(folder)
    function = await make(timeout=1.0)
    holding = HOLDING.replace('"a"', '"sub"')
    result = await ask(platform, function, holding + f'opened("a", O(0), {mode.upper()}).write(b"X", 0)')
    assert result.error is not None
    assert result.error.reason == "timeout"
    assert open_files(folder) > before
    slow_file()
    await until(lambda: open_files(folder) == before)
    assert (folder / "a").read_text() == "0123456789"


async def test_quotas_hold(platform: Platform, proxy: Path, folder: Path) -> None:
    mounts = (Mount(str(folder), "/data", quota=64 << 10),)
    function = await platform.function(FunctionConfig(str(proxy), mounts=mounts, timeout=30.0))
    filling = """
    f = opened("much", CREATE, WRITE)
    said = [f.write(bytes(4096), at << 12) for at in range(1000)]
    """
    result = await ask(platform, function, filling)
    assert result.error is not None
    assert result.error.reason == "quota"
    assert (folder / "much").stat().st_size < 1 << 20
    result = await ask(platform, function, 'data.unlink_file_at("much")\nsaid = 1')
    assert result.reply is not None
