"""Engine settings: what would abort the process is refused first."""

import dataclasses
import subprocess
import sys

import pytest

from gojinn.engine.settings import EngineSettings, slots_that_fit
from gojinn.errors import StartError

BAD = {
    "slots": [0, -1, 30_001],
    "metered_slots": [0, 30_001],
    "roomy_slots": [0, 30_001],
    "roomy_keep": [-1, 5 << 30],
    "tick": [0, 0.0001, 2, float("nan")],
    "max_memory": [0, (4 << 30) + 1],
    "max_table": [0, 1 << 40],
    "memory_keep": [-1, 5 << 30],
    "table_keep": [-1, 1 << 40],
    "wasm_stack": [0, 2 << 20, 1 << 40],
    "fiber_stack": [0, 512 << 10, 1 << 40],
}


def test_defaults_are_good() -> None:
    EngineSettings().check()


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, bad in BAD.items() for value in bad])
def test_bad_value_is_refused_by_name(name: str, value: float) -> None:
    settings = dataclasses.replace(EngineSettings(), **{name: value})  # type: ignore[arg-type]
    with pytest.raises(StartError, match="engine setting"):
        settings.check()


def test_slots_leave_mappings_for_the_rest() -> None:
    assert 1 <= slots_that_fit() <= 10_000


@pytest.mark.slow
@pytest.mark.parametrize(
    "bad",
    ["wasm_stack=4 << 20", "max_memory=8 << 30", "fiber_stack=4096", "memory_keep=1 << 50"],
)
def test_engine_is_not_opened_with_what_aborts_wasmtime(bad: str) -> None:
    # In a process of its own: without the check it would be gone.
    code = f"""
from gojinn.engine.configuration import open_engine
from gojinn.engine.settings import EngineSettings
from gojinn.errors import StartError
try:
    open_engine(EngineSettings({bad}), metered=False)
except StartError as error:
    print("refused:", error)
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (result.returncode, result.stdout[:8]) == (0, "refused:"), result.stderr
