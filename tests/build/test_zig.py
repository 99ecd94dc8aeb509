"""Building Zig with the compiler from the wheel."""

from pathlib import Path

import pytest

from gojinn.build.compile import build, rebuild
from gojinn.build.languages import read

MANIFEST = 'name = "hi"\nlanguage = "zig"\nsource = "main.zig"\noutput = "hi.wasm"\n'


@pytest.mark.slow
@pytest.mark.toolchain
async def test_a_draft_gives_way_to_the_real_module(tmp_path: Path) -> None:
    (tmp_path / "gojinn.toml").write_text(MANIFEST)
    (tmp_path / "main.zig").write_text('pub fn main() void { @import("std").debug.print("hi", .{}); }')
    draft = await rebuild(tmp_path)
    project = read(tmp_path)
    real = await build(project)
    assert real.fresh
    assert real.size < draft.size / 2
    assert not (await build(project)).fresh
