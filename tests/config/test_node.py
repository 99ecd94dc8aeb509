"""Options of a node: read in the global block and in routes, and in agreement."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gojinn.app import GRAMMAR
from gojinn.config.load import load_config
from gojinn.config.model import Config
from gojinn.config.node import NodeOptions, agreed, filled
from gojinn.config.units import Secret
from gojinn.errors import ConfigError, ConfigErrors

SEED = "SUAPM67TC4RHQLKBX55NIQXSMATZDOZK6FNEOSS36CAYA7F7TY66LP4BOM"
USER = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4"

Load = Callable[[str], Config]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Loads a Caddyfile beside which there are some modules."""
    for name in ("a.wasm", "b.wasm", "ca.pem"):
        (tmp_path / name).touch()

    def load(text: str) -> Config:
        (tmp_path / "Caddyfile").write_text(text)
        return load_config(str(tmp_path / "Caddyfile"), GRAMMAR)

    return load


def test_options_of_both_places_are_joined(load: Load, tmp_path: Path) -> None:
    config = load(
        f"""{{
	gojinn {{
		data_dir state
		store_cipher_key {{env.KEY}}
		store_limit 1GiB
	}}
}}
:1 {{
	handle /a {{
		gojinn a.wasm {{
			nats_port 4222
			nats_user_seed {SEED}
			trusted_nats_users {USER}
		}}
	}}
	handle /b {{
		gojinn b.wasm {{
			nats_port 4222
			server_name eu-1
		}}
	}}
}}
"""
    )
    options, errors = agreed(config)
    assert not errors
    assert filled(options, {"KEY": "hush"}) == NodeOptions(
        data_dir=str(tmp_path / "state"),
        server_name="eu-1",
        nats_port=4222,
        nats_user_seed=Secret(SEED),
        trusted_nats_users=(USER,),
        store_cipher_key=Secret("hush"),
        store_limit=1 << 30,
    )


def test_routes_that_disagree_are_told_with_their_places(load: Load) -> None:
    with pytest.raises(ConfigErrors) as raised:
        load(
            """{
	gojinn {
		nats_port 4000
	}
}
:1 {
	gojinn /a a.wasm {
		nats_port 4001
		store_cipher_key one-secret
	}
	gojinn /b b.wasm {
		store_cipher_key another-secret
	}
}
"""
        )
    report = raised.value.render()
    assert "Caddyfile:7:12: 'nats_port' holds for the whole node but has different values" in report
    assert "given '4001', elsewhere '4000'" in report
    assert "Caddyfile:11:12: 'store_cipher_key' holds for the whole node but has different values\n" in report


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("nats_user_seed SUHUNTER2", "expected the seed of a user's NKey"),
        ("nats_user_seed hunter2 hunter2", "expected <seed>"),
        ("store_cipher_key", "expected <key>"),
        ('store_cipher_key ""', "expected a key of one line that is not empty"),
        ("trusted_nats_users me", "expected a user's public NKey"),
        ("nats_port 99999", "expected a port from 0 to 65535"),
        ("store_limit 1k", "expected a size of at least '10MiB'"),
        ("server_name a.b", "expected a name of 1 to 64 letters"),
        ("nats {\n}", "'nats' lacks 'url'"),
        ("nats {\nurl http://x\n}", "expected 'nats://<host>:<port>'"),
        ("nats {\nurl nats://me:hunter2@x\n}", "without credentials"),
        ("nats {\nurl nats://x:99999\n}", "expected 'nats://<host>:<port>'"),
        ("nats {\nurl nats://x\ntoken a b\n}", "expected <token>"),
        ("nats {\nurl nats://x\nreplicas 2\n}", "expected 1, 3 or 5"),
        ("nats {\nurl nats://x\nca none.pem\n}", "no such file"),
        ("nats_port 4000\nnats {\nurl nats://x\n}", "'nats_port' is for the embedded NATS"),
        ("nats {\nurl nats://x\n}\nnats {\nurl nats://y\n}", "'nats' is given twice"),
    ],
)
def test_wrong_options_are_told_without_their_secrets(load: Load, lines: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as raised:
        load(f"{{\ngojinn {{\n{lines}\n}}\n}}\n")
    assert "hunter2" not in raised.value.render().lower()


def test_a_route_has_no_embedded_nats_beside_one_of_the_users_own(load: Load) -> None:
    with pytest.raises(ConfigError, match="'nats_port' is for the embedded NATS"):
        load("{\ngojinn {\nnats {\nurl nats://x\n}\n}\n}\n:1\ngojinn /x a.wasm {\nnats_port 4000\n}\n")


def test_a_nats_of_ones_own_is_read(load: Load, tmp_path: Path) -> None:
    config = load(
        """{
	gojinn {
		nats {
			url nats://one:4222 tls://two
			user me
			password {env.PASSWORD}
			ca ca.pem
			replicas 3
		}
	}
}
"""
    )
    assert config.options.nats is not None
    nats = filled(config.options.nats, {"PASSWORD": "hush"})
    assert nats.urls == ("nats://one:4222", "tls://two")
    assert (nats.user, nats.password, nats.replicas) == ("me", Secret("hush"), 3)
    assert nats.ca == str(tmp_path / "ca.pem")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (NodeOptions(store_cipher_key=Secret("{env.KEY}")), "'store_cipher_key' is empty"),
        (NodeOptions(nats_user_seed=Secret("SU{env.KEY}")), "'nats_user_seed' is not the seed"),
    ],
    ids=["empty", "no seed"],
)
def test_secrets_that_the_environment_does_not_give_are_told(options: NodeOptions, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        filled(options, {})
