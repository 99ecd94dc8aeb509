"""Addresses of requests: read once, so that what is checked and what is asked cannot differ. Asks nothing.

Whatever another parser could read differently is not taken: control characters, a backslash before the path,
a login.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, urljoin

from gojinn.capabilities.http.addresses import Address
from gojinn.capabilities.http.hosts import BadHost, parse_host, shown
from gojinn.errors import clip

LONGEST = 16 << 10
"""Characters."""
PORTS = {"http": 80, "https": 443}
WHOLE = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<authority>[^/?#\\]*)(?P<target>[^#]*)(#.*)?", re.I)
AUTHORITY = re.compile(r"(?P<host>\[[^]]*\]|[^:]*)(:(?P<port>[0-9]{0,5}))?")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
KEPT = "%/?:@!$&'()*+,;=[]|^~"
"""Characters of path and query that stay as they are, besides letters, digits and `-._`."""


class BadUrl(ValueError):
    """A text is no address of HTTP. The message says why."""


@dataclass(frozen=True, slots=True)
class Url:
    """What a request is for."""

    scheme: str
    host: str | Address
    """A name in its one spelling, or an address."""
    port: int
    target: str
    """Path and query as they are sent."""

    @property
    def usual_port(self) -> int:
        """The port that the scheme has where none is given."""
        return PORTS[self.scheme]

    @property
    def authority(self) -> str:
        """Host and port as they are sent."""
        return shown(self.host) + ("" if self.port == self.usual_port else f":{self.port}")

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"{self.scheme}://{self.authority}"

    def __str__(self) -> str:
        return self.origin + self.target


def parse_url(text: str) -> Url:
    """Reads an address of `http` or `https`. Raises BadUrl."""
    text = text.strip(" ")
    if len(text) > LONGEST:
        raise BadUrl(f"the url has {len(text)} characters, expected at most {LONGEST}")
    if CONTROL.search(text):
        raise BadUrl("the url has a line break or another control character in it")
    whole = WHOLE.fullmatch(text)
    if whole is None:
        raise BadUrl(f"the url is '{clip(text)}', expected one such as 'https://example.com/path'")
    scheme = whole["scheme"].lower()
    if scheme not in PORTS:
        raise BadUrl(f"the url is one of '{clip(scheme)}', expected 'http' or 'https'")
    host, port = parse_authority(whole["authority"], PORTS[scheme])
    return Url(scheme, host, port, parse_target(whole["target"]))


def parse_authority(text: str, usual: int) -> tuple[str | Address, int]:
    """Reads host and port. Raises BadUrl."""
    if "@" in text:
        raise BadUrl("the url has a login in it, expected an 'Authorization' header instead")
    parts = AUTHORITY.fullmatch(text)
    if parts is None:
        raise BadUrl(f"the url has the host '{clip(text)}', expected a name or an address")
    port = int(parts["port"] or usual)
    if not 1 <= port <= 65535:
        raise BadUrl(f"the url has the port {port}, expected one from 1 to 65535")
    try:
        return parse_host(parts["host"]), port
    except BadHost as error:
        raise BadUrl(f"the url has a wrong host: {error}") from error


def parse_target(text: str) -> str:
    """Reads path and query; what may not stand there is escaped. Raises BadUrl."""
    if text.startswith("\\"):
        raise BadUrl("the url has a backslash where its path begins, expected '/'")
    try:
        target = quote(text, safe=KEPT)
    except UnicodeEncodeError as error:
        raise BadUrl("the url has half of a character in it") from error
    return target if target.startswith("/") else "/" + target


def joined(base: Url, location: str) -> Url:
    """Reads where a redirect leads. Raises BadUrl."""
    if CONTROL.search(location) or "\\" in location:
        raise BadUrl("a control character or a backslash")
    try:
        return parse_url(urljoin(str(base), location))
    except BadUrl:
        raise
    except ValueError as error:
        raise BadUrl(str(error)) from error
