"""Configuration on its way to another process."""

from __future__ import annotations

from collections.abc import Callable

from gojinn.config.adapt import Adapted
from gojinn.config.parcel import pack, unpack


def test_configuration_arrives_as_it_was(adapted: Callable[[str], Adapted]) -> None:
    text = "{\nlog\n}\na, :80 {\n@m not path /a\nlog\ntls a b\ngroup @m {\nanswer a {\nkey k\n}\n}\n}"
    config = adapted(text).config
    assert unpack(pack(config)) == config


def test_secrets_arrive_whole(adapted: Callable[[str], Adapted]) -> None:
    config = unpack(pack(adapted(":80\nanswer a {\nkey hunter2\n}").config))
    assert config.sites[0].routes[0].config.key.reveal() == "hunter2"


def test_deepest_configuration_can_be_packed(adapted: Callable[[str], Adapted]) -> None:
    config = adapted(":80 {\n" + "group {\n" * 49 + "}\n" * 50).config
    assert unpack(pack(config)) == config
