"""What another server answered. Asking it is `http`'s."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from gojinn_sdk.errors import BadRequest, Error
from gojinn_sdk.host import decoded
from gojinn_sdk.request import Headers


@dataclass(frozen=True)
class Answer:
    """What a server answered."""

    status: int
    headers: Headers
    body: bytes
    url: str = ""
    """The address that has answered, which is another one after redirects."""
    redirected: bool = False

    @classmethod
    def of(cls, answer: dict[str, Any]) -> Answer:
        """Reads what the host says."""
        headers = Headers(answer.get("headers") or {})
        more = (answer.get("url", ""), bool(answer.get("redirected")))
        return cls(answer["status"], headers, decoded("body", answer), *more)

    @property
    def ok(self) -> bool:
        """Whether the status is one of 200 to 299."""
        return 200 <= self.status <= 299

    def text(self) -> str:
        """Returns the body as text, in the charset that the server names, or else UTF-8."""
        charset = "utf-8"
        for part in self.headers.get("content-type", "").split(";")[1:]:
            name, _, value = part.partition("=")
            if name.strip().lower() == "charset":
                charset = value.strip().strip("\"'")
        try:
            return self.body.decode(charset, "replace")
        except LookupError:
            return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """Returns what the body says. Raises BadRequest when it is not JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise BadRequest(f"the answer of {self.url} is no JSON: {error}") from error

    def raise_for_status(self) -> Answer:
        """Returns itself. Raises StatusError when the status is 400 or above."""
        if self.status >= 400:
            raise StatusError(self)
        return self


class StatusError(Error):
    """A server answered that it has not done what was asked; `answer` is what it said."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"{answer.url} answered with status {answer.status}", "status")
        self.answer = answer
