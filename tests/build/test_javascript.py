"""JavaScript and TypeScript: what is built, what is refused, and where an error is said to be."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from gojinn.build.bundle import Bundle, plain
from gojinn.build.compile import build
from gojinn.build.interpret import load
from gojinn.build.js import esbuild
from gojinn.build.js.bundling import SUFFIXES
from gojinn.build.js.language import INTERPRETER
from gojinn.build.languages import language, read
from gojinn.build.runtimes import locate, runtime
from gojinn.cli.scaffold import TEMPLATES, kinds, scaffold
from gojinn.engine.inspect import inspect_module
from gojinn.errors import BuildError

Missing = Callable[[str], NoReturn]

pytestmark = pytest.mark.slow

FINE = "export default () => 'fine';\n"


@pytest.fixture(autouse=True)
def image(missing: Missing) -> None:
    """The runtime's image, without which nothing here can be built."""
    if locate(runtime("javascript")) is None:
        missing("the image of the runtime for JavaScript: run 'make runtimes'")


def compiled(source: str, **files: str) -> tuple[bytes, str]:
    """Compiles a main file with others; keywords have '_' for '.'."""
    others = {name.replace("_", "."): text for name, text in files.items()}
    return load(INTERPRETER, Bundle("index.js", {"index.js": source, **others}))


def refused(source: str, **files: str) -> str:
    """What is said of a source that does not build."""
    with pytest.raises(BuildError) as caught:
        compiled(source, **files)
    return caught.value.message


HOSTILE = {
    "syntax": ("export default () => {\n  const x = ;\n}\n", "index.js:2:13", "SyntaxError"),
    "cut off": ("export default () => {\n  return `${", "index.js:2", "SyntaxError"),
    "exception": (
        "\n\nfunction f() { throw new TypeError('boom'); }\nf();",
        "index.js:3:26",
        "TypeError: boom",
    ),
    "thrown object": ("throw { a: [1] };", "thrown: { a: [1] }"),
    "thrown null": ("throw null;", "thrown: null"),
    "thrown getter": (
        "const e = new Error('x'); Object.defineProperty(e, 'message', { get() { throw e } }); throw e;",
        "cannot be shown",
    ),
    "endless recursion": ("function f(n) { return f(n + 1) + 1; }\nf(0);", "RangeError", "index.js:1"),
    "endless recursion of a getter": (
        "const o = { get x() { return this.x } };\no.x;",
        "RangeError",
        "index.js:1",
    ),
    "deep JSON": ("JSON.parse('['.repeat(1e6));", "RangeError", "index.js:1"),
    "deep source": ("eval('('.repeat(1e5));", "RangeError", "index.js:1"),
    "deep array": (
        "let a = [];\nfor (let i = 0; i < 1e6; i++) a = [a];\nString(a);",
        "RangeError",
    ),
    "deep proxy": ("let p = {};\nfor (let i = 0; i < 1e5; i++) p = new Proxy(p, {});\np.x;", "RangeError"),
    "huge string": ("'x'.repeat(2 ** 30 - 1);", "out of memory", "index.js:1"),
    "too long a string": ("let s = 'x';\nfor (;;) s += s;", "index.js:2"),
    "all memory": ("const a = [];\nfor (;;) a.push(new Uint8Array(1 << 24).fill(1));", "index.js:2"),
    "huge array": ("new Uint8Array(2 ** 40);", "RangeError", "index.js:1"),
    "await for ever": ("await new Promise(() => {});", "top-level 'await' never settles"),
    "lost rejection": ("Promise.reject(new Error('lost'));" + FINE, "lost", "index.js:1"),
    "no default": ("export const x = 1;", "no default export"),
    "empty": ("", "no default export"),
    "a default that is no handler": ("export default 5;", "is a number", "expected a function"),
    "a default without fetch": (
        "export default { get() {} };",
        "expected a function or an object with 'fetch'",
    ),
    "missing file": ("import './nope.js';" + FINE, "'index.js' imports './nope.js'"),
    "missing name": ("import { x } from './a.js';" + FINE, "x"),
    "outside": ("import '../../etc/passwd';" + FINE, "not there"),
    "absolute": ("import '/etc/passwd';" + FINE, "not there"),
    "package": ("import 'lodash';" + FINE, "'lodash' is not bundled", "npm install"),
    "runtime's own": ("import 'gojinn:nope';" + FINE, "'gojinn:nope'"),
    "broken JSON": ("import data from './a.json';" + FINE, "JSON"),
    "UUID": ("export const id = crypto.randomUUID();", "same for all requests", "index.js:1:25"),
    "random values": ("crypto.getRandomValues(new Uint8Array(4));", "same for all requests"),
    "timer": ("setTimeout(() => 1, 1);", "only in the handler", "index.js:1"),
    "host call": ("import { kv } from 'gojinn';\nawait kv.get('a');", "kv.get cannot be used while"),
    "request": ("await fetch('http://localhost/');", "failed: it cannot be used while the module is loaded"),
    "NUL": ("export default () => 1;\0", "SyntaxError", "index.js:1"),
    "no JavaScript": ("\x7fELF\x01\x02", "SyntaxError", "index.js:1"),
    "own exit": ("globalThis.process.exit(0);", "TypeError", "index.js:1"),
    "no prototype": ("Object.setPrototypeOf(globalThis, null);\nnull.x;", "index.js:2"),
    "broken builtins": ("Array.prototype.push = Array.prototype.map = null;\nnull.x;", "error"),
    "broken JSON.stringify": ("JSON.stringify = null; JSON.parse = null;\nnull.x;", "index.js:2"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_does_not_load_is_refused_with_its_place(name: str) -> None:
    source, *expected = HOSTILE[name]
    said = refused(source, a_js="export {};", a_json="{")
    assert not [part for part in expected if part not in said], said


@pytest.mark.parametrize(
    "source",
    [
        "\n\n/(a+)+$/.test('a'.repeat(60) + 'b');",
        "\n\nawait (async () => { for (;;) await 0; })();",
    ],
    ids=["regular expression", "promises"],
)
def test_endless_loop_at_the_top_ends_the_build(source: str) -> None:
    said = refused(source + FINE)
    assert "is there an endless loop?" in said


def test_loop_is_told_with_its_line() -> None:
    assert "at spin (index.js:3:" in refused(
        "let i = 0;\nfunction spin() {\n  while (true) { i++; }\n}\nspin();"
    )


def test_random_number_at_the_top_is_a_warning() -> None:
    module, said = compiled("const id = Math.random();\nMath.random();" + FINE)
    assert said.count("same for all requests") == 1
    assert "index.js:1:17" in said or "index.js:1:1" in said
    assert module


def test_module_imports_no_files_and_exports_only_its_start() -> None:
    module, said = compiled(
        "import data from './a.json'; console.log(data.x);" + FINE, a_json='{"x": [1, 2]}'
    )
    info = inspect_module(module, "index.js")
    assert said == "[1, 2]"
    assert dict(info.exports) == {"memory": "memory", "_start": "func"}
    assert {entry.module for entry in info.imports} == {"wasi_snapshot_preview1", "gojinn"}
    assert not [entry.name for entry in info.imports if entry.name.startswith("path_")]
    assert len(module) < 2 << 20


def test_same_source_gives_the_same_names_and_other_imports_work() -> None:
    files = {"lib.js": "export const x = 1;", "deep/index.js": "export { x } from '../lib.js';"}
    source = "import { x } from './lib'; import * as m from './deep'; export default () => x + m.x;"
    module, said = load(
        INTERPRETER,
        Bundle("src/index.js", {f"src/{k}": v for k, v in files.items()} | {"src/index.js": source}),
    )
    assert said == ""
    assert module


def test_source_that_is_not_utf8_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "index.js").write_bytes(b"\xef\xbb\xbfexport default () => 1;\n// caf\xe9\n")
    with pytest.raises(BuildError, match=r"index\.js:2:7: byte 0xe9 is not UTF-8"):
        plain(tmp_path, tmp_path / "index.js", SUFFIXES)


def test_too_many_sources_are_refused(tmp_path: Path) -> None:
    (tmp_path / "index.js").write_text(FINE)
    (tmp_path / "huge.json").write_text('"' + "x" * (9 << 20) + '"')
    with pytest.raises(BuildError, match=r"more than 8 MiB, at 'huge\.json'"):
        plain(tmp_path, tmp_path / "index.js", SUFFIXES)


def test_hidden_files_and_packages_are_no_sources(tmp_path: Path) -> None:
    for name in ("index.js", ".secret.js", ".git/x.js", "node_modules/a/b.js", "build/c.js", "lib/d.mjs"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(FINE)
    assert set(plain(tmp_path, tmp_path / "index.js", SUFFIXES).files) == {"index.js", "lib/d.mjs"}


async def test_folder_with_an_index_is_a_function(tmp_path: Path) -> None:
    (tmp_path / "index.js").write_text(FINE)
    project = read(tmp_path)
    assert (project.language, project.source.name) == ("js", "index.js")
    assert (await build(project)).fresh
    assert not (await build(project)).fresh
    (tmp_path / "index.js").write_text("nope(")
    with pytest.raises(BuildError) as caught:
        await build(project)
    assert "index.js:1:6" in caught.value.output
    assert "Traceback" not in caught.value.output


def test_typescript_needs_esbuild_and_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    spoken = language("ts")
    assert spoken.find(tmp_path) is None
    assert (
        spoken.install == f"run 'npm install --save-dev esbuild@{esbuild.VERSION}' in the function's folder "
        "(npm comes with Node)"
    )


def test_template_names_the_pinned_esbuild(tmp_path: Path) -> None:
    scaffold(tmp_path / "api", language("ts"))
    described = json.loads((tmp_path / "api" / "package.json").read_text())
    assert described["devDependencies"] == {"esbuild": esbuild.VERSION}


def function_in(packages: Path, name: str, **files: str) -> Path:
    """Makes a function's folder that sees the packages, as those of a workspace do."""
    folder = packages / name
    folder.mkdir()
    for file, text in files.items():
        (folder / file.replace("_", ".")).write_text(text)
    return folder


async def test_typescript_and_packages_are_bundled(packages: Path) -> None:
    source = (
        "import { customAlphabet } from 'nanoid';\nexport default (): string => customAlphabet('ab', 5)();\n"
    )
    folder = function_in(packages, "bundled", index_ts=source)
    built = await build(read(folder))
    assert built.warnings == ""
    assert built.size > 1 << 20


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("export default {\n  fetch(: 5\n", "index.ts:2:8"),
        ("import x from 'not-there';\nexport default () => x;\n", "index.ts:1:14"),
        ("import fs from 'fs';\nexport default () => fs;\n", "index.ts:1:15"),
        (
            "interface A { a: number }\n\nfunction f(a: A | null): number {\n  return a!.a;\n}\nf(null);",
            "index.ts:4:10",
        ),
    ],
    ids=["syntax", "missing package", "package of Node", "exception"],
)
async def test_errors_in_typescript_have_its_lines(packages: Path, source: str, place: str) -> None:
    folder = function_in(packages, f"broken{abs(hash(source))}", index_ts=source)
    with pytest.raises(BuildError) as caught:
        await build(read(folder))
    assert place in caught.value.output


def test_template_and_types_satisfy_the_type_checker(packages: Path) -> None:
    folder = packages / "typed"
    scaffold(folder, language("ts"))
    asyncio.run(build(read(folder)))
    (folder / "uses.ts").write_text(
        "import { kv, sql, blob, lock, queue, log, env, http, HostError } from 'gojinn';\n"
        "const a: string | null = await kv.get('a');\n"
        "const b: Uint8Array | null = await kv.get('a', { type: 'bytes' });\n"
        "const rows = await sql.query<{ n: number }>('select 1 as n', [1, 'x', null, 2n, new Date()]);\n"
        "const n: number = rows[0].n + (await blob.head('k'))!.size;\n"
        "await lock.run('l', async (held) => held.renew(5), { ttl: 3 });\n"
        "await queue.publish('q', { a, b, n }, { delay: 5 });\n"
        "log.info('x', { e: env.X, h: new Headers({ a: 'b' }).get('a'), u: new URL('http://a').host });\n"
        "if (new HostError() instanceof Error) await crypto.subtle.digest('SHA-256', new Uint8Array());\n"
        "setTimeout((x: number) => x, 5, 7);\n"
        "const { readable, writable } = new TransformStream<string, string>();\n"
        "for await (const part of readable.pipeThrough(new TextEncoderStream())) part.length;\n"
        "new Response(new ReadableStream<Uint8Array>()).body?.cancel(AbortSignal.timeout(5).reason);\n"
        "await writable.close();\n"
        "const relayed = new Request(new URL('http://a'), new Request('http://c', { redirect: 'manual' }));\n"
        "const upstream = await http.fetch(relayed, { signal: AbortSignal.timeout(5) });\n"
        "const changed: Response = new Response(upstream.body, upstream);\n"
        "if (changed.type === 'error') throw (await fetch('http://a', { signal: null })).redirected;\n"
        "// @ts-expect-error: a value is text or bytes\n"
        "await kv.put('a', 5);\n"
    )
    tsc = [str(packages / "node_modules" / ".bin" / "tsc"), "--project", str(folder)]
    for kind in kinds(language("ts")):
        (folder / f"{kind}.ts").write_text((TEMPLATES / "ts" / kind / "index.ts").read_text())
    done = subprocess.run(tsc, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
