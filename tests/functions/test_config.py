"""Tests of the `gojinn` directive's options."""

from __future__ import annotations

import pickle

import pytest

from gojinn.caddyfile.parser import parse
from gojinn.config.adapt import adapt
from gojinn.config.directive import Directive, Grammar
from gojinn.config.export import to_json
from gojinn.config.units import Secret
from gojinn.edge.matchers import path
from gojinn.engine.limits import Mount
from gojinn.errors import ConfigError
from gojinn.functions import config as directive
from gojinn.functions.config import FunctionConfig
from gojinn.functions.environment import resolve
from gojinn.functions.lines import ApiKey, Variable
from gojinn.functions.permissions import Permissions

GRAMMAR = Grammar((Directive("gojinn", FunctionConfig, directive.parse, lambda *_: None),), (path.MATCHER,))


def read(*lines: str, head: str = "gojinn hello.wasm") -> FunctionConfig:
    block = "".join(f"\t\t{line}\n" for line in lines)
    text = f":8080 {{\n\t{head} {{\n{block}\t}}\n}}\n"
    adapted = adapt(parse("/srv/Caddyfile", text, {}), GRAMMAR)
    config = adapted.config.sites[0].routes[0].config
    assert isinstance(config, FunctionConfig)
    return config


def refused(*lines: str, head: str = "gojinn hello.wasm") -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        read(*lines, head=head)
    return caught.value


def test_a_bare_directive_has_safe_defaults() -> None:
    config = read()
    assert config.module == "/srv/hello.wasm"
    assert config.name == "hello"
    assert config.timeout == 60.0
    assert config.memory_limit == 1954 * 65536
    assert config.fuel_limit is None
    assert config.max_output == 8 << 20
    assert config.pool_size == 1000
    assert config.api_keys == ()
    assert config.permissions == Permissions()


def test_every_option_is_read() -> None:
    config = read(
        "timeout 1m30s",
        "memory_limit 64MiB",
        "fuel_limit 1000000",
        "max_output 1KiB",
        "pool_size 4",
        "env GREETING hello",
        'env NAME "a b"',
        "args -v",
        "args one two",
        "mount /tmp /data ro",
        "mount /var /var",
        "debug_secret hunter2",
        "api_key key1",
        "api_key acme key2",
        "permissions {",
        "kv_read users/ *",
        "s3_write uploads/",
        "}",
    )
    assert config.timeout == 90.0
    assert config.memory_limit == 64 << 20
    assert config.fuel_limit == 1_000_000
    assert config.max_output == 1024
    assert config.pool_size == 4
    assert config.env == (Variable("GREETING", Secret("hello")), Variable("NAME", Secret("a b")))
    assert config.args == ("-v", "one", "two")
    assert config.mounts == (Mount("/tmp", "/data", True), Mount("/var", "/var"))
    assert config.debug_secret == Secret("hunter2")
    assert config.api_keys == (ApiKey("default", Secret("key1")), ApiKey("acme", Secret("key2")))
    assert config.permissions.granted() == {"kv_read", "s3_write"}


def test_the_engine_is_told_what_it_needs() -> None:
    spec = read("env A 1", "args x", "fuel_limit 9", "memory_limit 1MiB", "max_output 2k").spec()
    assert spec.args == ("hello", "x")
    assert spec.env == {"A": "1"}
    assert (spec.limits.memory, spec.limits.fuel, spec.limits.output) == (1 << 20, 9, 2000)


def test_memory_is_rounded_up_to_whole_pages() -> None:
    assert read("memory_limit 100k").memory_limit == 2 * 65536


def test_origin_points_at_the_module() -> None:
    origin = read().origin
    assert origin is not None
    assert (origin.place.line, origin.text) == (2, "hello.wasm")


def test_two_routes_with_the_same_settings_are_equal() -> None:
    assert read("env A 1") == read("", "env A 1")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("timeout 0", "expected a duration above zero"),
        ("timeout soon", "expected a duration"),
        ("timeout", "given nothing"),
        ("memory_limit 5GiB", "'64KiB' to '4GiB'"),
        ("memory_limit 0", "'64KiB' to '4GiB'"),
        ("memory_limit lots", "expected a size"),
        ("fuel_limit 0", "at least 1"),
        ("fuel_limit 1.5", "at least 1"),
        ("max_output 2GiB", "'1B' to '1GiB'"),
        ("pool_size 0", "from 1 to 30000"),
        ("env A", "given 1, expected <name> <value>"),
        ("env A=B c", "a name without '='"),
        ('env "" c', "a name without '='"),
        ("mount /tmp", "expected <host folder>|tenant:<name> <guest folder> [ro] [quota <size>]"),
        (
            "mount /tmp /data readonly",
            "expected <host folder>|tenant:<name> <guest folder> [ro] [quota <size>]",
        ),
        ('mount /tmp ""', "the guest's name for it"),
        ("debug_secret", "given 0, expected <secret>"),
        ('debug_secret ""', "a secret that is not empty"),
        ('api_key ""', "a secret that is not empty"),
        ("api_key a b c", "given 3, expected [<tenant>] <key>"),
        ("api_key a.b key", "a tenant's name"),
        ("api_key * key", "a tenant's name"),
        ("args", "given nothing"),
        ("memry 1", "unknown subdirective 'memry'"),
    ],
)
def test_refuses(line: str, message: str) -> None:
    error = refused(line)
    assert message in error.message
    assert error.place is not None
    assert error.place.line == 3


@pytest.mark.parametrize(
    "lines",
    [
        ("timeout 1s", "timeout 2s"),
        ("env A 1", "env A 2"),
        ("mount /a /x", "mount /b /x"),
        ("debug_secret a", "debug_secret b"),
        ("api_key a key", "api_key b key"),
    ],
)
def test_what_may_stand_once_is_refused_the_second_time(lines: tuple[str, str]) -> None:
    error = refused(*lines)
    assert "twice" in error.message
    assert error.place is not None
    assert error.place.line == 4


def test_a_missing_module_names_the_way_to_write_an_absolute_path() -> None:
    error = refused(head="gojinn /srv/hello.wasm")
    assert error.message == "'gojinn' lacks its module, expected <module.wasm>"
    assert error.hint is not None
    assert "gojinn * /srv/hello.wasm" in error.hint


def test_a_path_matcher_goes_before_the_module() -> None:
    assert read(head="gojinn * /opt/x.wasm").module == "/opt/x.wasm"


@pytest.mark.parametrize(
    "lines",
    [
        ("debug_secret s3cr3t s3cr3t",),
        ("debug_secret a", "debug_secret s3cr3t"),
        ("api_key a b s3cr3t",),
        ("api_key a. s3cr3t",),
        ("api_key a s3cr3t", "api_key b s3cr3t"),
        ("env A B s3cr3t",),
        ("env A s3cr3t", "env A s3cr3t"),
        ("env A=B s3cr3t",),
        ("env A s3cr3t {", "}"),
    ],
)
def test_errors_do_not_repeat_secrets(lines: tuple[str, ...]) -> None:
    assert "s3cr3t" not in refused(*lines).render()


def test_secrets_are_masked_wherever_the_configuration_is_shown() -> None:
    config = read("env A s3cr3t", "debug_secret s3cr3t", "api_key acme s3cr3t", "timeout 1s")
    assert "s3cr3t" not in repr(config)
    shown = to_json(config)
    assert "s3cr3t" not in shown
    assert '"tenant": "acme"' in shown
    assert '"origin"' not in shown


def test_a_configuration_travels_between_processes() -> None:
    config = read("env A s3cr3t", "api_key acme k", "mount /tmp /data ro")
    again = pickle.loads(pickle.dumps(config))
    assert again == config
    assert again.spec() == config.spec()


def test_the_environment_is_filled_in_at_load() -> None:
    config = read(
        "env TOKEN {env.TOKEN}",
        "args x{env.TOKEN}y",
        "debug_secret {env.DEBUG}",
        "mount {env.HOME} /home",
        "api_key {env.KEY}",
        "allow_host {env.KEY}.example.com:443 10.0.0.1",
        head="gojinn {env.KEY}.wasm",
    )
    resolved = resolve(config, {"TOKEN": "t", "DEBUG": "d", "HOME": "/root", "KEY": "k"})
    assert resolved.http.allow_host == ("k.example.com:443", "10.0.0.1")
    assert resolved.module == "/srv/k.wasm"
    assert resolved.env[0].value == Secret("t")
    assert resolved.args == ("xty",)
    assert resolved.debug_secret == Secret("d")
    assert resolved.mounts[0].host == "/root"
    assert resolved.api_keys[0].key == Secret("k")


def test_a_host_that_is_none_once_it_is_filled_in_is_a_fault() -> None:
    resolved = resolve(read("allow_host {env.HOST}"), {"HOST": "https://example.com"})
    fault = resolved.http.fault()
    assert fault is not None
    assert "given 'https://example.com'" in fault


def test_a_variable_within_a_path_is_relative() -> None:
    resolved = resolve(read(head="gojinn build/{env.NAME}.wasm"), {"NAME": "a"})
    assert resolved.module == "/srv/build/a.wasm"


def test_a_variable_that_is_not_set_is_empty() -> None:
    assert resolve(read("env TOKEN {env.NOPE}"), {}).env[0].value == Secret("")


@pytest.mark.parametrize("line", ["debug_secret {env.NOPE}", "api_key {env.NOPE}"])
def test_a_secret_must_not_become_empty(line: str) -> None:
    with pytest.raises(ConfigError, match="of this function is empty"):
        resolve(read(line), {})
