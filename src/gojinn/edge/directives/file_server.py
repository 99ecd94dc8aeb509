"""The `file_server` directive: files and folders of the site's root."""

from __future__ import annotations

import errno
import os
import posixpath
import random
from collections.abc import Awaitable
from dataclasses import dataclass

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Directive, Scope
from gojinn.config.fields import flag, line, option, read_block, words
from gojinn.config.units import choice, parse_text
from gojinn.edge.encoding import accepted_encodings
from gojinn.edge.files.content import Content, etag, redirect
from gojinn.edge.files.hide import Hidden
from gojinn.edge.files.listing import arrange, read_folder, to_json
from gojinn.edge.files.lookup import Entry, canonical_path, find_index, last_segment, look
from gojinn.edge.files.mime import content_type
from gojinn.edge.files.page import to_html
from gojinn.edge.files.root import SITE_ROOT, read_root
from gojinn.edge.files.stream import FileStream, shared_reader
from gojinn.edge.handler import BuildContext, Handler, HttpError, Middleware
from gojinn.edge.headers import every, first, put
from gojinn.edge.message import Request, Response
from gojinn.edge.placeholders import Template
from gojinn.edge.status import parse_status_word, status_of
from gojinn.edge.url import join_root
from gojinn.edge.variables import original_path

SIDECARS = {"gzip": ".gz", "zstd": ".zst", "br": ".br"}
"""Endings of the files that hold another one compressed."""
SMALL = 64 * 1024
"""Bytes that are sent in one go with the head rather than piece by piece."""


def read_hidden(node: Node, scope: Scope) -> tuple[str, ...]:
    """Reads patterns; those that are paths become absolute."""
    if not node.args:
        raise node.wrong_args("<files...>")
    return tuple(
        word.text if "/" not in word.text or "{" in word.text else scope.path(word) for word in node.args
    )


@dataclass(frozen=True, slots=True)
class FileServerConfig:
    """file_server [<matcher>] [browse] {
        root          <path>
        hide          <files...>
        index         <files...>
        browse
        precompressed <gzip|zstd|br...>
        status        <status>
        disable_canonical_uris
        pass_thru
    }

    Serves files of the site's `root` to GET and HEAD, with ranges, entity tags and conditional requests. A
    folder is answered with its index file, under a path that ends in a slash. Links are followed, but for
    those that a function made to lead out of its mount; nothing else leads out of the root. The Caddyfile and
    the folder `.gojinn` are never served.
    """

    base: str
    """The folder of the Caddyfile: what relative paths and a missing `root` mean."""
    root: str = line(read_root, "<path>", default=SITE_ROOT)
    """Where the files are, if not where `root` says; may hold placeholders."""
    hide: tuple[str, ...] = line(read_hidden, "<files...>", default=())
    """What is treated as missing: names, or paths when they hold a slash; `*` and `?` are wildcards."""
    index: tuple[str, ...] = words(parse_text, "<files...>", default=("index.html", "index.txt"))
    """File names that stand for their folder."""
    browse: bool = flag()
    """Whether a folder without an index file is answered with a list of what is in it."""
    precompressed: tuple[str, ...] = words(choice(*SIDECARS), "<gzip|zstd|br...>")
    """Encodings for which a file next to the wanted one is sent when the client accepts it."""
    status: str = option(parse_status_word, "<status>", default="")
    """The status to answer with in place of 200."""
    disable_canonical_uris: bool = flag()
    """Whether to leave out the redirects that add or remove a trailing slash."""
    pass_thru: bool = flag()
    """Whether requests for missing files go on to the next directive."""


def parse(node: Node, scope: Scope) -> FileServerConfig:
    """Reads arguments and block."""
    given = [word.text for word in node.args]
    if given not in ([], ["browse"]):
        raise node.wrong_args("nothing or 'browse'")
    extra = {"browse": True} if given else {}
    return read_block(node, FileServerConfig, scope, base=scope.base_dir, **extra)


class FileServer:
    """Answers with the files of one `file_server`."""

    def __init__(self, config: FileServerConfig, context: BuildContext) -> None:
        self.config = config
        self.root = Template(config.root)
        self.hidden = Hidden((*config.hide, *context.files), config.base)
        self.index = [Template(name) for name in config.index]
        self.status = status_of(config.status) if config.status else None
        self.reader = shared_reader(context)
        self.confinement = context.confinement

    async def serve(self, request: Request, following: Handler) -> Response:
        """Answers a request, or passes it on when there is no file and `pass_thru` is set."""
        root = os.path.join(self.config.base, self.root.render(request))
        entry = self.find(join_root(root, request.path), request)
        if entry is None or (entry.is_folder and not self.config.browse):
            return await self.missing(request, following)
        if entry.is_folder:
            return await self.list(entry, request)
        to = None if self.config.disable_canonical_uris else canonical_path(request, entry)
        if to is not None:
            return redirect(request, to)
        if request.method not in ("GET", "HEAD"):
            put(request.answer, b"allow", b"GET, HEAD")
            raise HttpError(405)
        content = self.open(entry, request)
        return await self.send(content, request) if content else await self.missing(request, following)

    def find(self, path: str, request: Request) -> Entry | None:
        """Finds what a path means; None for what is missing or hidden."""
        info = look(path)
        if info is None:
            return None
        entry = Entry(path, info)
        if entry.is_folder:
            names = [template.render(request) for template in self.index]
            shown = [name for name in names if not self.hidden.holds(join_root(path, name), request)]
            entry = find_index(path, shown) or entry
        hidden = self.hidden.holds(entry.path, request) or not self.confinement.allows(entry.path)
        return None if hidden else entry

    def missing(self, request: Request, following: Handler) -> Awaitable[Response]:
        """Passes on a request for what does not exist, or raises 404."""
        if self.config.pass_thru:
            return following(request)
        raise HttpError(404)

    def open(self, entry: Entry, request: Request) -> Content | None:
        """Opens a file or its compressed form and sets the fields that tell which; None when it vanished."""
        modified = entry.info.st_mtime_ns // 10**9
        for encoding in accepted_encodings(request, self.config.precompressed):
            path = entry.path + SIDECARS.get(encoding, "")
            info = look(path) if encoding in self.config.precompressed else None
            fd = self.descriptor(path, request) if info and not Entry(path, info).is_folder else None
            if fd is not None and info is not None:
                put(request.answer, b"content-encoding", encoding.encode())
                request.answer.append((b"vary", b"Accept-Encoding"))
                return self.describe(Content(self.reader, fd, modified), info, entry, request)
        fd = self.descriptor(entry.path, request)
        if fd is None:
            return None
        return self.describe(Content(self.reader, fd, modified), entry.info, entry, request)

    def descriptor(self, path: str, request: Request) -> int | None:
        """Opens a file; None when it vanished, or when a function's link led to it."""
        fd = open_file(path, request)
        if fd is not None and not self.confinement.allows_open(path, fd):
            os.close(fd)
            return None
        return fd

    def describe(self, content: Content, info: os.stat_result, entry: Entry, request: Request) -> Content:
        """Sets entity tag and content type."""
        put(request.answer, b"etag", etag(info))
        kind = content_type(entry.path)
        if kind and not first(request.answer, b"content-type"):
            put(request.answer, b"content-type", kind.encode())
        return content

    async def send(self, content: Content, request: Request) -> Response:
        """Answers with an open file, under the configured status."""
        response = content.answer(request)
        if isinstance(response.body, FileStream) and response.body.length <= SMALL:
            response.body = await response.body.read_all()
        if self.status is not None:
            response.status = self.status(request)
        return response

    async def list(self, folder: Entry, request: Request) -> Response:
        """Answers with what is in a folder."""
        original = original_path(request)
        unchanged = not request.path or last_segment(original) == last_segment(request.path)
        if unchanged and not original.endswith("/"):
            return redirect(request, original + "/")
        try:
            hidden = self.hidden
            items = await self.reader.run(
                lambda: read_folder(folder.path, lambda path: hidden.holds(path, request))
            )
        except OSError as error:
            raise HttpError(403 if error.errno == errno.EACCES else 404, str(error)) from error
        listing = arrange(request, posixpath.normpath(request.path), items)
        request.answer.extend(listing.cookies)
        accept = b",".join(every(request.raw_headers, b"accept")).lower()
        as_json = b"application/json" in accept
        kind = b"application/json" if as_json else b"text/html"
        put(request.answer, b"content-type", kind + b"; charset=utf-8")
        return Response(200, request.answer, to_json(listing) if as_json else to_html(listing))


def open_file(path: str, request: Request) -> int | None:
    """Opens a file; None when it vanished. Raises HttpError: 403, or 503 when descriptors ran out."""
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            return None
        if error.errno in (errno.EACCES, errno.EPERM):
            raise HttpError(403, str(error)) from error
        put(request.answer, b"retry-after", b"%d" % random.randint(2, 4))
        raise HttpError(503, str(error)) from error


def build(config: FileServerConfig, context: BuildContext) -> Middleware:
    """Makes the handler that serves."""
    server = FileServer(config, context)

    def middleware(following: Handler) -> Handler:
        def handle(request: Request) -> Awaitable[Response]:
            return server.serve(request, following)

        return handle

    return middleware


DIRECTIVE = Directive("file_server", FileServerConfig, parse, build)
