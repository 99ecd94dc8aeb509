# make up      serves the example site         make test   checks everything
# make gallery  builds the site's functions in the languages with large interpreters, too
# make unit    the quick tests                 make bench  measures
# make docs    generates the reference pages   make clean  removes what the others made
# make runtimes  builds the interpreters that functions in JavaScript, Lua and others are made with;
#                REBUILD=php makes one anew, whether it is there or not, and records its hash

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
SITE := examples/site

# Used by tests: the reference for Caddyfiles, a load generator, Rust with a standard library for WASI,
# the compiler of C#.
TEST_PACKAGES := mosquitto mosquitto-clients postgresql mariadb-server caddy curl wrk rustc cargo libstd-rust-dev-wasm32 wasi-libc lld mono-mcs
BENCH_PACKAGES := wrk rustc libstd-rust-dev-wasm32 wasi-libc lld mono-mcs

# Many tests wait for other programs: with JOBS=2 two processes share them, a file to each, in the order of their tiers.
JOBS ?= 1
SIDE_BY_SIDE := $(if $(filter-out 1,$(JOBS)),--numprocesses $(JOBS) --dist loadfile --no-loadscope-reorder)

# What decides whether the package must be installed anew.
NATIVE := $(wildcard packaging/*.py src/gojinn/engine/native/*) src/gojinn/engine/stamp.py

RUNTIMES := runtimes/build.py $(wildcard runtimes/*/recipe.toml runtimes/*/src/* runtimes/*/web/* runtimes/*/*.xz)

.PHONY: up gallery test lint unit bench docs runtimes clean
.DEFAULT_GOAL := up

up: .venv/app
	@$(BIN)/gojinn build $(SITE)
	@$(BIN)/python examples/gallery.py
	@$(BIN)/gojinn up --config $(SITE)/Caddyfile

gallery: .venv/app
	@$(BIN)/python examples/gallery.py --all

test: .venv/dev
	@.ci/packages $(TEST_PACKAGES) || echo "the tests that need them are skipped"
	@command -v npm >/dev/null || .ci/packages nodejs npm || echo "the tests with clients for Node are skipped"
	$(MAKE) lint
	$(BIN)/pytest $(SIDE_BY_SIDE)

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

unit: .venv/dev
	$(BIN)/pytest -m "not slow and not toolchain and not soak"

bench: .venv/bench
	@.ci/packages $(BENCH_PACKAGES) || echo "the parts that need them are left out"
	@! command -v npm >/dev/null || npm install --silent --no-audit --no-fund --no-package-lock --prefix benchmarks
	$(BIN)/python -m benchmarks

runtimes: .venv/app
	@$(BIN)/python runtimes/build.py $(if $(REBUILD),--write)

docs: .venv/dev
	$(BIN)/python -m docs.generator

clean:
	rm -f src/gojinn/runtimes/*.wasm
	rm -rf .venv build dist src/*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis benchmarks/node_modules
	rm -rf examples/site/gallery examples/site/public/gallery.json
	find examples -name '*.wasm' -delete
	find examples -name .gojinn -type d -prune -exec rm -rf {} +
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Each stamp stands for an installation with certain extras; a newer manifest or native source makes it stale.
# An editable installation leaves compiling to the first start, or to every one where Python may not write.
.venv/app: EXTRAS := toolchains
.venv/dev: EXTRAS := toolchains,dev
.venv/bench: EXTRAS := toolchains,bench
.venv/app .venv/dev .venv/bench: pyproject.toml $(NATIVE) $(RUNTIMES) | $(BIN)/python
	@echo "installing gojinn[$(EXTRAS)] into .venv"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$(EXTRAS)]'
	@$(BIN)/python -m compileall -q src/gojinn
	@REBUILD= $(BIN)/python runtimes/build.py
	@touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is too old: Python 3.11 or newer is needed (make PYTHON=…)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || .ci/packages python3-venv
	@$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }
