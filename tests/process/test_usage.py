import os
import subprocess
import sys

from gojinn.process.usage import usage


def test_a_running_process_has_memory_and_time() -> None:
    found = usage(os.getpid())
    assert found is not None
    assert found.rss > 1 << 20
    assert found.cpu > 0


def test_a_process_that_has_ended_has_none() -> None:
    child = subprocess.run(
        [sys.executable, "-S", "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    assert usage(int(child.stdout)) is None
