"""The response as a CGI script writes it: header lines, an empty line, the body. JSON is `reply`'s.

RFC 3875, section 6: lines may end in LF alone, `Status` is the status, `Location` without one redirects.
"""

from __future__ import annotations

import re

from gojinn.functions.reply import LARGEST_HEADERS, OURS, Field, Invalid, Reply, field_name, field_value

END = re.compile(rb"\r?\n\r?\n")
"""The empty line."""
STATUS = re.compile(r"([2-5]\d\d)(?: .*)?")
FOUND, OK = 302, 200


def decode_cgi(stdout: bytes) -> Reply:
    """Reads what a function wrote. Raises Invalid."""
    end = END.search(stdout, 0, LARGEST_HEADERS)
    if end is None:
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
    status: int | None = None
    fields: list[Field] = []
    try:
        lines = head.decode().splitlines()
    except UnicodeDecodeError as error:
        raise Invalid("its header lines are not valid UTF-8") from error
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise Invalid("a header line has no ':'")
        key, content = field_name(name), field_value(value)
        if key == b"status":
            if status is not None or not (said := STATUS.fullmatch(content.decode())):
                raise Invalid("'Status' is not given once as a final status, expected 200 to 599")
            status = int(said[1])
        elif key not in OURS:
            fields.append((key, content))
    return status, fields
