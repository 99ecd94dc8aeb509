"""Modules of Node's own, beside what they do in Node itself."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest

from gojinn.build.compile import build
from gojinn.build.js import builtins, esbuild
from gojinn.build.languages import read
from gojinn.build.runtimes import locate, runtime
from gojinn.engine.cache import CompileCache
from gojinn.errors import BuildError
from gojinn.functions.config import FunctionConfig
from gojinn.functions.invocation import Invocation
from gojinn.testing.platform import opened_platform

Missing = Callable[[str], NoReturn]

pytestmark = pytest.mark.slow

CASES = Path(__file__).parent / "functions" / "node"
REQUEST = b'{"method": "GET", "uri": "/", "headers": {}, "body": "", "trigger": "http"}'


@pytest.fixture(autouse=True)
def image(missing: Missing) -> None:
    """The runtime's image, without which nothing here can be built."""
    if locate(runtime("javascript")) is None:
        missing("the image of the runtime for JavaScript: run 'make runtimes'")


@pytest.fixture(scope="module")
def expected(missing: Missing) -> Any:
    """What Node says to the cases."""
    if shutil.which("node") is None:
        missing("node")
    cases = json.dumps(str(CASES / "cases.js"))
    script = f"import({cases}).then(async (all) => console.log(JSON.stringify(await all.results())))"
    done = subprocess.run(["node", "-e", script], capture_output=True, check=True)
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> CompileCache:
    """Keeps compiled modules of this file."""
    return CompileCache(tmp_path_factory.mktemp("cache"))


async def answered(folder: Path, cache: CompileCache) -> str:
    """Builds and asks a function; the body of its answer."""
    built = await build(read(folder))
    async with opened_platform(cache) as platform:
        function = await platform.function(FunctionConfig(str(built.project.output)))
        result = await platform.runner.run(Invocation(function, REQUEST))
    assert result.outcome is not None
    answer = json.loads(result.outcome.stdout)
    assert answer["status"] == 200, [record.text for record in result.log]
    return str(answer["body"])


async def test_they_do_what_they_do_in_node(cache: CompileCache, expected: Any, tmp_path: Path) -> None:
    shutil.copytree(CASES, tmp_path, ignore=shutil.ignore_patterns("build"), dirs_exist_ok=True)
    assert json.loads(await answered(tmp_path, cache)) == expected


REQUIRING = """
const EventEmitter = require("events");
const { inherits } = require("util");
const assert = require("assert/strict");
const { Buffer } = require("buffer");
function Own() { EventEmitter.call(this); }
inherits(Own, EventEmitter);
module.exports = (text) => {
    const own = new Own();
    let heard;
    own.on("x", (value) => void (heard = Buffer.from(value).toString("hex")));
    own.emit("x", text);
    assert(heard);
    const digest = require("crypto").createHash("sha1").update(text).digest("hex");
    return [heard, require("path").extname("a.b"), digest.slice(0, 4)].join(" ");
};
"""


MAIN = """\
import { results } from "./cases.js";
import use from "./use.cjs";
export default async () => ({ results: await results(), used: use("ab") });
"""


async def test_they_do_so_when_they_are_bundled_or_required(
    cache: CompileCache, expected: Any, packages: Path
) -> None:
    folder = packages / "node"
    folder.mkdir()
    shutil.copy(CASES / "cases.js", folder)
    (folder / "index.ts").write_text(MAIN)
    (folder / "use.cjs").write_text(REQUIRING)
    answer = json.loads(await answered(folder, cache))
    assert answer == {"results": expected, "used": "6162 .b da23"}


def test_installed_package_goes_before_ours(packages: Path) -> None:
    folder = packages / "installed"
    (folder / "node_modules" / "events").mkdir(parents=True)
    (folder / "node_modules" / "events" / "index.js").write_text("export default 'theirs';\n")
    (folder / "index.ts").write_text("import which from 'events';\nexport default () => which;\n")
    program = esbuild.find(folder)
    assert program is not None
    bundle, _ = esbuild.bundle(program, folder, folder / "index.ts")
    assert "theirs" in bundle.files["bundle.js"]


async def test_what_is_not_there_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "index.js").write_text("import fs from 'node:fs';\nexport default () => fs;\n")
    with pytest.raises(BuildError) as caught:
        await build(read(tmp_path))
    assert "'index.js' imports 'node:fs', a module of Node's own" in caught.value.output


async def test_buffer_that_is_not_imported_is_told_how(tmp_path: Path) -> None:
    (tmp_path / "index.js").write_text("export default () => Buffer;\nBuffer.from('x');\n")
    with pytest.raises(BuildError) as caught:
        await build(read(tmp_path))
    assert "write import { Buffer } from 'node:buffer'" in caught.value.output


def test_functions_without_them_have_none() -> None:
    assert not builtins.IMPORTED.search("const x = 'eventual'; import y from './path.js';")
    assert set(builtins.NAMES) >= {"assert", "buffer", "crypto", "events", "path", "url", "util"}
