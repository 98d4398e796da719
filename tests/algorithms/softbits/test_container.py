# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The container: what is sealed opens, and nothing else does."""

import struct
import zlib

import numpy as np
import pytest
from gnuradio.fewbit import algorithms

open_container = algorithms.open_container
seal_container = algorithms.seal_container

BODY = np.random.default_rng(1).bytes(60)
ID = 0xC0DEC1D5


def packed(head, body=BODY):
    """A container by the book, with zlib's CRC-32."""
    content = head + body
    return content + struct.pack("<I", zlib.crc32(content))


@pytest.mark.parametrize("n_llrs", [1, 648, 65535])
def test_a_packet_takes_twelve_bytes_more(n_llrs):
    container = seal_container(BODY, ID, n_llrs)
    assert container == packed(struct.pack("<BBIH", 0xFB, 0x10, ID, n_llrs))
    assert len(container) == len(BODY) + 12
    assert open_container(container, ID) == ("ok", ID, n_llrs, BODY)


@pytest.mark.parametrize("n_llrs", [65536, 10**6, 2**32 - 1])
def test_a_large_packet_takes_fourteen(n_llrs):
    container = seal_container(BODY, ID, n_llrs)
    assert container == packed(struct.pack("<BBII", 0xFB, 0x11, ID, n_llrs))
    assert open_container(container, ID) == ("ok", ID, n_llrs, BODY)


def test_an_empty_body_is_a_body():
    assert open_container(seal_container(b"", ID, 6), ID) == ("ok", ID, 6, b"")


@pytest.mark.parametrize("n_llrs", [648, 100_000])
def test_every_single_bit_flip_is_refused(n_llrs):
    container = seal_container(BODY, ID, n_llrs)
    for bit in range(8 * len(container)):
        flipped = bytearray(container)
        flipped[bit // 8] ^= 1 << bit % 8
        reason, _, _, body = open_container(bytes(flipped), ID)
        assert reason in ("bad_magic", "bad_format", "bad_crc") and body == b""
        assert reason == {0: "bad_magic", 1: reason}.get(bit // 8, "bad_crc")


@pytest.mark.parametrize("n_llrs", [648, 100_000])
def test_every_truncation_and_extension_is_refused(n_llrs):
    container = seal_container(BODY, ID, n_llrs)
    for size in range(len(container)):
        reason, _, _, body = open_container(container[:size], ID)
        assert reason == ("too_short" if size < len(container) - 60 else "bad_crc")
        assert body == b""
    for more in (b"\0", b"\xff", container):
        assert open_container(container + more, ID)[0] == "bad_crc"


def test_every_burst_of_up_to_32_bits_is_refused():
    random = np.random.default_rng(2)
    container = seal_container(BODY, ID, 648)
    as_integer = int.from_bytes(container, "little")
    for _ in range(5000):
        width = int(random.integers(2, 33))
        burst = int(random.integers(0, 1 << (width - 2) if width > 2 else 1)) << 1
        burst |= 1 | 1 << (width - 1)
        shift = int(random.integers(0, 8 * len(container) - width + 1))
        damaged = (as_integer ^ (burst << shift)).to_bytes(len(container), "little")
        assert open_container(damaged, ID)[0] != "ok"


def test_another_codecs_container_is_refused_and_names_it():
    container = seal_container(BODY, ID, 648)
    assert open_container(container, ID ^ 1) == ("wrong_codec", ID, 648, b"")


def test_more_llrs_than_there_is_room_for_are_refused():
    container = seal_container(BODY, ID, 648)
    assert open_container(container, ID, 648)[0] == "ok"
    assert open_container(container, ID, max_llrs=647) == ("bad_length", ID, 648, b"")
    assert open_container(seal_container(b"", ID, 0), ID)[0] == "bad_length"


def test_a_count_in_the_wrong_form_is_refused():
    assert open_container(packed(struct.pack("<BBII", 0xFB, 0x11, ID, 648)), ID) == (
        "bad_length",
        ID,
        648,
        b"",
    )


@pytest.mark.parametrize("form", [0x00, 0x12, 0x20, 0xFF])
def test_an_unknown_format_is_refused(form):
    assert open_container(packed(struct.pack("<BBIH", 0xFB, form, ID, 648)), ID)[0] == "bad_format"


def test_noise_is_refused():
    random = np.random.default_rng(3)
    for size in range(200):
        assert open_container(random.bytes(size), ID)[0] != "ok"
        noise = b"\xfb\x10" + random.bytes(size)
        assert open_container(noise, ID)[0] in ("too_short", "bad_crc")
