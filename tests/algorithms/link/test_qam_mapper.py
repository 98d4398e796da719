# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""qam_mapper against 3GPP TS 38.211, 5.1, written out here term by term."""

import itertools

import numpy as np
import pytest
from gnuradio.fewbit import algorithms

qam_mapper = algorithms.qam_mapper

FORMULAS = {
    2: lambda b: ((1 - 2 * b[0]) + 1j * (1 - 2 * b[1])) / np.sqrt(2),
    4: lambda b: (
        ((1 - 2 * b[0]) * (2 - (1 - 2 * b[2])) + 1j * (1 - 2 * b[1]) * (2 - (1 - 2 * b[3])))
        / np.sqrt(10)
    ),
    6: lambda b: (
        (
            (1 - 2 * b[0]) * (4 - (1 - 2 * b[2]) * (2 - (1 - 2 * b[4])))
            + 1j * (1 - 2 * b[1]) * (4 - (1 - 2 * b[3]) * (2 - (1 - 2 * b[5])))
        )
        / np.sqrt(42)
    ),
    8: lambda b: (
        (
            (1 - 2 * b[0]) * (8 - (1 - 2 * b[2]) * (4 - (1 - 2 * b[4]) * (2 - (1 - 2 * b[6]))))
            + 1j
            * (1 - 2 * b[1])
            * (8 - (1 - 2 * b[3]) * (4 - (1 - 2 * b[5]) * (2 - (1 - 2 * b[7]))))
        )
        / np.sqrt(170)
    ),
}


@pytest.mark.parametrize("k", FORMULAS)
def test_maps_every_label_as_3gpp_does(k):
    labels = np.array(list(itertools.product([0, 1], repeat=k)), np.uint8)
    expected = np.array([FORMULAS[k](label.astype(float)) for label in labels])
    mapper = qam_mapper(k)
    np.testing.assert_allclose(mapper.map(labels)[:, 0], expected, atol=1e-6)
    np.testing.assert_allclose(mapper.points, expected, atol=1e-6)
    assert np.mean(np.abs(expected) ** 2) == pytest.approx(1.0)


@pytest.mark.parametrize("k", FORMULAS)
def test_neighbours_differ_in_one_bit(k):
    points = qam_mapper(k).points
    apart = np.abs(points[:, None] - points[None, :])
    nearest = np.isclose(apart, apart[apart > 1e-6].min(), rtol=1e-3)
    for a, b in np.argwhere(nearest):
        assert bin(a ^ b).count("1") == 1


def test_keeps_leading_dimensions():
    bits = np.random.default_rng(1).integers(0, 2, (3, 2, 648), dtype=np.uint8)
    symbols = qam_mapper(6).map(bits)
    assert symbols.shape == (3, 2, 108) and symbols.dtype == np.complex64
    np.testing.assert_array_equal(symbols[2, 1], qam_mapper(6).map(bits[2, 1]))


def test_takes_the_lowest_bit_of_any_byte():
    np.testing.assert_array_equal(
        qam_mapper(2).map(np.array([254, 3], np.uint8)),
        qam_mapper(2).map(np.array([0, 1], np.uint8)),
    )


@pytest.mark.parametrize("k", [0, 1, 3, 5, 10, 4000000000])
def test_refuses_other_constellations(k):
    with pytest.raises(ValueError, match="expected 2, 4, 6 or 8"):
        qam_mapper(k)


def test_refuses_half_a_symbol():
    with pytest.raises(ValueError, match="multiple of 6"):
        qam_mapper(6).map(np.zeros(10, np.uint8))
    assert qam_mapper(6).map(np.zeros((5, 0), np.uint8)).shape == (5, 0)
