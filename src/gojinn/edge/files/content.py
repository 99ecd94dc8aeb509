"""Answers that send a file: ranges, conditions, redirects to its canonical place. Finds no file itself."""

from __future__ import annotations

import os
import re
import secrets
from email.utils import formatdate

from gojinn.edge.files.conditions import Verdict, evaluate, range_holds
from gojinn.edge.files.ranges import BadRange, Range, parse_ranges
from gojinn.edge.files.stream import FileReader, FileStream
from gojinn.edge.headers import drop, first, put
from gojinn.edge.markup import escape_html
from gojinn.edge.message import Request, Response
from gojinn.edge.url import clean

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
UNSAFE = re.compile(rb"[^\x21-\x7e]|[%?#\\\"<>]")
PERMANENT = 308


def etag(info: os.stat_result) -> bytes:
    """Makes a strong entity tag of a file's time and size."""
    return f'"{base36(info.st_mtime_ns // 10**9)}{base36(info.st_size)}"'.encode()


def base36(number: int) -> str:
    """Writes a number with digits and letters."""
    sign, number, written = ("-" if number < 0 else ""), abs(number), ""
    while number >= 36:
        number, digit = divmod(number, 36)
        written = DIGITS[digit] + written
    return sign + DIGITS[number] + written


def redirect(request: Request, path: str) -> Response:
    """Redirects for good to another path of this site."""
    path = clean("/" + path.lstrip("/")) + ("/" if path.endswith("/") else "")
    location = UNSAFE.sub(lambda found: b"%%%02x" % ord(found[0]), path.encode("utf-8", "surrogateescape"))
    headers, body = request.answer, b""
    untyped = first(headers, b"content-type") is None
    put(headers, b"location", location)
    if untyped and request.method in ("GET", "HEAD"):
        headers.append((b"content-type", b"text/html; charset=utf-8"))
        body = f'<a href="{escape_html(path)}">Permanent Redirect</a>.\n\n'.encode("utf-8", "surrogateescape")
    return Response(PERMANENT, headers, body)


class Content:
    """An open file on its way to a client."""

    def __init__(self, reader: FileReader, fd: int, modified: int) -> None:
        self.reader = reader
        self.fd = fd
        self.size = os.fstat(fd).st_size
        self.modified = modified
        """Seconds since 1970, as shown in Last-Modified; 0 when unknown."""

    def answer(self, request: Request) -> Response:
        """Answers a request with the file, a part of it, or the reason not to send it.

        The fields ETag and Content-Type are already set. Takes over the open file.
        """
        headers = request.answer
        if self.modified:
            put(headers, b"last-modified", formatdate(self.modified, usegmt=True).encode())
        tag = first(headers, b"etag") or b""
        verdict = evaluate(request, tag, self.modified)
        if verdict is not Verdict.SEND:
            self.close()
            return unchanged(request) if verdict is Verdict.UNCHANGED else Response(verdict.value, headers)
        field = request.header(b"range") or b""
        wanted = field.decode("latin-1") if range_holds(request, tag, self.modified) else ""
        try:
            ranges = parse_ranges(wanted, self.size)
        except BadRange as error:
            self.close()
            return self.refuse(request, error)
        return self.send(request, ranges)

    def refuse(self, request: Request, error: BadRange) -> Response:
        """Answers 416."""
        headers = request.answer
        if error.outside:
            put(headers, b"content-range", b"bytes */%d" % self.size)
        put(headers, b"content-type", b"text/plain; charset=utf-8")
        put(headers, b"x-content-type-options", b"nosniff")
        return Response(416, headers, f"{error}\n".encode())

    def send(self, request: Request, ranges: list[Range]) -> Response:
        """Answers with the whole file, one part, or several parts in a multipart body."""
        headers, pieces = request.answer, list[bytes | Range]([Range(0, self.size)])
        if len(ranges) == 1:
            pieces = [ranges[0]]
            put(headers, b"content-range", ranges[0].describe(self.size).encode())
        elif ranges:
            boundary = secrets.token_hex(30)
            pieces = self.multipart(ranges, boundary, first(headers, b"content-type") or b"")
            put(headers, b"content-type", f"multipart/byteranges; boundary={boundary}".encode())
        put(headers, b"accept-ranges", b"bytes")
        stream = FileStream(self.reader, self.fd, pieces)
        put(headers, b"content-length", b"%d" % stream.length)
        status = 206 if ranges else 200
        if request.method == "HEAD":
            stream.close()
            return Response(status, headers)
        return Response(status, headers, stream)

    def multipart(self, ranges: list[Range], boundary: str, kind: bytes) -> list[bytes | Range]:
        """Lays out a multipart/byteranges body (RFC 9110, section 14.6)."""
        pieces: list[bytes | Range] = []
        for part in ranges:
            described = f"\r\n--{boundary}\r\nContent-Range: {part.describe(self.size)}\r\n".encode()
            pieces += [described + b"Content-Type: %b\r\n\r\n" % kind, part]
        pieces[0] = bytes(pieces[0]).removeprefix(b"\r\n") if isinstance(pieces[0], bytes) else pieces[0]
        return [*pieces, f"\r\n--{boundary}--\r\n".encode()]

    def close(self) -> None:
        """Closes the file when nothing of it is sent."""
        os.close(self.fd)


def unchanged(request: Request) -> Response:
    """Answers 304."""
    drop(request.answer, b"content-type", b"content-length")
    if first(request.answer, b"etag") is not None:
        drop(request.answer, b"last-modified")
    return Response(304, request.answer)
