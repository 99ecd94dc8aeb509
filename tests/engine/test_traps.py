"""Trap reports as the log shows them."""

from gojinn.engine.traps import trap_text

REPORT = b"""error while executing at wasm backtrace:
    0:     0x31 - <unknown>!inner
    1: 0x2000 - app.wasm!core::panicking::panic_fmt
    2: <unknown>!float

Caused by:
    wasm trap: wasm `unreachable` instruction executed\0"""


def test_kind_comes_first_then_who_called_whom() -> None:
    assert trap_text(REPORT).splitlines() == [
        "wasm `unreachable` instruction executed",
        "  at inner (0x31)",
        "  at core::panicking::panic_fmt (0x2000)",
        "  at float",
    ]


def test_report_without_backtrace_is_kept() -> None:
    assert trap_text(b"memory minimum size of 3 pages exceeds") == "memory minimum size of 3 pages exceeds"


def test_long_backtrace_is_cut() -> None:
    frames = "\n".join(f"  {i}: 0x{i:x} - m!f{i}" for i in range(100))
    lines = trap_text(f"backtrace:\n{frames}\n\nCaused by:\n    deep".encode()).splitlines()
    assert (lines[0], lines[-1], len(lines)) == ("deep", "  and 68 more", 34)


def test_frames_that_repeat_are_one_line() -> None:
    frames = "  0: 0x1 - m!inner\n  1: 0x2 - m!deep\n  2: 0x2 - m!deep\n  3: 0x3 - m!main"
    assert trap_text(f"backtrace:\n{frames}\nCaused by:\n  x".encode()).splitlines() == [
        "x",
        "  at inner (0x1)",
        "  at deep (0x2), 2 times",
        "  at main (0x3)",
    ]


def test_invalid_text_is_replaced() -> None:
    assert trap_text(b"\xff\nCaused by:\n  \xfe") == "\ufffd"


def test_empty_report_is_empty() -> None:
    assert trap_text(b"") == ""
