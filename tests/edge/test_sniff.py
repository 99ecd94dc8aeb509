"""Content types guessed from content."""

import pytest

from gojinn.edge.sniff import sniff


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "text/plain; charset=utf-8"),
        (b"hello", "text/plain; charset=utf-8"),
        (b"  <!DOCTYPE HTML>", "text/html; charset=utf-8"),
        (b"\n<html>", "text/html; charset=utf-8"),
        (b"<htmlx>", "text/plain; charset=utf-8"),
        (b"<!-- x", "text/html; charset=utf-8"),
        (b"<?xml version", "text/xml; charset=utf-8"),
        (b"%PDF-1.7", "application/pdf"),
        (b"\xef\xbb\xbfx", "text/plain; charset=utf-8"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"RIFF\0\0\0\0WEBPVP8", "image/webp"),
        (b"RIFF\0\0\0\0WAVE", "audio/wave"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp41isom", "video/mp4"),
        (b"\0\0\0\x18ftypqt  \0\0\0\0qt  qt  ", "application/octet-stream"),
        (b"\xff\xff\xff\xffftypmp42\0\0\0\0", "application/octet-stream"),
        (b"\0asm\1\0\0\0", "application/wasm"),
        (b"PK\3\4", "application/zip"),
        (b"a\0b", "application/octet-stream"),
        (b"a" * 512 + b"\0", "text/plain; charset=utf-8"),
    ],
)
def test_kinds_are_told_by_the_beginning(content: bytes, kind: str) -> None:
    assert sniff(content) == kind
