"""What a component's run offers the functions that it calls, as `resources.Guest` says. Running it is
`guest`'s.
"""

from __future__ import annotations

from typing import Any, TypeVar

from gojinn.engine.components.exchange import Exchange, fields_of
from gojinn.engine.components.fields import Fields, fixed
from gojinn.engine.components.program import ComponentProgram
from gojinn.engine.components.resources import GuestTrap, Kind, Resources
from gojinn.engine.components.streams import Input, Output
from gojinn.engine.components.values import Err, Handle
from gojinn.engine.components.worlds import World
from gojinn.engine.limits import Surroundings
from gojinn.engine.outcome import STDERR, End
from gojinn.engine.outgoing import Entries
from gojinn.engine.parts import Part
from gojinn.engine.python import PythonSandbox
from gojinn.engine.recorder import Recorder
from gojinn.engine.sandbox import Plan

T = TypeVar("T")


class CallingGuest(PythonSandbox):
    """One component's run: what it has, and what it has said so far."""

    __slots__ = (
        "answer",
        "around",
        "context",
        "end",
        "exit_code",
        "field_bytes",
        "http",
        "output",
        "output_size",
        "program",
        "recorder",
        "requests",
        "resources",
        "session",
        "stdin",
        "store_context",
    )

    program: ComponentProgram

    def __init__(self, program: ComponentProgram, stdin: bytes) -> None:
        self.program = program
        self.around: Plan | Surroundings = program.around
        self.stdin = stdin
        self.context: Any = None
        self.session: Any = None
        self.requests: Any = None
        self.store_context = 0
        self.end = End.TRAPPED
        """What a guest that stops with an error has come to, unless it turns out to be something else."""
        self.exit_code = 0
        self.output: list[bytes] = []
        self.output_size = 0
        self.answer: tuple[int, bytes] | None = None
        self.recorder: Recorder | None = None
        self.resources = Resources()
        self.http: Any = None
        self.field_bytes = 0

    @property
    def env(self) -> tuple[tuple[str, str], ...]:
        return tuple(self.around.env.items())

    @property
    def args(self) -> tuple[str, ...]:
        return self.around.args

    def own(self, thing: Any, kind: Kind) -> Handle:
        return Handle(self.resources.add(thing), kind, self.store_context)

    def at(self, rep: int, kind: type[T]) -> T:
        return self.resources.at(rep, kind)

    def take(self, rep: int, kind: type[T]) -> T:
        thing = self.resources.at(rep, kind)
        del self.resources.things[rep]
        return thing

    def give_fields(self, entries: Entries) -> Handle:
        return fixed(self, entries)

    def take_fields(self, rep: int) -> Entries:
        taken = self.take(rep, Fields)
        self.field_bytes -= taken.size() if taken.mutable else 0
        return taken.entries

    def thing(self, rep: int) -> Any:
        return self.resources.things.get(rep)

    def pull(self, rep: int, length: int) -> bytes | Err:
        return self.at(rep, Input).read(length)

    def push(self, rep: int, data: bytes) -> None:
        self.at(rep, Output).write(data)

    def input(self) -> bytes:
        return self.stdin if self.program.world is World.COMMAND else b""

    def print(self, data: bytes, *, error: bool) -> None:
        if error or self.program.world is not World.COMMAND:
            self.note(STDERR, data)
            return
        self.write_output(data)

    def note(self, level: int, data: bytes) -> None:
        """Adds to the log."""
        if self.recorder is None:
            self.recorder = Recorder(self.program.log_limit)
        self.recorder.append(level, data)

    def write_output(self, data: bytes) -> None:
        """Adds to the answer. Raises GuestTrap past its limit."""
        self.output_size += len(data)
        if self.output_size > self.program.output_limit:
            self.output.clear()
            self.end = End.OUTPUT
            raise GuestTrap("output limit passed")
        self.output.append(data)

    def take_output(self) -> list[bytes]:
        """Takes what was added to the answer, piece by piece."""
        taken, self.output, self.output_size = self.output, [], 0
        return taken

    def part(self) -> Part | None:
        exchange: Exchange | None = self.http
        if exchange is None or not exchange.set or exchange.failure or (exchange.parted and not self.output):
            return None
        exchange.parted = True
        body = b"".join(self.output)
        self.output.clear()
        self.output_size = 0
        whole = exchange.finished or not exchange.begun
        return Part(exchange.status, fields_of(exchange.headers), body, whole)

    def leave(self, code: int) -> None:
        self.end, self.exit_code = End.EXITED, code
