"""Guests with mounts: wasmtime's own WASI, given folders, stdin bytes and two files in memory for output.
What of it is not used stands in `link`.

wasmtime confines a guest to its folders (openat2 with RESOLVE_BENEATH: no `..`, no absolute path, no symbolic
link leads out). What it does not do is wait without stopping the event loop: sleeping is therefore served by
`poll`, folders that hold pipes or devices as a program is loaded are refused (`mounts`), and `pipes` frees a
worker that comes across one later.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from typing import Any

from gojinn.engine.capi import ByteVec, capi
from gojinn.engine.limits import Limits, ProgramSpec
from gojinn.engine.mounts import check_mounts, folder_of
from gojinn.engine.outcome import STDERR, End, Outcome
from gojinn.engine.pipes import PIPES
from gojinn.engine.quota import Ration, Usages
from gojinn.engine.recorder import Recorder
from gojinn.errors import Unavailable

STDERR_SLACK = 1 << 20
"""Bytes that stderr may be ahead of its limit before they are thrown away."""


class WasiFiles:
    """A program's mounts as wasmtime's WASI wants them.

    Raises ConfigError for a mount that cannot be served.
    """

    def __init__(self, spec: ProgramSpec) -> None:
        check_mounts(spec.mounts)
        self.limits = spec.limits
        self.mounts = spec.mounts
        self.usages = Usages()

    def open(self, stdin: bytes, context: Any) -> WasiSession:
        """Prepares an invocation. Raises Unavailable when a tenant's folder cannot be made."""
        return WasiSession(self, stdin, [folder_of(mount, context) for mount in self.mounts])

    def close(self) -> None:
        """Nothing is open but in sessions."""


class WasiSession:
    """One invocation's input and output."""

    def __init__(self, files: WasiFiles, stdin: bytes, folders: Sequence[str]) -> None:
        self.files = files
        self.stdin = stdin
        self.folders = folders
        """Of its mounts, in their order."""
        self.rations = [
            Ration(files.usages.of(folder), mount.quota, mount.guest)
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

    async def complete(self, outcome: Outcome) -> Outcome:
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
