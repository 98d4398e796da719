# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CRCs of TS 38.212 against long division and known check values."""

import numpy as np
import pytest
from gnuradio.fewbit import algorithms

# Powers of the generator polynomials, as TS 38.212, section 5.1 writes them.
POWERS = {
    "CRC-24A": [24, 23, 18, 17, 14, 11, 10, 7, 6, 5, 4, 3, 1, 0],
    "CRC-24B": [24, 23, 6, 5, 1, 0],
    "CRC-24C": [24, 23, 21, 20, 17, 15, 13, 12, 8, 4, 2, 1, 0],
    "CRC-16": [16, 12, 5, 0],
    "CRC-11": [11, 10, 9, 5, 0],
    "CRC-6": [6, 5, 0],
}


def remainder(bits, name: str) -> int:
    """The remainder of bits * x^width by the generator, with Python's integers."""
    width = POWERS[name][0]
    generator = sum(1 << power for power in POWERS[name])
    value = int("0" + "".join(map(str, bits)), 2) << width
    while value.bit_length() > width:
        value ^= generator << (value.bit_length() - width - 1)
    return value


@pytest.mark.parametrize("name", POWERS)
def test_is_the_remainder_of_a_long_division(name):
    crc = algorithms.crc(name)
    assert crc.width == POWERS[name][0]
    rng = np.random.default_rng(1)
    for length in [0, 1, 2, 5, 6, 7, 23, 24, 25, 300, 1000]:
        bits = rng.integers(0, 2, length, dtype=np.uint8)
        assert crc.compute(bits) == remainder(bits, name)


@pytest.mark.parametrize(
    ("name", "value"),  # of "123456789", from the catalogue of parametrised CRCs
    [("CRC-24A", 0xCDE703), ("CRC-24B", 0x23EF52), ("CRC-24C", 0xF48279), ("CRC-16", 0x31C3)],
)
def test_has_the_known_check_value(name, value):
    bits = np.unpackbits(np.frombuffer(b"123456789", np.uint8))
    assert algorithms.crc(name).compute(bits) == value


@pytest.mark.parametrize("name", POWERS)
def test_sees_one_error_and_two_within_its_width(name):
    crc = algorithms.crc(name)
    bits = np.random.default_rng(2).integers(0, 2, 60, dtype=np.uint8)
    word = crc.append(bits)
    assert (word[:60] == bits).all() and crc.check(word)
    for length in range(1, crc.width + 1):
        for start in range(len(word) - length + 1):
            hurt = word.copy()
            hurt[[start, start + length - 1]] ^= 1
            assert not crc.check(hurt)


def test_works_on_batches_of_any_shape():
    crc = algorithms.crc("CRC-11")
    bits = np.random.default_rng(3).integers(0, 2, (2, 3, 40), dtype=np.uint8)
    words = crc.append(bits)
    assert words.shape == (2, 3, 51)
    assert crc.check(words).shape == (2, 3) and crc.check(words).all()
    assert [crc.compute(b) for b in bits.reshape(6, 40)] == crc.compute(bits).ravel().tolist()
    assert crc.check(np.zeros((0, 51), np.uint8)).shape == (0,)


def test_a_word_shorter_than_the_crc_never_passes():
    for length in range(24):
        assert not algorithms.crc("CRC-24A").check(np.zeros(length, np.uint8))


def test_only_the_lowest_bit_of_a_byte_counts():
    crc = algorithms.crc()
    bytes_ = np.random.default_rng(4).integers(0, 256, 100, dtype=np.uint8)
    assert crc.compute(bytes_) == crc.compute(bytes_ & 1)
    assert (crc.append(bytes_) == crc.append(bytes_ & 1)).all()


def test_refuses_an_unknown_name_and_a_scalar():
    with pytest.raises(ValueError, match="choose one of CRC-24A"):
        algorithms.crc("CRC-32")
    with pytest.raises(ValueError, match="single number"):
        algorithms.crc().compute(np.uint8(1))
