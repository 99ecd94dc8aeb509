import os
import select
import subprocess
import sys
from pathlib import Path

import gojinn

SOURCE = str(Path(gojinn.__file__).parent.parent)

PARENT = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-S", "-c", '''
import sys, os, time
sys.path.insert(0, sys.argv[1])
from gojinn.process.orphans import die_with_parent
die_with_parent(int(sys.argv[2]))
print("ready", flush=True)
time.sleep(60)
''', sys.argv[1], str(os.getpid())])
time.sleep(60)
"""


def test_a_child_ends_with_a_killed_parent() -> None:
    with subprocess.Popen([sys.executable, "-S", "-c", PARENT, SOURCE], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"ready\n"
        parent.kill()
        # The child holds the other end of this pipe: it ends when the child does.
        assert select.select([parent.stdout], [], [], 10)[0]
        assert parent.stdout.read() == b""


def test_a_child_of_a_dead_parent_ends_at_once() -> None:
    code = "from gojinn.process.orphans import die_with_parent; die_with_parent(1); print('still here')"
    env = {**os.environ, "PYTHONPATH": SOURCE}
    ended = subprocess.run([sys.executable, "-S", "-c", code], env=env, capture_output=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, b"")
