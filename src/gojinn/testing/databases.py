"""Starts database servers for tests: PostgreSQL and MariaDB, on Unix sockets in folders that go with them."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from gojinn.errors import StartError

READY_TIMEOUT = 30.0
"""Seconds for a start on a busy machine."""


@contextmanager
def postgres() -> Iterator[str]:
    """Runs a PostgreSQL; gives its DSN. Raises StartError."""
    initdb, server = program("initdb"), program("postgres")
    with folder("postgres") as (place, user):
        quick = ["-c", "fsync=off", "-c", "listen_addresses=", "-c", "max_connections=60"]
        run([initdb, "-D", f"{place}/data", "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8"], user, place)
        # Killed, it would leave its shared memory behind.
        command = [server, "-D", f"{place}/data", "-k", str(place), *quick]
        with running(command, user, place, signal.SIGQUIT) as process:
            # Its socket is there before it lets anybody in.
            await_ready(process, lambda: "ready" in text(place / "data" / "postmaster.pid"), place)
            yield f"postgresql://postgres@/postgres?host={place}"


@contextmanager
def mariadb() -> Iterator[str]:
    """Runs a MariaDB; gives its DSN. Raises StartError."""
    install, server = program("mariadb-install-db"), program("mariadbd")
    with folder("mysql") as (place, user):
        data, socket = f"--datadir={place}/data", place / "socket"
        anyone = ["--auth-root-authentication-method=normal"]
        run([install, "--no-defaults", data, "--skip-test-db", *anyone], user, place)
        quick = ["--skip-networking", "--innodb-flush-log-at-trx-commit=0", "--innodb-log-file-size=8M"]
        command = [server, "--no-defaults", data, f"--socket={socket}", *quick]
        with running(command, user, place, signal.SIGKILL) as process:
            await_ready(process, socket.exists, place)
            run(
                [
                    program("mariadb"),
                    f"--socket={socket}",
                    "-uroot",
                    "-e",
                    "create database test character set utf8mb4",
                ],
                user,
                place,
            )
            yield f"mysql://root@localhost/test?unix_socket={socket}"


def program(name: str) -> str:
    """Finds a server's program, also where Debian hides it."""
    hidden = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", *map(str, hidden)])
    found = shutil.which(name, path=path)
    if found is None:
        raise StartError(f"no '{name}' here", hint="install Debian's postgresql and mariadb-server")
    return found


@contextmanager
def folder(name: str) -> Iterator[tuple[Path, str | None]]:
    """Makes a folder for a server, and names the user that it runs as: not root, where that is us."""
    user = name if os.geteuid() == 0 else None
    place = Path(tempfile.mkdtemp(prefix=f"gojinn-{name}-"))
    try:
        if user is not None:
            os.chown(place, pwd.getpwnam(user).pw_uid, -1)
        yield place, user
    finally:
        shutil.rmtree(place, ignore_errors=True)


def run(command: Sequence[str], user: str | None, place: Path) -> None:
    """Runs a command to its end. Raises StartError."""
    done = subprocess.run(command, user=user, cwd=place, capture_output=True, text=True)
    if done.returncode:
        raise StartError(f"'{command[0]}' failed: {done.stderr or done.stdout}")


@contextmanager
def running(
    command: Sequence[str], user: str | None, place: Path, end: signal.Signals
) -> Iterator[subprocess.Popen[bytes]]:
    """Runs a server, and ends it with a signal."""
    with (place / "log").open("wb") as log:
        process = subprocess.Popen(command, user=user, cwd=place, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.send_signal(end)
            process.wait()


def await_ready(process: subprocess.Popen[bytes], ready: Callable[[], bool], place: Path) -> None:
    """Waits until a server is ready. Raises StartError."""
    until = monotonic() + READY_TIMEOUT
    while not ready():
        if process.poll() is not None or monotonic() > until:
            raise StartError(f"the server did not start: {text(place / 'log')}")
        sleep(0.01)


def text(path: Path) -> str:
    """Reads a file, which may not be there yet."""
    return path.read_text(errors="replace") if path.exists() else ""
