"""The `encode` directive: compresses answers for clients that accept it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Directive, Scope
from gojinn.config.fields import flag, line, option, read_block, read_value
from gojinn.config.units import choice, integer
from gojinn.edge.answers import AnswerMatch, read_answer_match
from gojinn.edge.compression import SLICE, Compressed, Compressor, Gzip, Resumed, Zstd
from gojinn.edge.encoding import accepted_encodings
from gojinn.edge.handler import BuildContext, Handler, Middleware
from gojinn.edge.headers import drop, first, put
from gojinn.edge.message import Request, Response
from gojinn.edge.sniff import sniff

FORMATS = ("gzip", "zstd")
LEVEL = 5
TEXTS = (
    "text/*",
    "application/json*",
    "application/javascript*",
    "application/xhtml+xml*",
    "application/atom+xml*",
    "application/rss+xml*",
    "image/svg+xml*",
)
"""Content types that are compressed unless `match` says something else."""


def read_level(node: Node, scope: Scope) -> int:
    """Reads the level of gzip, if one is given."""
    return read_value(node.one("[<level>]"), integer(1, 9), node.text) if node.args else LEVEL


@dataclass(frozen=True, slots=True)
class EncodeConfig:
    """encode [<matcher>] <gzip|zstd...> {
        gzip           [<level>]
        zstd
        minimum_length <bytes>
        match {
            status <code...>
            header <field> <value>
        }
    }

    Compresses answers with the format that the client likes best; between equal ones the first named is
    taken. Answers that are compressed already, and parts of files, stay as they are.
    """

    formats: tuple[str, ...]
    """The formats in order of preference."""
    gzip: int = line(read_level, "[<level>]", default=LEVEL)
    """Adds gzip; its level goes from 1 (fast) to 9 (small)."""
    zstd: bool = flag()
    """Adds Zstandard."""
    minimum_length: int = option(integer(0), "<bytes>", unit="bytes", default=512)
    """What is not longer than this is sent as it is."""
    match: AnswerMatch = line(
        lambda node, scope: read_answer_match(node),
        "{ … }",
        default=AnswerMatch(fields=(("content-type", TEXTS),)),
        takes_block=True,
    )
    """Which answers to compress; common text types by default."""


def parse(node: Node, scope: Scope) -> EncodeConfig:
    """Reads the formats and the block."""
    formats = [read_value(word, choice(*FORMATS), node.text) for word in node.args]
    formats += [child.text for child in node.block or () if child.text in FORMATS]
    config = read_block(node, EncodeConfig, scope, formats=tuple(dict.fromkeys(formats)))
    if not formats:
        raise node.error("'encode' lacks a format", hint="write 'encode zstd gzip'")
    return config


def build(config: EncodeConfig, context: BuildContext) -> Middleware:
    """Makes the middleware that compresses."""

    def middleware(following: Handler) -> Handler:
        async def handle(request: Request) -> Response:
            accepted = accepted_encodings(request, config.formats)
            name = next((name for name in accepted if name in config.formats), None)
            response = await following(request)
            if name is not None and not response.implicit and response.upgrade is None:
                await encode(response, name, config)
            return response

        return handle

    return middleware


async def encode(response: Response, name: str, config: EncodeConfig) -> None:
    """Compresses a response if it is worth it."""
    start = await peek(response)
    length = first(response.headers, b"content-length") or b""
    known = int(length) if length.isdigit() and len(length) < 20 else 0
    if max(len(start), known) <= config.minimum_length:
        return
    if start and not first(response.headers, b"content-type"):
        put(response.headers, b"content-type", sniff(start).encode())
    if not suits(response, config.match):
        return
    drop(response.headers, b"content-length", b"accept-ranges")
    put(response.headers, b"content-encoding", name.encode())
    response.headers.append((b"vary", b"Accept-Encoding"))
    compress_body(response, Zstd() if name == "zstd" else Gzip(config.gzip), live=not known)


async def peek(response: Response) -> bytes:
    """Returns how a body begins without losing that."""
    body = response.body
    if isinstance(body, bytes):
        return body
    start = await anext(body, b"")
    response.body = Resumed(start, body)
    return start


def suits(response: Response, match: AnswerMatch) -> bool:
    """Tells whether an answer may be compressed: it is whole, not compressed yet and of a wanted kind."""
    encoded = first(response.headers, b"content-encoding")
    return not encoded and first(response.headers, b"content-range") is None and match.holds(response)


def compress_body(response: Response, compressor: Compressor, *, live: bool) -> None:
    """Compresses a short body at once and a longer one while it is sent."""
    body = response.body
    if not isinstance(body, bytes):
        response.body = Compressed(body, compressor, live=live)
    elif len(body) > SLICE:
        response.body = Compressed(once(body), compressor, live=False)
    elif body:
        response.body = compressor.compress(body) + compressor.finish()


async def once(body: bytes) -> AsyncGenerator[bytes, None]:
    """Makes a stream of a body."""
    yield body


DIRECTIVE = Directive("encode", EncodeConfig, parse, build)
