"""Running a compiler: success, refusal, cancellation. A shell script on PATH stands where `go` does."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from gojinn.build import compile
from gojinn.build.compile import rebuild
from gojinn.errors import BuildError

MANIFEST = 'name = "hi"\nlanguage = "go"\nsource = "."\noutput = "hi.wasm"\n'
WRITES = 'while [ "$1" != -o ]; do shift; done; printf "\\0asm\\1\\0\\0\\0" > "$2"; echo ran >> runs'


class Workshop:
    """A project, and a compiler that does what a test tells it."""

    def __init__(self, folder: Path, path: Path) -> None:
        self.folder = folder
        self.compiler = path / "go"
        (folder / "gojinn.toml").write_text(MANIFEST)
        (folder / "main.go").write_text("package main\n")
        self.compiler_does(WRITES)

    def compiler_does(self, script: str) -> None:
        self.compiler.write_text(f"#!/bin/sh\n{script}\n")
        self.compiler.chmod(0o755)

    def runs(self) -> int:
        return len((self.folder / "runs").read_text().splitlines())


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    folder, path = tmp_path / "project", tmp_path / "bin"
    folder.mkdir()
    path.mkdir()
    monkeypatch.setenv("PATH", str(path), prepend=os.pathsep)
    return Workshop(folder, path)


async def test_builds_the_module(workshop: Workshop) -> None:
    built = await rebuild(workshop.folder)
    assert built.fresh
    assert built.project.output.read_bytes() == b"\0asm\1\0\0\0"
    assert built.size == 8


async def test_unchanged_sources_are_not_compiled_again(workshop: Workshop) -> None:
    await rebuild(workshop.folder)
    built = await rebuild(workshop.folder)
    assert not built.fresh
    assert workshop.runs() == 1


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """A folder on another file system."""
    with TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


async def test_an_output_may_be_on_another_file_system(workshop: Workshop, elsewhere: Path) -> None:
    (workshop.folder / "gojinn.toml").write_text(MANIFEST.replace("hi.wasm", f"{elsewhere}/hi.wasm"))
    assert (await rebuild(workshop.folder)).fresh
    assert os.listdir(elsewhere) == ["hi.wasm"]
    assert (elsewhere / "hi.wasm").read_bytes().startswith(b"\0asm")


async def test_an_output_that_is_a_folder_is_told(workshop: Workshop) -> None:
    (workshop.folder / "hi.wasm").mkdir()
    with pytest.raises(BuildError, match=f"'{workshop.folder / 'hi.wasm'}': is a directory"):
        await rebuild(workshop.folder)


@pytest.mark.parametrize("name", ["main.go", "gojinn.toml", "deep/more.go"])
async def test_a_changed_source_is_compiled_again(workshop: Workshop, name: str) -> None:
    await rebuild(workshop.folder)
    path = workshop.folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text((path.read_text() if path.exists() else "") + "\n")
    assert (await rebuild(workshop.folder)).fresh


async def test_a_replaced_output_is_built_again(workshop: Workshop) -> None:
    output = (await rebuild(workshop.folder)).project.output
    output.write_bytes(b"something else")
    assert (await rebuild(workshop.folder)).fresh
    assert output.read_bytes().startswith(b"\0asm")


async def test_a_failure_shows_what_the_compiler_said_and_keeps_the_old_module(workshop: Workshop) -> None:
    output = (await rebuild(workshop.folder)).project.output
    (workshop.folder / "main.go").write_text("packag main\n")
    workshop.compiler_does("echo 'main.go:1: no such word' >&2; exit 2")
    with pytest.raises(BuildError) as caught:
        await rebuild(workshop.folder)
    assert caught.value.output == "main.go:1: no such word"
    assert output.read_bytes() == b"\0asm\1\0\0\0"


async def test_compiler_writes_to_the_same_place_every_time(workshop: Workshop) -> None:
    workshop.compiler_does(f'echo "$@" >> asked; {WRITES}')
    for source in ("package main\n", "package main // changed\n"):
        (workshop.folder / "main.go").write_text(source)
        await rebuild(workshop.folder)
    first, second = (workshop.folder / "asked").read_text().splitlines()
    assert first == second


async def test_two_builds_at_once_keep_apart(workshop: Workshop) -> None:
    os.mkfifo(workshop.folder / "go-on")
    workshop.compiler_does(f"cat go-on; {WRITES}")
    slow = asyncio.create_task(rebuild(workshop.folder))
    pipe = await asyncio.to_thread((workshop.folder / "go-on").open, "w")
    workshop.compiler_does(WRITES)
    assert (await rebuild(workshop.folder)).fresh
    pipe.close()
    assert (await slow).fresh
    assert list((workshop.folder / ".gojinn" / "build").iterdir()) == []


async def test_what_a_killed_build_left_is_not_taken_for_a_module(workshop: Workshop) -> None:
    left = workshop.folder / ".gojinn" / "build" / "out"
    left.mkdir(parents=True)
    (left / "hi.wasm").write_bytes(b"\0asm of another time")
    workshop.compiler_does("exit 0")
    with pytest.raises(BuildError, match="no WebAssembly module"):
        await rebuild(workshop.folder)


@pytest.mark.parametrize(
    "script", ["exit 0", WRITES.replace("asm", "elf")], ids=["nothing", "something else"]
)
async def test_output_that_is_no_module_is_refused(workshop: Workshop, script: str) -> None:
    workshop.compiler_does(script)
    with pytest.raises(BuildError, match="no WebAssembly module"):
        await rebuild(workshop.folder)
    assert not (workshop.folder / "hi.wasm").exists()


async def test_debug_data_is_left_out_and_names_are_kept(workshop: Workshop) -> None:
    custom = r"\0\14\13.debug_line\0\11\4namezzzz\0\6\5other"
    workshop.compiler_does(WRITES.replace(r"\0\0\0", rf"\0\0\0{custom}"))
    output = (await rebuild(workshop.folder)).project.output
    assert output.read_bytes() == b"\0asm\1\0\0\0\0\x09\4namezzzz\0\6\5other"


async def test_a_library_is_told_what_makes_it_a_program(workshop: Workshop) -> None:
    workshop.compiler_does(WRITES.replace(r"\0asm\1\0\0\0", "!<arch>"))
    with pytest.raises(BuildError, match="no WebAssembly module") as caught:
        await rebuild(workshop.folder)
    assert "package main" in str(caught.value.hint)


@pytest.mark.toolchain
@pytest.mark.slow
async def test_a_program_without_main_is_refused(workshop: Workshop) -> None:
    (workshop.folder / "gojinn.toml").write_text(MANIFEST.replace('"go"', '"c"').replace('"."', '"main.c"'))
    (workshop.folder / "main.c").write_text("int other(void) { return 0; }")
    with pytest.raises(BuildError, match="not complete") as caught:
        await rebuild(workshop.folder)
    assert "int main(void)" in str(caught.value.hint)


async def test_what_the_system_refuses_is_told(workshop: Workshop) -> None:
    scratch = workshop.folder / ".gojinn"
    scratch.touch()
    with pytest.raises(BuildError, match=f"building 'hi': '{scratch}': file exists"):
        await rebuild(workshop.folder)


async def test_missing_source_is_told(workshop: Workshop) -> None:
    (workshop.folder / "gojinn.toml").write_text(MANIFEST.replace('"."', '"nowhere"'))
    with pytest.raises(BuildError, match="no source"):
        await rebuild(workshop.folder)


async def test_missing_compiler_tells_what_to_install(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workshop.folder / "gojinn.toml").write_text(MANIFEST.replace('"go"', '"rust"'))
    monkeypatch.setenv("PATH", str(workshop.folder))
    with pytest.raises(BuildError, match="no compiler for Rust") as caught:
        await rebuild(workshop.folder)
    assert "wasm32-wasip1" in str(caught.value.hint)


async def test_cancelling_kills_the_compiler_and_what_it_started(workshop: Workshop) -> None:
    os.mkfifo(workshop.folder / "pids")
    workshop.compiler_does('sleep 60 & echo "$$ $!" > pids; wait')
    task = asyncio.create_task(rebuild(workshop.folder))
    pids = (await asyncio.to_thread((workshop.folder / "pids").read_text)).split()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    for pid in pids:
        await gone(int(pid))
    assert list((workshop.folder / ".gojinn" / "build").iterdir()) == []


async def test_a_compiler_that_hangs_is_ended(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compile, "LIMIT", 0.2)
    workshop.compiler_does("sleep 600 & echo $! > child; wait")
    with pytest.raises(BuildError, match="'go' was ended after") as caught:
        await rebuild(workshop.folder)
    assert "waits for" in str(caught.value.hint)
    child = workshop.folder / "child"
    if child.exists() and child.read_text():  # on a slow machine it may have been ended before that
        await gone(int(child.read_text()))
    assert list((workshop.folder / ".gojinn" / "build").iterdir()) == []


def unusual(path: Path, kind: str) -> None:
    """Puts something there that cannot be read as a file."""
    make = {
        "pipe": lambda: os.mkfifo(path),
        "link to nowhere": lambda: path.symlink_to("nowhere"),
        "link to itself": lambda: path.symlink_to(path.name),
        "endless": lambda: path.symlink_to("/dev/zero"),
    }
    make[kind]()


UNUSUAL = ("pipe", "link to nowhere", "link to itself", "endless")


@pytest.mark.parametrize("kind", UNUSUAL)
async def test_what_is_no_file_is_no_source(workshop: Workshop, kind: str) -> None:
    unusual(workshop.folder / "more.go", kind)
    async with asyncio.timeout(60):
        assert (await rebuild(workshop.folder)).fresh
        assert not (await rebuild(workshop.folder)).fresh


@pytest.mark.parametrize("kind", UNUSUAL)
async def test_a_main_file_that_is_no_file_is_told(workshop: Workshop, kind: str) -> None:
    unusual(workshop.folder / "other.go", kind)
    (workshop.folder / "gojinn.toml").write_text(MANIFEST.replace('"."', '"other.go"'))
    async with asyncio.timeout(60):
        with pytest.raises(BuildError, match="no source"):
            await rebuild(workshop.folder)


async def gone(pid: int) -> None:
    """Waits until a process is dead (a killed orphan may be a zombie until init reaps it)."""
    async with asyncio.timeout(5):
        while alive(pid):  # noqa: ASYNC110 - a foreign process gives no event
            await asyncio.sleep(0.01)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
