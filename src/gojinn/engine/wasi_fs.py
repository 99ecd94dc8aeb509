"""Guests with mounts: wasmtime's own WASI, given folders, stdin bytes and two files in memory for output.
What of it is not used stands in `link`.

wasmtime confines a guest to its folders (openat2 with RESOLVE_BENEATH: no `..`, no absolute path, no symbolic
link leads out). What it does not do is wait without stopping the event loop: sleeping is therefore served by
`poll`, folders that hold pipes or devices as a program is loaded are refused, and `pipes` frees a worker that
comes across one later.
"""

from __future__ import annotations

import ctypes
import os
import stat
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from gojinn.engine.capi import ByteVec, capi
from gojinn.engine.limits import Limits, Mount, ProgramSpec
from gojinn.engine.outcome import STDERR, End, Outcome
from gojinn.engine.pipes import PIPES, entries
from gojinn.engine.quota import Ration, Usage
from gojinn.engine.recorder import Recorder
from gojinn.errors import ConfigError, Unavailable

STDERR_SLACK = 1 << 20
"""Bytes that stderr may be ahead of its limit before they are thrown away."""
LOOKED_AT = 10_000
"""Entries of a folder that are looked at for pipes and devices (about 10 ms)."""
MOST_USAGES = 1000
"""Folders whose use is remembered for one program."""
SHARED_MEMORY = Path("/dev/shm")
KERNEL_FOLDERS = tuple(Path(folder) for folder in ("/proc", "/sys", "/dev"))


class WasiFiles:
    """A program's mounts as wasmtime's WASI wants them.

    Raises ConfigError for a mount that cannot be served.
    """

    def __init__(self, spec: ProgramSpec) -> None:
        check_mounts(spec.mounts)
        self.limits = spec.limits
        self.mounts = spec.mounts
        self.usages: OrderedDict[str, Usage] = OrderedDict()
        """Of the folders with quotas that were used lately."""

    def open(self, stdin: bytes, context: Any) -> WasiSession:
        """Prepares an invocation. Raises Unavailable when a tenant's folder cannot be made."""
        return WasiSession(self, stdin, [folder_of(mount, context) for mount in self.mounts])

    def usage(self, folder: str) -> Usage:
        """Finds what is known of a folder's use."""
        found = self.usages.get(folder)
        if found is None:
            if len(self.usages) >= MOST_USAGES:
                self.usages.popitem(last=False)
            found = self.usages[folder] = Usage(folder)
        self.usages.move_to_end(folder)
        return found


class WasiSession:
    """One invocation's input and output."""

    def __init__(self, files: WasiFiles, stdin: bytes, folders: Sequence[str]) -> None:
        self.files = files
        self.stdin = stdin
        self.folders = folders
        """Of its mounts, in their order."""
        self.rations = [
            Ration(files.usage(folder), mount.quota, mount.guest)
            for mount, folder in zip(files.mounts, folders, strict=True)
            if mount.quota is not None
        ]
        self.stdout = os.memfd_create("gojinn-stdout", os.MFD_CLOEXEC)
        self.stderr = os.memfd_create("gojinn-stderr", os.MFD_CLOEXEC)

    def config(self) -> int:
        """A new `wasi_config_t`, owned by whoever asked. Raises Unavailable when a mount is gone."""
        api, files = capi(), self.files
        config: int = api.wasi_config_new()
        try:
            accept(api.wasi_config_set_stdout_file(config, own_file(self.stdout)), "stdout")
            accept(api.wasi_config_set_stderr_file(config, own_file(self.stderr)), "stderr")
            for mount, folder in zip(files.mounts, self.folders, strict=True):
                path, guest = os.fsencode(folder), mount.guest.encode()
                opened = api.wasi_config_preopen_dir(config, path, guest, not mount.read_only)
                accept(opened, f"mount '{folder}'")
        except BaseException:
            api.wasi_config_delete(config)
            raise
        stdin = ByteVec()
        api.wasm_byte_vec_new(ctypes.byref(stdin), len(self.stdin), self.stdin)
        api.wasi_config_set_stdin_bytes(config, ctypes.byref(stdin))
        self.begin()
        return config

    def begin(self) -> None:
        """A slice begins: it may hang in opening a pipe."""
        PIPES.enter(self.folders)

    def passed(self) -> End | None:
        """Which limit on what it writes the guest has passed. Frees what stderr has too much, too: it is not
        kept."""
        PIPES.leave()
        limits = self.files.limits
        if os.fstat(self.stderr).st_blocks * 512 > limits.log + STDERR_SLACK:
            os.ftruncate(self.stderr, limits.log + 1)
        if os.fstat(self.stdout).st_size > limits.output:
            return End.OUTPUT
        return End.QUOTA if any(ration.passed() for ration in self.rations) else None

    def complete(self, outcome: Outcome) -> Outcome:
        """Puts stdout and stderr into the outcome, and as its end the limit that was passed."""
        PIPES.leave()
        limits = self.files.limits
        outcome.stdout = os.pread(self.stdout, limits.output, 0)
        outcome.log = with_stderr(outcome.log, os.pread(self.stderr, limits.log + 1, 0), limits)
        if os.fstat(self.stdout).st_size > limits.output:
            outcome.end, outcome.exit_code, outcome.trap = End.OUTPUT, 0, ""
        elif any(ration.passed(certainly=True) for ration in self.rations):
            outcome.end, outcome.exit_code, outcome.trap = End.QUOTA, 0, ""
        return outcome

    def close(self) -> None:
        """Closes the files."""
        PIPES.leave()
        os.close(self.stdout)
        os.close(self.stderr)


def accept(accepted: bool, what: str) -> None:
    if not accepted:
        raise Unavailable(f"the function's {what} cannot be opened", hint="look at the folder on the server")


def own_file(fd: int) -> bytes:
    """A path to an open file; opening it for output empties it."""
    return b"/proc/self/fd/%d" % fd


def with_stderr(log: bytes, text: bytes, limits: Limits) -> bytes:
    """The log with what came through stderr behind it: how the two interleaved is not known."""
    recorder = Recorder(limits.log)
    recorder.data += log
    recorder.full = len(log) > limits.log
    recorder.append(STDERR, text)
    return bytes(recorder.data)


def check_mounts(mounts: Sequence[Mount]) -> None:
    """Raises ConfigError for the first mount that cannot be served."""
    seen: set[str] = set()
    for mount in mounts:
        if not usable(mount.guest) or "\0" in mount.host:
            raise ConfigError(f"mount of '{mount.host}' has no usable name in the guest")
        if mount.guest in seen:
            raise ConfigError(f"mount '{mount.guest}' is given twice")
        seen.add(mount.guest)
        check_folder(mount)


def usable(name: str) -> bool:
    """Whether a folder can be called that: by a text that C can express."""
    try:
        return bool(name) and b"\0" not in name.encode()
    except UnicodeEncodeError:
        return False


def folder_of(mount: Mount, context: Any) -> str:
    """The folder of a mount for an invocation. Raises Unavailable when a tenant's cannot be made."""
    if not mount.name:
        return mount.host
    folder = os.path.join(mount.host, context.tenant, mount.name)
    try:
        make_folders(folder)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise Unavailable(f"the folder of mount '{mount.guest}' cannot be made: {why}") from error
    return folder


def make_folders(path: str) -> None:
    """Makes a folder and those around it, durably, for this user only."""
    if os.path.isdir(path):
        return
    outer = os.path.dirname(path)
    make_folders(outer)
    with suppress(FileExistsError):
        os.mkdir(path, 0o700)
    fd = os.open(outer, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def check_folder(mount: Mount) -> None:
    if mount.name:
        return  # made when it is first used; nobody but guests puts anything there
    try:
        folder = Path(mount.host).resolve(strict=True)
        is_folder = folder.is_dir()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigError(f"mounted folder '{mount.host}' cannot be opened: {reason}") from error
    if not is_folder:
        raise ConfigError(f"mounted '{mount.host}' is no folder")
    if of_the_kernel(folder):
        raise ConfigError(
            f"mounted folder '{mount.host}' is or holds one of the kernel's, expected plain files"
        )
    access = os.R_OK | os.X_OK | (0 if mount.read_only else os.W_OK)
    if not os.access(folder, access):
        wanted = "read" if mount.read_only else "written"
        raise ConfigError(
            f"mounted folder '{mount.host}' cannot be {wanted} by this user",
            hint="change its mode" if mount.read_only else "change its mode or mount it with 'ro'",
        )
    for path in islice(entries(str(folder)), LOOKED_AT):
        raise_for_waiting(path)


def of_the_kernel(folder: Path) -> bool:
    """Whether reading what is below may wait for ever though it looks like a file."""
    if folder == SHARED_MEMORY or SHARED_MEMORY in folder.parents:
        return False
    return any(folder in (kernel, *kernel.parents) or kernel in folder.parents for kernel in KERNEL_FOLDERS)


def raise_for_waiting(entry: os.DirEntry[str]) -> None:
    """Raises ConfigError for what may wait for ever when it is opened or read."""
    if entry.is_symlink() or entry.is_file(follow_symlinks=False) or entry.is_dir(follow_symlinks=False):
        return
    mode = entry.stat(follow_symlinks=False).st_mode
    kind = "pipe" if stat.S_ISFIFO(mode) else "device" if not stat.S_ISSOCK(mode) else ""
    if kind:
        raise ConfigError(
            f"mounted folder holds the {kind} '{entry.path}', which could stop the server",
            hint="remove it or mount another folder",
        )
