"""A language model, where the host grants one."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from gojinn_sdk.host import call


@dataclass(frozen=True)
class Message:
    """One message of a conversation."""

    role: str
    """`system`, `user` or `assistant`."""
    content: str


def chat(*messages: Message | str) -> str:
    """Answers a conversation; a text is a message of the user's. Raises Denied, Unavailable."""
    told = [Message("user", each) if isinstance(each, str) else each for each in messages]
    return str(call("ai.chat", {"messages": [asdict(each) for each in told]})["message"]["content"])
