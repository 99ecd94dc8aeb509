"""Makes the host calls that a test writes down, from inside a guest. What serves them is the platform's.

    run = Script(platform)
    assert (await run(("call", "kv.put", {"key": "a", "value": "1"})))[0] == '{"revision":1}'

`sources/script.c` says which lines there are.
"""

from __future__ import annotations

import json
from itertools import takewhile
from typing import Any

from gojinn.engine.outcome import Record
from gojinn.errors import FunctionTimeout
from gojinn.functions.config import FunctionConfig
from gojinn.functions.function import Function
from gojinn.functions.invocation import Invocation
from gojinn.functions.lines import DEFAULT_TENANT
from gojinn.functions.permissions import Permissions
from gojinn.testing.guests import guest
from gojinn.testing.platform import Platform

NO_ANSWER = "written to stdout: "
Line = tuple[str | int | dict[str, Any], ...]


class Answers(list[str]):
    """What a script printed, a line each."""

    log: list[Record]
    """What its invocation left in its log, without the complaint that what it printed is no answer."""
    late: bool
    """Whether it was stopped because its time was over."""

    @property
    def json(self) -> list[Any]:
        """The lines, read as JSON."""
        return [json.loads(line) for line in self]

    @property
    def codes(self) -> list[str | None]:
        """The codes of the errors that the lines tell of, None for those that tell of none."""
        return [line.get("error", {}).get("code") for line in self.json]


class Script:
    """Runs scripts on a platform."""

    def __init__(self, platform: Platform, function: Function | None = None) -> None:
        self.platform = platform
        self.function = function
        """The function with the guest `script` that runs them; None makes one for each invocation."""

    async def __call__(
        self,
        *lines: Line,
        tenant: str = DEFAULT_TENANT,
        permissions: Permissions | None = None,
        timeout: float | None = None,
    ) -> Answers:
        """Runs one invocation that does what the lines say; everything is granted unless told otherwise."""
        granted = permissions or Permissions.everything()
        function = self.function
        if function is None:
            function = await self.platform.function(FunctionConfig(str(guest("script")), permissions=granted))
        text = "".join("\t".join(map(written, line)) + "\n" for line in lines)
        given = text.encode(errors="surrogateescape")
        result = await self.platform.runner.run(Invocation(function, given, tenant=tenant, timeout=timeout))
        assert result.outcome is not None
        answers = Answers(result.outcome.stdout.decode(errors="replace").splitlines())
        answers.log = said(result.log)
        answers.late = isinstance(result.error, FunctionTimeout)
        return answers


def said(log: list[Record]) -> list[Record]:
    """What stands in an invocation's log before the complaint that what it printed is no answer."""
    return list(takewhile(lambda record: not record.text.startswith(NO_ANSWER), log))


def written(part: str | int | dict[str, Any]) -> str:
    """Writes one part of a line."""
    return json.dumps(part) if isinstance(part, dict) else str(part)
