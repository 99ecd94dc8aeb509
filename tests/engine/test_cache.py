"""The compile cache: what is compiled again, broken entries, broken compilers, many at once."""

import asyncio
import os
import sys
import time
from pathlib import Path

import pytest

from gojinn.engine.cache import CompileCache, Compiled
from gojinn.engine.capi import WasmtimeError
from gojinn.engine.compile import Job
from gojinn.engine.compilers import CompilerDied, CompilerProcess, python_path
from gojinn.engine.configuration import open_engine
from gojinn.engine.entries import SUFFIX, entry_name
from gojinn.engine.host import LinkError
from gojinn.engine.index import Index, load_index, save_index
from gojinn.engine.inspect import inspect_module
from gojinn.engine.modules import loaded
from gojinn.engine.settings import EngineSettings
from gojinn.engine.source import identify
from gojinn.errors import ModuleError
from gojinn.testing.guests import distinct, guest, many_functions, wat
from gojinn.testing.work import counted

pytestmark = pytest.mark.slow


class Count:
    """How many modules had to be compiled."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, int, str]] = []

    def __call__(self, done: int, total: int, path: str) -> None:
        self.calls.append((done, total, path))


@pytest.fixture
def cache(tmp_path: Path) -> CompileCache:
    return CompileCache(tmp_path / "cache")


@pytest.fixture
def module(tmp_path: Path) -> str:
    """A module's file that is older than the clock's granularity."""
    return written(tmp_path / "m.wasm", distinct(1))


@pytest.fixture(scope="module")
def engine() -> int:
    """Of other sizes than the compilers know."""
    return open_engine(EngineSettings(slots=10, wasm_stack=1 << 20, fiber_stack=4 << 20), metered=False)


def written(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return str(path)


def spoil(path: Path, content: bytes) -> None:
    path.chmod(0o600)
    path.write_bytes(content)


async def loads(cache: CompileCache, compiled: Compiled, engine: int) -> bool:
    """Whether wasmtime takes the entry."""

    def use(file: str) -> bool:
        with loaded(engine, file) as module:
            return module != 0

    return await cache.load(compiled, use)


def trust(cache: CompileCache, path: str) -> None:
    """Makes the index believe that the file was read long after its last change."""
    index = load_index(cache.index_file, cache.entries.seal)
    reading = index.readings[path]
    info = index.infos[reading.info]
    index.note(path, reading.identity, time.time_ns() + 10**10, reading.digest.hex(), info)
    save_index(cache.index_file, cache.entries.seal, index)


async def test_a_compiled_module_loads(cache, module, engine):
    compiled = (await cache.compile([module]))[module]
    assert compiled.path.exists()
    assert compiled.info == inspect_module(distinct(1), "m")
    assert await loads(cache, compiled, engine)


async def test_progress_counts_what_is_compiled(cache, tmp_path):
    paths = [written(tmp_path / f"{i}.wasm", distinct(i)) for i in range(3)]
    count = Count()
    await cache.compile(paths, progress=count)
    assert [call[:2] for call in count.calls] == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert {call[2] for call in count.calls[1:]} == set(paths)


async def test_a_known_module_is_not_compiled_again(cache, module, tmp_path):
    await cache.compile([module])
    count = Count()
    again = await CompileCache(tmp_path / "cache").compile([module], progress=count)
    assert again[module].path.exists()
    assert not count.calls


async def test_a_module_that_was_only_touched_is_not_compiled_again(cache, module):
    await cache.compile([module])
    trust(cache, module)
    os.utime(module)
    count = Count()
    await cache.compile([module], progress=count)
    assert not count.calls


async def test_changed_content_is_compiled_again(cache, module):
    first = (await cache.compile([module]))[module]
    trust(cache, module)
    before = os.stat(module)
    written(Path(module), distinct(2))
    os.utime(module, ns=(before.st_atime_ns, before.st_mtime_ns))
    second = (await cache.compile([module]))[module]
    assert second.sha256 != first.sha256


async def test_equal_content_elsewhere_shares_the_entry(cache, module, tmp_path):
    other = written(tmp_path / "other.wasm", distinct(1))
    compiled = await cache.compile([module, other])
    assert compiled[module].path == compiled[other].path


async def test_metered_and_plain_code_are_two_entries(cache, module):
    plain = (await cache.compile([module]))[module]
    metered = (await cache.compile([module], metered={module}))[module]
    assert plain.path != metered.path
    assert plain.path.exists()
    assert metered.path.exists()


async def test_without_an_index_the_entry_is_found_by_content(cache, module):
    compiled = (await cache.compile([module]))[module]
    built = compiled.path.stat().st_mtime_ns
    cache.index_file.unlink()
    assert await cache.compile([module]) == {module: compiled}
    assert compiled.path.stat().st_mtime_ns == built


@pytest.mark.parametrize("content", [b"", b"\0" * 500, b"\x81" * 40])
async def test_a_damaged_index_is_forgotten(cache, module, content):
    compiled = (await cache.compile([module]))[module]
    spoil(cache.index_file, content)
    assert await CompileCache(cache.entries.root).compile([module]) == {module: compiled}


def cut(code: bytes) -> bytes:
    return code[: len(code) // 2]


def flipped(code: bytes) -> bytes:
    return code[:2000] + bytes([code[2000] ^ 0x10]) + code[2001:]


@pytest.mark.parametrize("damage", [cut, flipped, lambda code: b"", lambda code: b"\x7fELF" * 100])
async def test_a_damaged_entry_is_built_again(cache, module, engine, damage):
    compiled = (await cache.compile([module]))[module]
    spoil(compiled.path, damage(compiled.path.read_bytes()))
    assert await loads(cache, compiled, engine)
    with cache.entries.opened(compiled.name):
        pass


async def test_a_missing_entry_is_built_again(cache, module, engine):
    compiled = (await cache.compile([module]))[module]
    compiled.path.unlink()
    assert await loads(cache, compiled, engine)


async def test_an_entry_in_the_place_of_another_is_built_again(cache, module, engine, tmp_path):
    other = written(tmp_path / "other.wasm", distinct(2))
    compiled = await cache.compile([module, other])
    right = compiled[module].path.read_bytes()
    spoil(compiled[module].path, compiled[other].path.read_bytes())
    assert await loads(cache, compiled[module], engine)
    assert compiled[module].path.read_bytes() == right


async def test_sealed_code_that_wasmtime_refuses_is_built_again(cache, module, engine):
    compiled = (await cache.compile([module]))[module]
    cache.entries.write(compiled.name, b"\x7fELF of another release" * 100)
    assert await loads(cache, compiled, engine)


async def test_code_that_is_always_refused_is_built_again_once(cache, module):
    compiled = (await cache.compile([module]))[module]
    builds = []

    def refuse(file: str) -> None:
        builds.append(os.stat(file).st_ino)
        raise ModuleError("refused") from WasmtimeError("too large for the pool")

    for _ in range(3):
        with pytest.raises(ModuleError, match="refused"):
            await cache.load(compiled, refuse)
    assert len(builds) == 4


async def test_a_module_that_cannot_be_linked_is_not_built_again(cache, module):
    compiled = (await cache.compile([module]))[module]
    inode = compiled.path.stat().st_ino

    def refuse(file: str) -> None:
        raise LinkError("no such import") from WasmtimeError("unknown import")

    with pytest.raises(LinkError):
        await cache.load(compiled, refuse)
    assert compiled.path.stat().st_ino == inode


async def test_code_for_another_module_is_not_taken_for_a_lost_one(cache, module, engine):
    compiled = (await cache.compile([module]))[module]
    compiled.path.unlink()
    written(Path(module), distinct(2))
    with pytest.raises(ModuleError, match="has changed since"):
        await loads(cache, compiled, engine)


PROGRAM = '(module (func (export "_start")))'
NEWER = '(component (type (future u8)) (instance $run) (export "wasi:cli/run@0.2.0" (instance $run)))'


async def test_each_bad_module_has_its_error(cache, module, tmp_path):
    text = written(tmp_path / "t.wasm", b"(module)")
    invalid = written(tmp_path / "i.wasm", wat(PROGRAM).replace(b"\0\x0b", b"\0\x1a"))
    threads = written(tmp_path / "p.wasm", wat(PROGRAM.replace("(func", "(memory 1 1 shared) (func")))
    newer = written(tmp_path / "n.wasm", wat(NEWER))
    gone = str(tmp_path / "gone.wasm")
    results = await cache.compile_each([text, module, invalid, threads, newer, gone])
    assert isinstance(results[module], Compiled)
    assert "is WebAssembly text" in str(results[text])
    assert "does not compile" in str(results[invalid])
    assert "build it without threads" in (results[threads].hint or "")
    assert "build it for WASI 0.2" in (results[newer].hint or "")
    assert "no such file" in str(results[gone])


async def test_what_cannot_be_entered_is_not_compiled(cache, tmp_path):
    library = written(tmp_path / "l.wasm", wat('(module (func (export "main")))'))
    component = written(tmp_path / "c.wasm", wat("(component)"))
    results = await cache.compile_each([library, component])
    assert "does not export '_start'" in str(results[library])
    assert "is a component that exports neither" in str(results[component])
    assert not [name for name in cache.entries.names() if name.endswith(SUFFIX)]


async def test_compile_raises_the_first_error(cache, module, tmp_path):
    text = written(tmp_path / "t.wasm", b"(module)")
    with pytest.raises(ModuleError, match="is WebAssembly text"):
        await cache.compile([module, text])


async def test_fifty_thousand_functions_compile(cache, tmp_path):
    path = written(tmp_path / "m.wasm", many_functions(50_000))
    assert (await cache.compile([path]))[path].path.exists()


async def test_a_compiler_out_of_memory_costs_only_its_module(tmp_path, module):
    cache = CompileCache(tmp_path / "cache", compiler_memory=160 << 20)
    heavy = [written(tmp_path / f"h{i}.wasm", many_functions(60_000 + i)) for i in range(2)]
    results = await cache.compile_each([*heavy, module])
    assert all("needs more memory than 160 MiB" in str(results[path]) for path in heavy)
    assert isinstance(results[module], Compiled)


async def test_a_compiler_that_hangs_is_ended(cache, tmp_path):
    path = written(tmp_path / "m.wasm", many_functions(50_000))
    async with CompilerProcess(cache.entries.root, 1 << 30, threads=1) as process:
        with pytest.raises(CompilerDied, match="takes longer than 0 s"):
            await process.answer(Job(path, metered=False), 0.1)
    assert process.process.returncode is not None


async def test_a_killed_compiler_is_reported(cache, module):
    async with CompilerProcess(cache.entries.root, 1 << 30, threads=1) as process:
        process.process.terminate()
        await process.process.wait()
        with pytest.raises(CompilerDied, match="SIGTERM"):
            await process.answer(Job(module, metered=False), 10)


async def test_a_compiler_dies_with_its_starter(cache, tmp_path):
    script = f"""
import asyncio, os
from pathlib import Path
from gojinn.engine.compilers import CompilerProcess

async def main():
    async with CompilerProcess(Path({str(cache.entries.root)!r}), 1 << 30, threads=1) as process:
        print(process.process.pid, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""
    starter = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE, env={"PYTHONPATH": python_path()}
    )
    assert starter.stdout is not None
    compiler = int(await starter.stdout.readline())
    starter.kill()
    await starter.wait()
    deadline = time.monotonic() + 10
    while state(compiler) != "Z":
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


def state(pid: int) -> str:
    """Of a process, as `ps` shows it; one that is gone counts as a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "Z"


async def test_cancelling_leaves_no_process(cache, module, tmp_path):
    slow = [written(tmp_path / f"{i}.wasm", many_functions(50_000 + i)) for i in range(2)]
    before = children()
    task = asyncio.create_task(
        cache.compile([module, *slow], progress=lambda done, *_: bool(done and task.cancel()))
    )
    with pytest.raises(asyncio.CancelledError):
        await task
    assert children() == before


def children() -> set[str]:
    tasks = Path("/proc/self/task").iterdir()
    return {child for task in tasks for child in (task / "children").read_text().split()}


async def test_processes_that_compile_at_once_all_succeed(tmp_path, module, engine):
    caches = [CompileCache(tmp_path / "cache") for _ in range(4)]
    results = await asyncio.gather(*(cache.compile([module]) for cache in caches))
    assert len({compiled[module] for compiled in results}) == 1
    assert await loads(caches[0], results[0][module], engine)
    assert not [name for name in caches[0].entries.names() if name.endswith(".tmp")]


async def test_the_longest_unused_entries_are_pruned(cache, tmp_path):
    paths = [written(tmp_path / f"{i}.wasm", distinct(i)) for i in range(4)]
    compiled = await cache.compile(paths)
    for age, path in enumerate(paths):
        os.utime(compiled[path].path, (1000 + age, 1000 + age))
    size = compiled[paths[0]].path.stat().st_size
    cache.entries.prune(cache.index_file.stat().st_size + 2 * size + size // 2, {compiled[paths[0]].name})
    assert [compiled[path].path.exists() for path in paths] == [True, False, False, True]


async def test_using_an_entry_makes_it_young(cache, module, engine):
    compiled = (await cache.compile([module]))[module]
    os.utime(compiled.path, (1000, 1000))
    assert await loads(cache, compiled, engine)
    assert compiled.path.stat().st_mtime > time.time() - 60


async def test_what_crashed_writers_left_is_pruned(cache):
    (cache.entries.folder / ".dead.tmp").write_bytes(b"x")
    (cache.entries.folder / ".alive.tmp").write_bytes(b"x")
    os.utime(cache.entries.folder / ".dead.tmp", (1000, 1000))
    cache.entries.prune(1 << 30, ())
    assert os.listdir(cache.entries.folder) == [".alive.tmp"]


async def test_ten_thousand_known_modules_are_looked_up_in_a_few_steps_each(cache, tmp_path):
    paths = [written(tmp_path / f"{i}.wasm", b"%d" % i) for i in range(10_000)]
    info, index = inspect_module(guest("empty").read_bytes(), "m"), Index()
    for i, path in enumerate(paths):
        digest = f"{i:064x}"
        index.note(path, identify(path), time.time_ns() + 10**10, digest, info)
        (cache.entries.folder / entry_name(digest, metered=False)).touch()
    save_index(cache.index_file, cache.entries.seal, index)
    fresh = CompileCache(cache.entries.root)
    count = Count()
    with counted() as work:
        results = await fresh.compile(paths, progress=count)
    assert work.calls < 50 * len(paths)
    assert len(results) == 10_000
    assert not count.calls
