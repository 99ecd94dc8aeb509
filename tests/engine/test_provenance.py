"""What native code depends on: the sources of everything that has a part in making it."""

from __future__ import annotations

import subprocess
import sys

from gojinn.engine.provenance import MAKER, PACKAGE, fingerprint, sources

LOADED = """
import sys
import gojinn.engine.compile
print(*(module.__file__ for name, module in sys.modules.items() if name.startswith('gojinn.engine.')))
"""


def test_all_that_the_compiling_process_loads_counts() -> None:
    run = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    packages = {str(path) for path in PACKAGE.glob("*/__init__.py")}
    found = {str(path) for path in sources(MAKER)}
    assert found >= set(run.stdout.split()) - packages
    assert str(PACKAGE / "components" / "widening.py") in found


def test_serving_does_not_count() -> None:
    """Else each change of the engine would compile all modules anew."""
    assert not {PACKAGE / "driver.py", PACKAGE / "core.py"} & sources(MAKER).keys()


def test_it_is_the_same_each_time() -> None:
    assert fingerprint() == fingerprint()
