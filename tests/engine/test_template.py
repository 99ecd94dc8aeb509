"""Native code that snapshots of one module have in common: compiled once, and the same as if each were."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gojinn.engine.compile import Compiler, Done, Job, work
from gojinn.engine.driver import Engine
from gojinn.engine.entries import Entries
from gojinn.engine.freeze import MARK, SPARSE
from gojinn.engine.limits import ProgramSpec
from gojinn.engine.rewrite import sized
from gojinn.engine.settings import EngineSettings
from gojinn.engine.snapshot import Preparation, snapshot
from gojinn.engine.template import parted, template
from gojinn.testing.guests import wat

pytestmark = pytest.mark.slow

READER = """(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1 %s)
  (data (i32.const 5000) "\\88\\13\\00\\00\\00\\01\\00\\00")
  (data $passive "passive")
  (global $length (mut i32) (i32.const 0))
  (global $long (mut i64) (i64.const 2))
  (global $double (mut f64) (f64.const 3))
  (global $float (mut f32) (f32.const 4))
  (func (export "prepare")
    (drop (call $read (i32.const 0) (i32.const 5000) (i32.const 1) (i32.const 6000)))
    (global.set $length (i32.load (i32.const 6000)))
    (global.set $long (i64.const -9000000000))
    (global.set $double (f64.const -1.5))
    (global.set $float (f32.const 0.25)))
  (func (export "_start")
    (memory.init $passive (i32.const 300) (i32.const 0) (i32.const 7))
    (call $exit (i32.add
      (i32.add (i32.load8_u (i32.const 5000)) (global.get $length))
      (i32.and
        (i32.and (i64.eq (global.get $long) (i64.const -9000000000))
                 (i32.eq (i32.load8_u (i32.const 300)) (i32.const 0x70)))
        (i32.and (f64.eq (global.get $double) (f64.const -1.5))
                 (f32.eq (global.get $float) (f32.const 0.25))))))))"""
"""Keeps what it reads at 5000, and its length in a global; ends with the first byte, the length and 1."""


class Counting(Compiler):
    """Counts what it compiles."""

    calls = 0

    def compile(self, data: bytes, name: str, *, metered: bool) -> bytes:
        self.calls += 1
        return super().compile(data, name, metered=metered)


def made(text: bytes, most: str = "") -> bytes:
    """The module that has read a text."""
    return snapshot(wat(READER % most), "reader", Preparation("prepare", text, alike=True))[0]


@pytest.fixture
def entries(tmp_path: Path) -> Entries:
    return Entries(tmp_path / "cache")


@pytest.fixture
def compiler() -> Counting:
    return Counting(EngineSettings())


def compiled_all(modules: list[bytes], folder: Path, entries: Entries, compiler: Compiler) -> None:
    for number, module in enumerate(modules):
        path = folder / f"{number}.wasm"
        path.write_bytes(module)
        assert isinstance(work(Job(str(path), False), entries, compiler), Done)


@pytest.mark.parametrize("metered", [False, True])
def test_native_code_is_as_if_compiled_byte_for_byte(compiler: Counting, metered: bool) -> None:
    one, other = made(b"A"), made(b"Bcd" * 60)
    first, second = parted(one), parted(other)
    assert first is not None
    assert second is not None
    assert first.key == second.key
    common = compiler.compile(template(one, first), "template", metered=metered)
    for module, parts in ((one, first), (other, second)):
        assert parts.filled(common) == compiler.compile(module, "module", metered=metered)


def test_alike_modules_are_compiled_once(tmp_path: Path, entries: Entries, compiler: Counting) -> None:
    compiled_all([made(text) for text in (b"A", b"B", b"C")], tmp_path, entries, compiler)
    assert compiler.calls == 1
    assert len([name for name in entries.names() if "template" in name]) == 1


def test_a_damaged_template_is_made_again(tmp_path: Path, entries: Entries, compiler: Counting) -> None:
    compiled_all([made(b"A")], tmp_path, entries, compiler)
    path = next(entries.folder.glob("*template*"))
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1])
    compiled_all([made(b"B")], tmp_path, entries, compiler)
    assert compiler.calls == 2


@pytest.mark.parametrize("most", ["", "1"])
async def test_each_begins_with_its_own_memory_and_globals(compiled: Callable[..., Path], most: str) -> None:
    engine = Engine(EngineSettings(slots=1))
    for text in (b"A", b"Bcd"):
        outcome = await engine.invoke(
            engine.load(compiled(made(text, most)), ProgramSpec(), ()), b"", timeout=60
        )
        assert outcome.exit_code == text[0] + len(text) + 1, outcome
    engine.close()


def test_modules_of_other_code_are_not_alike() -> None:
    one, other = parted(made(b"A")), parted(made(b"A", "99"))
    assert one is not None
    assert other is not None
    assert one.key != other.key


def marked(module: bytes) -> bytes:
    return module + b"\0" + sized(sized(MARK))


def forged(content: str = "") -> bytes:
    """A program that says that it is a snapshot."""
    return marked(wat(f'(module (func (export "_start")) {content})'))


FORGED = {
    "no memory": forged(),
    "empty": forged('(memory 1) (data (i32.const 0) "") (data (i32.const 8) "\\00")'),
    "place to calculate": forged('(memory 1) (data (i32.add (i32.const 8) (i32.const 1)) "x")'),
    "passive behind active": forged('(memory 1) (data (i32.const 8) "x") (data "y")'),
    "far away": forged(f'(memory 65536) (data (i32.const 8) "x") (data (i32.const {SPARSE + 65536}) "x")'),
    "at the very end": forged('(memory 65536) (data (i32.const 8) "x") (data (i32.const -1) "x")'),
}


@pytest.mark.parametrize("name", FORGED)
def test_what_only_claims_to_be_a_snapshot_is_compiled_as_any_other(
    name: str, tmp_path: Path, entries: Entries, compiler: Counting
) -> None:
    assert parted(FORGED[name]) is None
    compiled_all([FORGED[name]], tmp_path, entries, compiler)
    assert compiler.calls == 1


def test_a_cut_module_is_none_of_several() -> None:
    module = made(b"A")
    start = module.index(MARK) + len(MARK)
    for end in range(start, len(module)):
        assert parted(module[:end]) is None


def test_a_module_whose_memory_is_copied_is_compiled_itself(
    tmp_path: Path, entries: Entries, compiler: Counting
) -> None:
    """Out of bounds: wasmtime refuses it when it begins, and makes no image of its memory."""
    module = forged('(memory 1) (data (i32.const 65530) "more than there is")')
    compiled_all([module], tmp_path, entries, compiler)
    assert compiler.calls == 2


def test_a_template_is_made_by_one_process_at_a_time(entries: Entries) -> None:
    code = (
        "import sys; from pathlib import Path; from gojinn.engine.entries import Entries\n"
        "with Entries(Path(sys.argv[1])).alone('name'): print('mine')"
    )
    argv = [sys.executable, "-c", code, str(entries.root)]
    with entries.alone("another name"):
        assert subprocess.run(argv, check=True, capture_output=True, timeout=60).stdout == b"mine\n"
    with entries.alone("name"):
        other = subprocess.Popen(argv, stdout=subprocess.PIPE)
        while not waits(other.pid):
            assert other.poll() is None
    assert other.communicate(timeout=60)[0] == b"mine\n"


def waits(pid: int) -> bool:
    """Whether a process waits for a lock."""
    lines = Path("/proc/locks").read_text().splitlines()
    return any("->" in line and str(pid) in line.split() for line in lines)
