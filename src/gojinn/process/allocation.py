"""How a process of the server keeps memory: what is collected when, what the allocator holds on to.

What guests may take is the engine's.
"""

from __future__ import annotations

import ctypes
import gc
import os

COLLECTOR = (10_000, 20, 100)
"""When the collector looks for cycles. Requests in flight and configurations hold many objects and leave no
cycles behind: with Python's 700 it runs with every round of the loop and finds nothing, at some microseconds
a request."""

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""mallopt(3), glibc only."""
KEPT = 32 << 20
"""Bytes."""
NAMES = {"MALLOC_TRIM_THRESHOLD_": M_TRIM_THRESHOLD, "MALLOC_MMAP_THRESHOLD_": M_MMAP_THRESHOLD}


def collect_rarely() -> None:
    """Sets the collector up, once everything is imported: that stays for ever, and none looks at it again."""
    gc.freeze()
    gc.set_threshold(*COLLECTOR)


def keep_buffers() -> None:
    """Has glibc keep some large buffers for the next guest, whose pages it would else have to make anew while
    everybody waits, and give back what is beyond. By itself it raises both limits with what guests write.

    Limits that the environment sets stay.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for name, parameter in NAMES.items():
            if name not in os.environ:
                mallopt(parameter, KEPT)
