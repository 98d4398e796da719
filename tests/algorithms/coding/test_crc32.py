# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""CRC-32 of bytes against zlib's."""

import zlib

import numpy as np
import pytest
from gnuradio.fewbit import algorithms


def test_equals_zlib_for_every_length_up_to_300():
    rng = np.random.default_rng(1)
    for length in range(300):
        data = rng.bytes(length)
        assert algorithms.crc32(data) == zlib.crc32(data)


def test_has_the_known_check_value():
    assert algorithms.crc32(b"123456789") == 0xCBF43926


def test_goes_on_where_the_bytes_before_ended():
    data = np.random.default_rng(2).bytes(1000)
    for cut in (0, 1, 7, 8, 500, 999, 1000):
        assert algorithms.crc32(data[cut:], algorithms.crc32(data[:cut])) == zlib.crc32(data)


def test_sees_arrays_as_their_bytes():
    array = np.arange(33, dtype=np.float32)
    assert algorithms.crc32(array) == zlib.crc32(array.tobytes())


def test_refuses_a_buffer_with_holes():
    with pytest.raises(ValueError, match="not contiguous"):
        algorithms.crc32(np.arange(10, dtype=np.uint8)[::2])
