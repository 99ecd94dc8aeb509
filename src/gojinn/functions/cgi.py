"""The response as a CGI script writes it: header lines, an empty line, the body. JSON is `reply`'s; what a
script is asked is `metavariables`'.

RFC 3875, section 6: lines may end in LF alone, `Status` is the status, `Location` without one redirects, also
to a path of this server. A script that writes a whole HTTP response (NPH) is refused.
"""

from __future__ import annotations

import re

from gojinn.functions.reply import (
    CONTROL,
    LARGEST_HEADERS,
    OURS,
    Field,
    Invalid,
    Reply,
    field_name,
)

END = re.compile(rb"\r?\n\r?\n")
"""The empty line."""
STATUS = re.compile(r"([2-5]\d\d)(?: .*)?", re.ASCII)
STATUS_LINE = b"HTTP/"
SAYING = frozenset((b"content-type", b"location"))
"""Fields of which every script writes one, or `Status`."""
FOUND, OK = 302, 200


def decode_cgi(stdout: bytes) -> Reply:
    """Reads what a function wrote. Raises Invalid."""
    end = END.search(stdout, 0, LARGEST_HEADERS)
    if end is None:
        if not stdout:
            raise Invalid("nothing was written to stdout")
        if len(stdout) >= LARGEST_HEADERS:
            raise Invalid(f"its header lines do not end within {LARGEST_HEADERS} bytes")
        raise Invalid("there is no empty line behind its header lines")
    status, fields = read_lines(stdout[: end.start()])
    if not fields and status is None:
        raise Invalid("it has no header line, expected 'Content-Type', 'Location' or 'Status'")
    names = frozenset(name for name, _ in fields)
    if status is None:
        status = FOUND if b"location" in names else OK
    return Reply(status, tuple(fields), names, stdout[end.end() :])


def read_lines(head: bytes) -> tuple[int | None, list[Field]]:
    """Reads header lines: the status that they say, and the fields. Raises Invalid."""
    if head.startswith(STATUS_LINE):
        raise Invalid("it begins with a status line as NPH scripts write it, expected a line 'Status: 200'")
    status: int | None = None
    fields: list[Field] = []
    for line in head.split(b"\n") if head else ():
        name, colon, value = line.removesuffix(b"\r").partition(b":")
        if not colon:
            raise Invalid("a header line has no ':'")
        key, content = field_name(name.decode("latin-1")), field_content(value)
        if key == b"status":
            if status is not None or not (said := STATUS.fullmatch(content.decode("latin-1"))):
                raise Invalid("'Status' is not given once as a final status, expected 200 to 599")
            status = int(said[1])
        elif key not in OURS:
            fields.append((key, content))
    return status, fields


def field_content(value: bytes) -> bytes:
    """Checks a header's value, which may be in any encoding. Raises Invalid for what could end the line."""
    if CONTROL.search(value.decode("latin-1")):
        raise Invalid("a header's value has a control character")
    return value.strip(b" \t")


def is_script(stdout: bytes) -> bool:
    """Whether what a function wrote is the answer of a CGI script."""
    try:
        reply = decode_cgi(stdout)
    except Invalid:
        return False
    return bool(SAYING & reply.names) or reply.status != OK
