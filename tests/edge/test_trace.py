"""W3C Trace Context, with the cases of its specification."""

import pytest

from gojinn.edge import trace

VALID = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_trace_of_the_caller_is_continued_in_a_span_of_its_own() -> None:
    begun = trace.begin(VALID)
    assert (begun.trace_id, begun.parent) == ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")
    assert begun.traceparent == f"00-{begun.trace_id}-{begun.span_id}-01"
    assert begun.span_id != begun.parent


def test_trace_begins_where_the_caller_has_none() -> None:
    first, second = trace.begin(None), trace.begin(None)
    assert (len(first.trace_id), len(first.span_id), first.flags, first.parent) == (32, 16, "00", "")
    assert first.trace_id != second.trace_id
    assert trace.parse(first.traceparent.encode()) == (first.trace_id, first.span_id, "00")


def test_unknown_flags_are_not_passed_on() -> None:
    assert trace.begin(VALID[:-2] + b"ff").flags == "01"
    assert trace.begin(VALID[:-2] + b"fe").flags == "00"


def test_later_version_may_say_more() -> None:
    parsed = trace.parse(b"cc" + VALID[2:] + b"-what-the-future-brings")
    assert parsed == ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "01")
    assert trace.parse(b"cc" + VALID[2:]) is not None


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"x",
        VALID[:-1],
        VALID + b"-",
        VALID + b"-more",
        VALID + b"0",
        b"ff" + VALID[2:],
        VALID.upper(),
        b" " + VALID,
        b"00-" + b"0" * 32 + VALID[35:],
        VALID[:36] + b"0" * 16 + b"-01",
        b"0-" + VALID[3:],
        VALID.replace(b"-", b"_"),
        b"cc" + VALID[2:] + b".x",
        b"00-" + b"g" * 32 + VALID[35:],
        VALID * 1000,
    ],
)
def test_malformed_parent_is_ignored(value: bytes) -> None:
    assert trace.parse(value) is None
    assert trace.begin(value).parent == ""
