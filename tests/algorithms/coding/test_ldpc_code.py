# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The code and its encoder against a parity-check matrix built by numpy."""

import ieee80211n
import numpy as np
import pytest
from gnuradio.fewbit import algorithms

H = ieee80211n.parity_check_matrix()


@pytest.fixture(scope="module")
def encoder():
    return algorithms.ldpc_encoder("802.11n-648-1/2")


def test_has_the_dimensions_of_its_name():
    code = algorithms.ldpc_code("802.11n-648-1/2")
    assert (code.codeword_bits, code.information_bits, code.lifting) == (648, 324, 27)
    assert code.shifts.shape == (12, 24)


def test_knows_a_codeword_exactly_when_every_check_is_even():
    rng = np.random.default_rng(1)
    code = algorithms.ldpc_code()
    words = algorithms.ldpc_encoder(code).encode(rng.integers(0, 2, (50, 324), dtype=np.uint8))
    for i in range(0, 50, 2):  # spoil half of them by 1 to 3 bits: less than any distance
        words[i, rng.choice(648, 1 + i % 3, replace=False)] ^= 1
    truth = ~((H.astype(int) @ words.T) % 2).any(axis=0)
    assert (code.is_codeword(words) == truth).all()
    assert truth.sum() == 25


def test_encodes_every_unit_vector_into_a_systematic_codeword(encoder):
    # By linearity, the unit vectors are a proof for all words.
    words = encoder.encode(np.eye(324, dtype=np.uint8))
    assert (words[:, :324] == np.eye(324)).all()
    assert not ((H.astype(int) @ words.T) % 2).any()


def test_encoding_is_linear(encoder):
    a, b = np.random.default_rng(2).integers(0, 2, (2, 200, 324), dtype=np.uint8)
    assert (encoder.encode(a ^ b) == (encoder.encode(a) ^ encoder.encode(b))).all()


def test_only_the_lowest_bit_of_a_byte_counts(encoder):
    a = np.random.default_rng(3).integers(0, 256, (20, 324), dtype=np.uint8)
    assert (encoder.encode(a) == encoder.encode(a & 1)).all()


def test_keeps_leading_dimensions(encoder):
    assert encoder.encode(np.zeros((2, 3, 324), np.uint8)).shape == (2, 3, 648)
    assert encoder.encode(np.zeros(324, np.uint8)).shape == (648,)
    assert encoder.encode(np.zeros((0, 324), np.uint8)).shape == (0, 648)


def test_refuses_a_wrong_length(encoder):
    for shape in ((323,), (2, 648), (324, 2), (0,), ()):
        with pytest.raises(ValueError, match="expected 324"):
            encoder.encode(np.zeros(shape, np.uint8))


def test_builds_other_codes_from_a_base_matrix():
    # A Z = 5 code whose parity part is lower triangular, so that it is surely invertible.
    shifts = np.array([[1, 2, -1, 0, -1, -1], [3, -1, 4, 2, 0, -1], [-1, 0, 1, -1, 3, 0]])
    code = algorithms.ldpc_code(5, shifts)
    h = np.zeros((15, 30), int)
    for i, j in zip(*np.nonzero(shifts >= 0), strict=True):
        block = np.roll(np.eye(5, dtype=int), shifts[i, j], axis=1)
        h[5 * i : 5 * i + 5, 5 * j : 5 * j + 5] = block
    words = algorithms.ldpc_encoder(code).encode(np.eye(15, dtype=np.uint8))
    assert not ((h @ words.T) % 2).any()
    assert (code.shifts == shifts).all()


@pytest.mark.parametrize(
    ("lifting", "shifts", "reason"),
    [
        (1, [[0, 0, 0]], "lifting is 1"),
        (5, [[0, 5, 0]], "is 5, expected -1 or 0 to 4"),
        (5, [[0, -2, 0]], "is -2"),
        (5, [[-1, -1, 0]], "fewer than two"),
        (5, [[0, -1, 0]], "column 1 is empty"),
        (5, [[0, 0], [0, 0]], "more columns than rows"),
        (5, np.zeros((0, 3), int), "at least one row"),
        (5, [0, 0, 0], "1 dimensions"),
    ],
)
def test_refuses_a_base_matrix_that_is_none(lifting, shifts, reason):
    with pytest.raises(ValueError, match=reason):
        algorithms.ldpc_code(lifting, shifts)


def test_refuses_to_encode_a_singular_parity_part():
    code = algorithms.ldpc_code(5, [[0, 0, 1, 1], [0, 1, 1, 1]])
    with pytest.raises(ValueError, match="singular"):
        algorithms.ldpc_encoder(code)


def test_refuses_an_unknown_name():
    with pytest.raises(ValueError, match="802.11n-648-1/2"):
        algorithms.ldpc_code("802.11z")
    with pytest.raises(ValueError, match="no built-in code"):
        algorithms.ldpc_decoder("")
