"""Guesses the type of content from how it begins (WHATWG MIME Sniffing, sections 5 to 7). Reads no name."""

from __future__ import annotations

import re

LOOKED_AT = 512
"""Bytes that are looked at."""

TAGS = rb"!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|!--"
SIGNATURES = [
    (re.compile(pattern, re.DOTALL), kind)
    for pattern, kind in (
        (rb"(?i:[\t\n\x0c\r ]*<(?:" + TAGS + rb")[ >])", "text/html; charset=utf-8"),
        (rb"[\t\n\x0c\r ]*<\?xml", "text/xml; charset=utf-8"),
        (rb"%PDF-", "application/pdf"),
        (rb"%!PS-Adobe-", "application/postscript"),
        (rb"\xfe\xff..", "text/plain; charset=utf-16be"),
        (rb"\xff\xfe..", "text/plain; charset=utf-16le"),
        (rb"\xef\xbb\xbf.", "text/plain; charset=utf-8"),
        (rb"\x00\x00[\x01\x02]\x00", "image/x-icon"),
        (rb"BM", "image/bmp"),
        (rb"GIF8[79]a", "image/gif"),
        (rb"RIFF....WEBPVP", "image/webp"),
        (rb"\x89PNG\r\n\x1a\n", "image/png"),
        (rb"\xff\xd8\xff", "image/jpeg"),
        (rb"FORM....AIFF", "audio/aiff"),
        (rb"ID3", "audio/mpeg"),
        (rb"OggS\x00", "application/ogg"),
        (rb"MThd\x00\x00\x00\x06", "audio/midi"),
        (rb"RIFF....AVI ", "video/avi"),
        (rb"RIFF....WAVE", "audio/wave"),
        (rb"....ftyp(?:mp4|.{8}(?:.{4})*?mp4)", "video/mp4"),
        (rb"\x1a\x45\xdf\xa3", "video/webm"),
        (rb".{34}LP", "application/vnd.ms-fontobject"),
        (rb"\x00\x01\x00\x00", "font/ttf"),
        (rb"OTTO", "font/otf"),
        (rb"ttcf", "font/collection"),
        (rb"wOFF", "font/woff"),
        (rb"wOF2", "font/woff2"),
        (rb"\x1f\x8b\x08", "application/x-gzip"),
        (rb"PK\x03\x04", "application/zip"),
        (rb"Rar!\x1a\x07(?:\x01)?\x00", "application/x-rar-compressed"),
        (rb"\x00asm", "application/wasm"),
    )
]
BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")


def sniff(content: bytes) -> str:
    """Returns the type of content by its first bytes."""
    start = content[:LOOKED_AT]
    for pattern, kind in SIGNATURES:
        if pattern.match(start) and (kind != "video/mp4" or whole_box(start)):
            return kind
    return "application/octet-stream" if BINARY.search(start) else "text/plain; charset=utf-8"


def whole_box(start: bytes) -> bool:
    """Tells whether the first box of an MP4 file is all there and names a brand of MP4."""
    size = int.from_bytes(start[:4], "big")
    brands = [start[at : at + 3] for at in range(8, size, 4) if at != 12] if size <= len(start) else []
    return size % 4 == 0 and b"mp4" in brands
