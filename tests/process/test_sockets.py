import os
import socket
from collections.abc import Iterator

import pytest

from gojinn.edge.listeners import ListenerKey
from gojinn.errors import StartError
from gojinn.process.sockets import Listening, Sockets, show

LOCAL = ListenerKey("127.0.0.1", 0, False)


@pytest.fixture
def sockets() -> Iterator[Sockets]:
    opened = Sockets()
    yield opened
    opened.close()


def keep(sockets: Sockets, *keys: ListenerKey) -> list[Listening]:
    bound = sockets.bind(dict.fromkeys(keys, "Caddyfile:1"))
    sockets.keep(bound)
    return [bound[key] for key in keys]


def fixed(sockets: Sockets, host: str = "127.0.0.1", *, tls: bool = False) -> ListenerKey:
    """Opens a listener and gives it a key with the port that it got."""
    [entry] = keep(sockets, ListenerKey(host, 0, tls))
    key = ListenerKey(host, entry.address[1], tls)
    sockets.open = {key: Listening(key, entry.socket)}
    return key


def connects(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=2).close()
    except OSError:
        return False
    return True


def test_a_listener_takes_connections_before_anyone_accepts(sockets: Sockets) -> None:
    [entry] = keep(sockets, LOCAL)
    assert connects(*entry.address)


def test_no_host_means_both_address_families(sockets: Sockets) -> None:
    [entry] = keep(sockets, ListenerKey("", 0, False))
    assert connects("127.0.0.1", entry.address[1])
    assert connects("::1", entry.address[1]) or not socket.has_dualstack_ipv6()


def test_an_ipv6_host_is_that_address_only(sockets: Sockets) -> None:
    [entry] = keep(sockets, ListenerKey("::1", 0, False))
    assert connects("::1", entry.address[1])
    assert not connects("127.0.0.1", entry.address[1])


def test_a_listener_that_stays_keeps_its_socket(sockets: Sockets) -> None:
    [first] = keep(sockets, LOCAL)
    [second] = keep(sockets, LOCAL)
    assert first is second


def test_a_listener_that_goes_is_closed(sockets: Sockets) -> None:
    [entry] = keep(sockets, LOCAL)
    address = entry.address
    keep(sockets)
    assert not connects(*address)


def test_what_is_not_kept_is_closed_and_the_rest_stays(sockets: Sockets) -> None:
    [kept] = keep(sockets, LOCAL)
    other = ListenerKey("127.0.0.2", 0, False)
    bound = sockets.bind({LOCAL: "", other: ""})
    address = bound[other].address
    sockets.drop(bound)
    assert connects(*kept.address)
    assert not connects(*address)


def test_a_port_in_use_names_address_and_place(sockets: Sockets) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        key = ListenerKey("127.0.0.1", taken.getsockname()[1], False)
        with pytest.raises(StartError, match=rf"'127.0.0.1:{key.port}' \(Caddyfile:7:1\)") as failed:
            sockets.bind({key: "Caddyfile:7:1"})
    assert failed.value.exit_code == 4
    assert failed.value.hint


def test_a_failed_bind_leaves_nothing_open(sockets: Sockets) -> None:
    descriptors = len(os.listdir("/proc/self/fd"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        taken_key = ListenerKey("127.0.0.1", taken.getsockname()[1], False)
        with pytest.raises(StartError):
            sockets.bind({LOCAL: "", taken_key: ""})
    assert len(os.listdir("/proc/self/fd")) == descriptors


@pytest.mark.parametrize("host", ["no.such.host.invalid", "203.0.113.7"], ids=["name", "foreign address"])
def test_an_address_of_another_machine_is_refused(sockets: Sockets, host: str) -> None:
    with pytest.raises(StartError, match="cannot assign requested address"):
        sockets.bind({ListenerKey(host, 0, False): "Caddyfile:1:1"})


def test_a_site_narrows_to_one_address_without_a_gap(sockets: Sockets) -> None:
    wide = fixed(sockets, "")
    narrow = ListenerKey("127.0.0.1", wide.port, False)
    bound = sockets.bind({narrow: ""})
    assert connects("127.0.0.1", wide.port)
    sockets.keep(bound)
    assert connects("127.0.0.1", wide.port)
    assert not connects("127.0.0.2", wide.port)


def test_a_site_widens_to_all_addresses(sockets: Sockets) -> None:
    narrow = fixed(sockets, "127.0.0.1")
    keep(sockets, ListenerKey("", narrow.port, False))
    assert connects("127.0.0.2", narrow.port)


def test_another_program_cannot_take_a_shared_port(sockets: Sockets) -> None:
    wide = fixed(sockets, "")
    [narrow] = keep(sockets, ListenerKey("127.0.0.1", wide.port, False))
    with pytest.raises(OSError, match="in use"):
        socket.create_server(narrow.address)


def test_a_port_passes_from_plain_to_tls_with_its_queue(sockets: Sockets) -> None:
    plain = fixed(sockets)
    with socket.create_connection(("127.0.0.1", plain.port)) as waiting:
        [secure] = keep(sockets, ListenerKey(plain.host, plain.port, True))
        secure.socket.setblocking(True)
        accepted, address = secure.socket.accept()
        accepted.close()
        assert address == waiting.getsockname()


@pytest.mark.parametrize(
    ("host", "port", "shown"),
    [("", 80, ":80"), ("127.0.0.1", 80, "127.0.0.1:80"), ("::1", 443, "[::1]:443")],
)
def test_addresses_are_shown_as_in_the_caddyfile(host: str, port: int, shown: str) -> None:
    assert show(host, port) == shown
