"""Where files go when the Caddyfile does not say, and who may use them. What is in them is others'."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from gojinn import xdg
from gojinn.config.model import Config, Options
from gojinn.config.node import NodeOptions
from gojinn.errors import StartError
from gojinn.fabric.files import write_private
from gojinn.locking import LOCK, is_ours

NODE_ID = re.compile(r"[a-z0-9]{10}")


def cache_folder(options: Options) -> Path:
    """Returns the folder of compiled modules: `cache_dir`, else one in the user's cache directory."""
    if options.cache_dir:
        return Path(options.cache_dir)
    return xdg.cache() / "modules"


def data_folder(config: Config, options: NodeOptions) -> Path:
    """Returns the folder of this node's state: `data_dir`, else `.gojinn/data` beside the Caddyfile."""
    if options.data_dir:
        return Path(options.data_dir)
    return Path(config.files[0]).absolute().parent / ".gojinn" / "data"


class DataFolder:
    """The data directory while this process owns it: nobody else may use it until `close`, or our end.

    Making one makes the folder, for its owner only. Raises StartError when it is in use, or not ours.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.lock = os.open(path / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise unusable(path, error) from error
        try:
            self.own()
            self.id = self.kept_id()
        except OSError as error:
            self.close()
            raise unusable(path, error) from error
        except StartError:
            self.close()
            raise

    def own(self) -> None:
        """Takes the lock, and writes who has it. Raises StartError when somebody else does."""
        if not is_ours(self.lock):
            holder = os.pread(self.lock, 32, 0).decode("ascii", "replace").strip() or "unknown"
            raise StartError(
                f"the data directory '{self.path}' is in use by process {holder}",
                hint="stop that server, or choose another folder with the option 'data_dir'",
            )
        os.ftruncate(self.lock, 0)
        os.pwrite(self.lock, f"{os.getpid()}\n".encode(), 0)

    def kept_id(self) -> str:
        """Returns the node's id, which is made once. Raises StartError for a file with something else."""
        path = self.path / "node"
        if not path.exists():
            write_private(path, secrets.token_hex(5) + "\n")
        id = path.read_text(encoding="utf-8", errors="replace").strip()
        if not NODE_ID.fullmatch(id):
            hint = "remove the file, and the node gets a new id"
            raise StartError(f"'{path}' holds no id of a node", hint=hint)
        return id

    def close(self) -> None:
        """Gives the folder back."""
        os.close(self.lock)


def unusable(path: Path, error: OSError) -> StartError:
    """Makes the error for a data directory that the system refuses."""
    where = error.filename or path
    reason = (error.strerror or str(error)).lower()
    hint = "make it writable, or choose another folder with the option 'data_dir'"
    return StartError(f"the data directory '{path}' cannot be used: '{where}': {reason}", hint=hint)
