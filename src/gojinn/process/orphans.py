"""Makes sure that no process outlives its supervisor, however that ends. Stopping in order is `pool`'s."""

from __future__ import annotations

import ctypes
import os
import signal

PR_SET_PDEATHSIG = 1
"""prctl(2), Linux only."""


def die_with_parent(parent: int) -> None:
    """Has the kernel kill this process when its parent, whose pid is given, ends, or at once if it has."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:
        os._exit(1)
