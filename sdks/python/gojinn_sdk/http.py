"""Other servers, as far as the host lets the function ask them: `allow_host` in the Caddyfile.

    answer = http.get("https://api.example.com/items", params={"page": "2"}, timeout=5)
    answer = http.post("https://api.example.com/items", json={"name": "Ada"}).raise_for_status()

Side by side: `await asyncio.gather(http.start(first), http.start(second))`, or in a plain function
`[each.answer() for each in [http.start(first), http.start(second)]]`.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any, Literal, TypedDict, Unpack

from gojinn_sdk.answer import Answer, StatusError
from gojinn_sdk.asking import asked
from gojinn_sdk.errors import Timeout
from gojinn_sdk.host import call, given, told

__all__ = [
    "Answer",
    "Pending",
    "StatusError",
    "delete",
    "fetch",
    "get",
    "head",
    "patch",
    "post",
    "put",
    "start",
]


class Options(TypedDict, total=False):
    """What requests may have, see `fetch`."""

    headers: Mapping[str, str | Sequence[str]] | None
    params: Mapping[str, Any] | Sequence[tuple[str, Any]] | None
    json: Any
    timeout: float | None
    redirect: Literal["follow", "manual", "error"]


class Pending:
    """A request that is under way. It is cancelled when the function ends before its answer is there."""

    def __init__(self, id: Any) -> None:
        self.id = id
        self.kept: Answer | None = None

    def answer(self, timeout: float | None = None) -> Answer:
        """Waits for what the server answers. Raises what `fetch` raises; Timeout leaves it under way."""
        if self.kept is None:
            done = call("http.wait", given(ids=[self.id], timeout=timeout))
            if "id" not in done:
                raise Timeout(f"there is no answer after {timeout} seconds", "timeout")
            if "error" in done:
                raise told(done["error"])
            self.kept = Answer.of(done["answer"])
        return self.kept

    def __await__(self) -> Generator[Any, None, Answer]:
        """Waits in an `async def`, while other tasks go on."""
        if self.kept is None:
            from asyncio import get_running_loop

            self.kept = Answer.of((yield from get_running_loop().arrival(self.id)))  # type: ignore[attr-defined]
        return self.kept

    def cancel(self) -> None:
        """Gives it up."""
        call("http.cancel", {"id": self.id})


def fetch(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str | Sequence[str]] | None = None,
    params: Mapping[str, Any] | Sequence[tuple[str, Any]] | None = None,
    body: bytes | str | None = None,
    json: Any = None,
    timeout: float | None = None,
    redirect: Literal["follow", "manual", "error"] = "follow",
) -> Answer:
    """Asks a server and waits for its answer; any status is one.

    `params` are added to the query, `json` is what JSON can write, `timeout` is seconds for all of it.
    In an `async def`, `await http.start(…)` lets other tasks go on meanwhile.

    Raises:
        Denied: No `allow_host` of the function allows it; the message has the line to add.
        Timeout: There was no whole answer in that time.
        Unavailable: The server has no address, cannot be connected to or verified, or has broken off.
        TooLarge, LimitReached: The request or the answer does not fit into a message of the host, 8 MiB.
        BadRequest: The host cannot understand the request.
        TypeError, ValueError: An argument is none.
    """
    return Answer.of(call("http.fetch", asked(url, method, headers, params, body, json, timeout, redirect)))


def start(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str | Sequence[str]] | None = None,
    params: Mapping[str, Any] | Sequence[tuple[str, Any]] | None = None,
    body: bytes | str | None = None,
    json: Any = None,
    timeout: float | None = None,
    redirect: Literal["follow", "manual", "error"] = "follow",
) -> Pending:
    """Asks a server as `fetch` does, without waiting: `await` the result, or call its `answer`."""
    sent = asked(url, method, headers, params, body, json, timeout, redirect)
    return Pending(call("http.start", sent)["id"])


def get(url: str, **options: Unpack[Options]) -> Answer:
    """Fetches by GET; the options are those of `fetch`."""
    return fetch(url, method="GET", **options)


def head(url: str, **options: Unpack[Options]) -> Answer:
    """Fetches by HEAD; the answer has no body."""
    return fetch(url, method="HEAD", **options)


def post(url: str, body: bytes | str | None = None, **options: Unpack[Options]) -> Answer:
    """Sends a body, or `json=`, by POST."""
    return fetch(url, method="POST", body=body, **options)


def put(url: str, body: bytes | str | None = None, **options: Unpack[Options]) -> Answer:
    """Sends a body, or `json=`, by PUT."""
    return fetch(url, method="PUT", body=body, **options)


def patch(url: str, body: bytes | str | None = None, **options: Unpack[Options]) -> Answer:
    """Sends a body, or `json=`, by PATCH."""
    return fetch(url, method="PATCH", body=body, **options)


def delete(url: str, **options: Unpack[Options]) -> Answer:
    """Fetches by DELETE."""
    return fetch(url, method="DELETE", **options)
