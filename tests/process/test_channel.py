import asyncio
import os
import socket
from collections.abc import Iterator

import pytest

from gojinn.process.channel import HEADER, Channel, ChannelClosed

Pair = tuple[Channel, Channel]


@pytest.fixture
def pair() -> Iterator[Pair]:
    left, right = socket.socketpair()
    channels = Channel(left, largest=1 << 31), Channel(right, largest=1 << 24)
    yield channels
    for channel in channels:
        channel.close()


async def test_a_frame_arrives_as_it_was_sent(pair: Pair) -> None:
    left, right = pair
    await left.send(b"hello")
    assert await right.receive() == (b"hello", None)


async def test_an_empty_frame_arrives(pair: Pair) -> None:
    left, right = pair
    await left.send(b"")
    assert await right.receive() == (b"", None)


async def test_frames_keep_their_order_and_borders(pair: Pair) -> None:
    left, right = pair
    for number in range(100):
        await left.send(b"x" * number)
    assert [len((await right.receive())[0]) for _ in range(100)] == list(range(100))


async def test_a_frame_larger_than_the_socket_buffer_arrives_whole(pair: Pair) -> None:
    left, right = pair
    big = os.urandom(5 << 20)
    received, _ = await asyncio.gather(right.receive(), left.send(big))
    assert received == (big, None)


async def test_concurrent_large_frames_do_not_mix(pair: Pair) -> None:
    left, right = pair
    frames = [bytes([letter]) * (1 << 20) for letter in b"abc"]
    sending = asyncio.gather(*map(left.send, frames))
    assert [(await right.receive())[0] for _ in frames] == frames
    await sending


async def test_each_file_arrives_with_its_own_frame(pair: Pair) -> None:
    left, right = pair
    ends = [socket.socketpair() for _ in range(3)]
    await left.send(b"before")
    for number, (end, _) in enumerate(ends):
        await left.send(b"%d" % number, end.fileno())
        end.close()
    await left.send(b"after")
    assert await right.receive() == (b"before", None)
    for number, (_, other) in enumerate(ends):
        payload, file = await right.receive()
        assert file is not None
        with file, other:
            other.sendall(payload)
            assert file.recv(1) == b"%d" % number
    assert await right.receive() == (b"after", None)


async def test_the_end_of_the_other_side_is_told(pair: Pair) -> None:
    left, right = pair
    waiting = asyncio.create_task(right.receive())
    left.close()
    with pytest.raises(ChannelClosed):
        await waiting


async def test_sending_to_nobody_is_told(pair: Pair) -> None:
    left, right = pair
    right.close()
    with pytest.raises(ChannelClosed):
        await left.send(b"x")


async def test_an_end_in_the_middle_of_a_frame_is_told(pair: Pair) -> None:
    left, right = pair
    left.sock.send(HEADER.pack(10, 0) + b"half")
    left.close()
    with pytest.raises(ChannelClosed):
        await right.receive()


async def test_a_frame_beyond_the_limit_is_refused_before_it_is_read(pair: Pair) -> None:
    left, right = pair
    left.sock.send(HEADER.pack(right.largest + 1, 0))
    with pytest.raises(ChannelClosed, match="frame of"):
        await right.receive()


async def test_a_frame_that_announces_a_missing_file_closes_the_channel(pair: Pair) -> None:
    left, right = pair
    left.sock.send(HEADER.pack(0, 1))
    with pytest.raises(ChannelClosed, match="file"):
        await right.receive()


async def test_a_send_cancelled_half_way_ends_the_channel(pair: Pair) -> None:
    left, right = pair
    sending = asyncio.create_task(left.send(b"x" * (8 << 20)))
    await asyncio.wait({sending}, timeout=0.05)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    with pytest.raises(ChannelClosed):
        await right.receive()


async def test_closing_closes_files_that_nobody_took(pair: Pair) -> None:
    left, right = pair
    ours, other = socket.socketpair()
    with other:
        await left.send(b"x" * 10, ours.fileno())
        ours.close()
        await right.pull()
        right.close()
        assert other.recv(1) == b""
