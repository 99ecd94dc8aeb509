"""Functions that prepare themselves when they are built (`snapshot = true`)."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gojinn.build.compile import build
from gojinn.build.languages import read
from gojinn.errors import BuildError, ConfigError

GOJINN = str(Path(sys.executable).with_name("gojinn"))

C = """
#include <gojinn.h>
#include <unistd.h>

static int squares[100];
static char *text;

static void prepare(void) {
    for (int i = 0; i < 100; i++) squares[i] = i * i;
    text = malloc(100000);
    memset(text, 'x', 100000);
    gojinn_log(GOJINN_INFO, "prepared");
}

GOJINN_PREPARE(prepare);

static gojinn_response handle(const gojinn_request *request) {
    (void)request;
    unsigned random = 0;
    getentropy(&random, sizeof random);
    const char *name = getenv("NAME");
    return gojinn_json(200, "{'prepared':%i,'env':%s,'random':%i}", (long long)(squares[99] + text[99999]),
        name ? name : "", (long long)random);
}

int main(void) {
    return gojinn_serve(handle);
}
"""
GO = """package main

import (
	cryptic "crypto/rand"
	"encoding/hex"
	old "math/rand"
	"math/rand/v2"
	"os"
	"time"

	"gojinn"
)

var prepared = map[string]int{}

func init() {
	for i := range 1000 {
		prepared[string(rune(i))] = rand.IntN(10) + old.Intn(10) + i
	}
}

func main() {
	gojinn.Serve(func(request *gojinn.Request) (*gojinn.Response, error) {
		drawn := make([]byte, 8)
		cryptic.Read(drawn)
		return gojinn.JSON(200, map[string]any{
			"prepared": len(prepared),
			"env":      os.Getenv("NAME"),
			"args":     len(os.Args),
			"old":      old.Int63(),
			"new":      rand.Uint64(),
			"cryptic":  hex.EncodeToString(drawn),
			"year":     time.Now().Year(),
		})
	})
}
"""
MOD = "module guest\n\ngo 1.24\n\nrequire gojinn v0.0.0\n\nreplace gojinn => ./.gojinn/sdk/go\n"


def built(folder: Path, **files: str) -> Path:
    """Builds a function of these files with `snapshot = true`."""
    for name, text in {"gojinn.toml": "snapshot = true\n", **files}.items():
        (folder / name.replace("_", ".")).write_text(text)
    return asyncio.run(build(read(folder))).project.output


def answered(module: Path, *options: str) -> Any:
    done = subprocess.run([GOJINN, "invoke", str(module), *options], capture_output=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.toolchain
def test_function_in_c_begins_prepared_with_live_environment_and_randomness(tmp_path: Path) -> None:
    module = built(tmp_path, main_c=C)
    first, second = answered(module, "--env", "NAME=Ada"), answered(module)
    assert first["prepared"] == second["prepared"] == 99 * 99 + ord("x")
    assert (first["env"], second["env"]) == ("Ada", "")
    assert first["random"] != second["random"]


@pytest.mark.slow
@pytest.mark.toolchain
def test_function_in_go_begins_prepared_with_live_environment_and_randomness(tmp_path: Path) -> None:
    module = built(tmp_path, main_go=GO, go_mod=MOD)
    first, second = answered(module, "--env", "NAME=Ada"), answered(module, "--arg", "one")
    assert first["prepared"] == second["prepared"] == 1000
    assert (first["env"], second["env"]) == ("Ada", "")
    assert second["args"] == first["args"] + 1
    for source in ("old", "new", "cryptic"):
        assert first[source] != second[source], source
    assert first["year"] >= 2026


@pytest.mark.slow
@pytest.mark.toolchain
@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (C.replace("GOJINN_PREPARE(prepare);", "void unused(void) { prepare(); }"), "export 'gojinn_init'"),
        (C.replace("    text = malloc", "    getentropy(squares, 4);\n    text = malloc"), "random numbers"),
        (
            C.replace("    text = malloc", '    gojinn_kv_get("a", NULL);\n    text = malloc'),
            "for requests only",
        ),
        (C.replace("    text = malloc", "    abort();\n    text = malloc"), "unreachable"),
        (C.replace("    text = malloc", "    exit(3);\n    text = malloc"), "with code 3"),
    ],
    ids=["nothing to prepare", "randomness", "host call", "crash", "exit"],
)
def test_what_cannot_be_prepared_is_refused_with_a_reason(source: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(BuildError) as caught:
        built(tmp_path, main_c=source)
    assert reason in caught.value.output


def test_interpreted_languages_have_no_snapshots_to_ask_for(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="JavaScript has no snapshots to ask for"):
        built(tmp_path, index_js="export default {};")


@pytest.mark.parametrize("value", ["1", "'yes'", "[true]"])
def test_snapshot_is_true_or_false(value: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="expected true or false"):
        built(tmp_path, gojinn_toml=f"snapshot = {value}\n", main_c="")
