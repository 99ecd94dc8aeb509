import msgspec
import pytest

from gojinn.errors import ConfigError, ConfigErrors, GojinnError, ModuleError, Place, StartError
from gojinn.process import messages


def travelled(error: GojinnError) -> GojinnError:
    refused = messages.Refused(1, messages.faults_of(error))
    reply = messages.decode_reply(messages.encode(refused))
    assert isinstance(reply, messages.Refused)
    return messages.error_of(reply.faults)


def test_a_config_error_keeps_its_whole_report() -> None:
    place = Place("sites/a", 3, 5, via=(Place("Caddyfile", 1, 1),))
    error = ConfigError(
        "unknown directive 'respnd'", place=place, source="    respnd hi", hint="write it right"
    )
    assert travelled(error).render() == error.render()  # type: ignore[attr-defined]


def test_several_config_errors_travel_together() -> None:
    errors = ConfigErrors([ConfigError("one", place=Place("f", 1, 1)), ConfigError("two")])
    arrived = travelled(errors)
    assert isinstance(arrived, ConfigErrors)
    assert arrived.render() == errors.render()


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (StartError("port in use", hint="choose another"), StartError),
        (GojinnError("odd"), GojinnError),
        (ModuleError("no module"), ConfigError),
    ],
    ids=["start", "other", "module"],
)
def test_an_error_keeps_its_text_and_exit_code(error: GojinnError, kind: type[GojinnError]) -> None:
    arrived = travelled(error)
    assert type(arrived) is kind
    assert (arrived.message, arrived.hint, arrived.exit_code) == (error.message, error.hint, error.exit_code)


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"\x80", b"nonsense" * 100], ids=["empty", "ff", "map", "text"]
)
def test_what_is_no_reply_is_refused(data: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        messages.decode_reply(data)


def test_a_command_is_no_reply() -> None:
    with pytest.raises(msgspec.MsgspecError):
        messages.decode_reply(messages.encode(messages.Prepare(1, b"pickled")))
