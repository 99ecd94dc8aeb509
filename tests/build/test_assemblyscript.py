"""What programs in AssemblyScript find without importing it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gojinn.build.compile import build
from gojinn.build.languages import read
from gojinn.cli.guest import function_opened, invocation
from gojinn.errors import BuildError
from gojinn.functions.config import FunctionConfig
from gojinn.testing.tools import install_packages

pytestmark = [pytest.mark.slow, pytest.mark.toolchain]

SOURCE = """
export function _start(): void {
  const number = Math.random();
  console.log(number >= 0 && number < 1 ? "random" : "not random");
  console.error(new Date(Date.now()).toISOString().substring(0, 2));
  throw new Error("it broke");
}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    install_packages()
    (tmp_path / "asconfig.json").write_text("{}")
    return tmp_path


async def test_globals_work_without_the_sdk_and_errors_have_their_place(folder: Path) -> None:
    (folder / "main.ts").write_text(SOURCE)
    output = (await build(read(folder))).project.output
    async with function_opened(FunctionConfig(str(output))) as (runner, function):
        result = await runner.run(invocation(function, "GET", "/", (), b""))
    said = [record.text for record in result.log]
    assert said[:3] == ["random", "20", "it broke in main.ts:6"]
    assert any("main/_start" in line for line in said)


async def test_a_program_without_a_start_is_refused(folder: Path) -> None:
    (folder / "main.ts").write_text("export function other(): void {}")
    with pytest.raises(BuildError, match="not complete") as caught:
        await build(read(folder))
    assert "_start" in str(caught.value.hint)
