"""What the address of a site means: scheme, host, port and path. Which sites clash is `validate`'s."""

from __future__ import annotations

import re
from ipaddress import ip_address

from gojinn.caddyfile.tree import Word
from gojinn.config.model import Address
from gojinn.config.units import BadValue, is_ip, parse_host, parse_port
from gojinn.errors import ConfigError, clip

LONGEST = 4096
"""Characters of an address, as in Caddy."""
SCHEMES = {"": "", "http": "http", "https": "https"}
PARTS = re.compile(
    r"(?:(?P<scheme>[^/]*)://)?"
    r"(?P<host>\[[^\]/]*\]|[^:/\[\]]*|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)"
    r"(?::(?P<port>[^:/]*))?"
    r"(?P<path>/.*)?",
    re.DOTALL,
)
"""The parts of an address; an IPv6 host may stand without brackets when there is no port."""

EXPECTED = "an address such as ':8080', 'localhost:8080', 'http://example.com' or 'https://example.com'"


def read_address(word: Word) -> Address:
    """Reads a site's address. Raises ConfigError when it is none."""
    found = PARTS.fullmatch(word.text) if len(word.text) <= LONGEST else None
    if found is None or not word.text:
        raise word.error(f"wrong address '{clip(word.text)}', expected {EXPECTED}")
    scheme = (found["scheme"] or "").lower()
    if scheme not in SCHEMES:
        raise wrong_scheme(word, scheme)
    try:
        host = normal_host(found["host"])
        port = parse_port(found["port"]) if found["port"] else None
    except BadValue as bad:
        raise word.error(
            f"wrong address '{word.text}': given '{bad.given}', expected {bad.expected}"
        ) from bad
    return Address(scheme, host, port, found["path"] or "")


def wrong_scheme(word: Word, scheme: str) -> ConfigError:
    """Makes the error for a scheme that is not served."""
    message = f"wrong scheme in the address '{word.text}': given '{scheme}', expected 'http' or 'https'"
    websocket = {"ws": "http", "wss": "https"}.get(scheme)
    hint = f"write '{websocket}://': WebSockets are served there too" if websocket else None
    return word.error(message, hint=hint)


def normal_host(text: str) -> str:
    """Brings a host into the form that requests are compared with: lower case, punycode, short IP."""
    if not text:
        return ""
    bare = text[1:-1] if text.startswith("[") else text
    if is_ip(bare):
        return str(ip_address(bare))
    if not text.isascii():
        try:
            text = text.encode("idna").decode()
        except UnicodeError:
            raise BadValue(text, "a host name") from None
    return parse_host(text).removesuffix(".")
