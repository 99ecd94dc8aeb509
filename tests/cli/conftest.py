"""Runs commands in this process, as `main` does, with their streams captured."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from typing import NamedTuple

import pytest

from gojinn.cli.main import main


class Finished(NamedTuple):
    """What came of a command."""

    code: int
    out: str
    err: str


Run = Callable[..., Finished]


@pytest.fixture
def gojinn(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Gives `gojinn(*arguments, stdin=b"")`."""

    def run(*args: object, stdin: bytes = b"") -> Finished:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            main([str(arg) for arg in args])
        captured = capsys.readouterr()
        return Finished(int(ended.value.code or 0), captured.out, captured.err)

    return run
