"""What a guest's end means to who called the function. How it is sent is the caller's business."""

from __future__ import annotations

from gojinn.engine.outcome import End, Outcome
from gojinn.errors import FunctionError, FunctionTimeout, clip
from gojinn.functions.cgi import is_script
from gojinn.functions.config import FunctionConfig

SHOWN = 400
"""Bytes of stdout that are looked at for the log."""


def succeeded(outcome: Outcome) -> bool:
    """Whether a guest ended by returning or by exiting with 0."""
    return outcome.end is End.RETURNED or (outcome.end is End.EXITED and outcome.exit_code == 0)


def failure(config: FunctionConfig, outcome: Outcome) -> FunctionError:
    """Makes the error for an outcome that failed. It says nothing of what the guest was doing."""
    name = config.name
    match outcome.end:
        case End.TIMEOUT:
            what, hint = f"ran past its timeout of {config.timeout:g} s", "raise 'timeout' in its block"
            return FunctionTimeout(f"function '{name}' {what}", function=name, reason="timeout", hint=hint)
        case End.MEMORY:
            what = f"needs more memory than its limit of {config.memory_limit} bytes"
            hint = "raise 'memory_limit' in its block"
        case End.FUEL:
            what, hint = (
                f"ran out of fuel, its limit is {config.fuel_limit}",
                "raise 'fuel_limit' in its block",
            )
        case End.OUTPUT:
            what = f"wrote more than its limit of {config.max_output} bytes"
            hint = "raise 'max_output' in its block"
        case End.QUOTA:
            held = " and ".join(
                f"'{m.guest}' ({m.quota} bytes)" for m in config.mounts if m.quota is not None
            )
            what = f"put more into a mount than that may hold: {held}"
            hint = "remove files, or raise 'quota' of its mount"
        case End.EXITED:
            what, hint = f"exited with code {outcome.exit_code}", "look at its log"
        case _:
            what, hint = "trapped", "look at its log"
    return FunctionError(f"function '{name}' {what}", function=name, reason=outcome.end.value, hint=hint)


def beginning(stdout: bytes) -> str:
    """What a function's log shows of what is no answer."""
    return clip(stdout[:SHOWN].decode("utf-8", "replace"), SHOWN // 2)


def invalid(config: FunctionConfig, why: str, stdout: bytes = b"", *, http: bool) -> FunctionError:
    """Makes the error for a function that ended well but did not answer as the contract says, be it through
    `wasi:http`."""
    written = "one JSON object" if config.response == "json" else "header lines, an empty line and the body"
    hint = None if http else f"stdout is for the answer alone, {written}; print anything else to stderr"
    if not http and config.response == "json" and is_script(stdout):
        hint = "it answers as CGI scripts do: add the line 'response cgi' to its block"
    message = f"function '{config.name}' gave no valid answer: {why}"
    return FunctionError(message, function=config.name, reason="envelope", hint=hint)
