"""What is said of file operations that a function's mounts did not allow. Which they were, `engine.denials`
has noted."""

from __future__ import annotations

from collections.abc import Sequence

from gojinn.engine.limits import Mount

ADD = "mount <host folder> <guest folder>"
"""The line that would grant more."""


def advice(mounts: Sequence[Mount]) -> str:
    """Says what to change in the function's block."""
    fixed = " and ".join(f"'{mount.guest}'" for mount in mounts if mount.read_only)
    return f"add '{ADD}' to its block" + (f", or remove 'ro' from {fixed}" if fixed else "")


def complaint(calls: Sequence[str], mounts: Sequence[Mount]) -> str:
    """Tells what was denied, what there is, and how to get more."""
    which = " and ".join(f"'{call}'" for call in calls)
    held = " and ".join(f"'{mount.guest}'" + " read-only" * mount.read_only for mount in mounts)
    return f"file operation denied: {which} went beyond its mounts ({held}): {advice(mounts)}"
