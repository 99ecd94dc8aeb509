"""Applications written for other servers, as functions: WSGI, ASGI, Rack, PSGI, and Go's `http.Handler`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from gojinn.build.compile import build
from gojinn.build.languages import LANGUAGES, read
from gojinn.testing.app import serve

pytestmark = [pytest.mark.slow, pytest.mark.toolchain]

WSGI = """
import hashlib
import pkgutil
import ssl
from gojinn_sdk import wsgi

import parts

def app(environ, start_response):
    if environ["PATH_INFO"] == "/python/fail":
        ssl.create_default_context().load_cert_chain("mine.pem")
    headers = [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-Of", environ["HTTP_X_A"])]
    start_response("201 Created", headers)
    name = environ["PATH_INFO"].encode("latin-1").decode()
    key = hashlib.pbkdf2_hmac("sha256", b"password", b"salt", 2).hex()
    assert key == "ae4d0c95af6b46d32d0adff928f06dd02a303f8ef3c251dfd6e2d85a95474c43"
    assert [module.name for module in pkgutil.iter_modules(parts.__path__)] == ["one"]
    said = f"{name} {environ['QUERY_STRING']} ".encode()
    return [said, environ["wsgi.input"].read(), "\\N{BULLET}".encode()]

handle = wsgi.handler(app)
"""
ASGI = """
from gojinn_sdk import asgi

async def app(scope, receive, send):
    body = (await receive())["body"]
    of = dict(scope["headers"])[b"x-a"]
    headers = [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"), (b"x-of", of)]
    await send({"type": "http.response.start", "status": 201, "headers": headers})
    said = f"{scope['path']} {scope['query_string'].decode()} ".encode() + body
    await send({"type": "http.response.body", "body": said, "more_body": True})
    await send({"type": "http.response.body", "body": "\N{BULLET}".encode()})

handle = asgi.handler(app)
"""
RACK = """
require "gojinn/rack"
require "gojinn/parts"
App = lambda do |env|
  path = env["PATH_INFO"].gsub("%C3%A4", "ä")
  headers = { "set-cookie" => ["a=1", "b=2"], "x-of" => env["HTTP_X_A"] }
  [201, headers, ["#{path} #{env["QUERY_STRING"]} ", env["rack.input"].read, Parts::One::SAID]]
end
def handle(request) = Gojinn::Rack.call(App, request)
"""
PSGI = r"""
use Gojinn::PSGI;
use mro;
my $app = sub {
    my ($env) = @_;
    my $headers = ['Set-Cookie' => 'a=1', 'Set-Cookie' => 'b=2', 'X-Of' => $env->{HTTP_X_A}];
    read $env->{'psgi.input'}, my $body, $env->{CONTENT_LENGTH};
    die if "@{ mro::get_linear_isa('Gojinn::PSGI') }" ne 'Gojinn::PSGI';
    return sub {
        my $writer = $_[0]->([201, $headers]);
        $writer->write("$env->{PATH_INFO} $env->{QUERY_STRING} $body\xe2\x80\xa2");
        $writer->close;
    };
};
sub handle { my ($request) = @_; return Gojinn::PSGI->call($app, $request) }
"""
GO = r"""package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"gojinn/serve"
)

func main() {
	router := http.NewServeMux()
	router.HandleFunc("POST /go/{name}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Set-Cookie", "a=1")
		w.Header().Add("Set-Cookie", "b=2")
		w.Header().Set("X-Of", r.Header.Get("X-A"))
		w.WriteHeader(201)
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "/go/%s %s %s•", r.PathValue("name"), strings.Split(serve.Of(r).URI, "?")[1], body)
	})
	serve.HTTP(router)
}
"""

APPLICATIONS = {
    "python": {"main.py": WSGI, "parts/__init__.py": "", "parts/one.py": ""},
    "asgi": {"main.py": ASGI},
    "ruby": {
        "index.rb": RACK,
        "lib/gojinn/parts.rb": "module Parts\n  autoload :One, 'gojinn/parts/one'\n  One\nend\n",
        "lib/gojinn/parts/one.rb": "module Parts\n  module One\n    SAID = '•'\n  end\nend\n",
    },
    "perl": {"index.pl": PSGI},
    "go": {
        "main.go": GO,
        "go.mod": "module app\n\ngo 1.22\n\nrequire gojinn v0.0.0\n\nreplace gojinn => ./.gojinn/sdk/go\n",
    },
}


async def test_applications_of_other_servers_are_functions(
    tmp_path: Path, missing: Callable[[str], NoReturn]
) -> None:
    found = {language.name for language in LANGUAGES if language.find(tmp_path)}
    if lacking := {"python", "ruby", "perl", "go"} - found:
        missing(f"compilers for {', '.join(sorted(lacking))}")
    for name, files in APPLICATIONS.items():
        for file, text in files.items():
            (tmp_path / name / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / file).write_text(text)
    built = await asyncio.gather(*(build(read(tmp_path / name)) for name in APPLICATIONS))
    routes = "".join(
        f"\tgojinn /{name}/* {each.project.output}\n" for name, each in zip(APPLICATIONS, built, strict=True)
    )
    async with serve(f":0 {{\n{routes}}}\n") as app:
        for name in APPLICATIONS:
            url = f"{app.url}/{name}/%C3%A4?q=1"
            async with app.session.post(url, data=b"body", headers={"X-A": "field"}) as answer:
                said = (answer.status, await answer.text(), answer.headers.getall("Set-Cookie"))
                of = answer.headers["X-Of"]
            assert said == (201, f"/{name}/ä q=1 body\N{BULLET}", ["a=1", "b=2"])
            assert of == "field"
        status, body = await app.get("/python/fail", headers={"X-A": "a"})
        assert (status, json.loads(body)["title"]) == (500, "the function failed")
