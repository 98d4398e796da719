# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The interleaver against its description, in Python's integers."""

import numpy as np
import pytest
from gnuradio.fewbit import algorithms

MASK = (1 << 64) - 1


def described_permutation(n: int, seed: int) -> list[int]:
    """The generator and the shuffle as the header writes them down."""
    state = seed

    def draw() -> int:
        nonlocal state
        state = (state + 0x9E3779B97F4A7C15) & MASK
        x = state
        x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
        return x ^ (x >> 31)

    def below(m: int) -> int:
        x = draw()
        while x >= (1 << 64) // m * m:
            x = draw()
        return x % m

    order = list(range(n))
    for i in range(n - 1, 0, -1):
        j = below(i + 1)
        order[i], order[j] = order[j], order[i]
    return order


@pytest.mark.parametrize(("n", "seed"), [(1, 1), (2, 5), (648, 1), (648, 2**64 - 1), (1001, 0)])
def test_the_permutation_is_the_described_one(n, seed):
    assert algorithms.interleaver(n, seed).permutation.tolist() == described_permutation(n, seed)


def split_mix_64(state):
    """SplitMix64 as published, in Python's unbounded integers."""
    mask = 2**64 - 1
    while True:
        state = (state + 0x9E3779B97F4A7C15) & mask
        x = state
        x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & mask
        x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & mask
        yield x ^ (x >> 31)


@pytest.mark.parametrize("seed", [0, 1, 1234567, 2**64 - 1])
def test_is_the_shuffle_of_the_published_generator(seed):
    draws = split_mix_64(1234567)
    assert next(draws) == 6457827717110365317  # the generator's own published first number
    draws = split_mix_64(seed)
    order = list(range(648))
    for i in range(647, 0, -1):
        j = next(draws) % (i + 1)  # a draw beyond the last whole multiple has chance 1e-17
        order[i], order[j] = order[j], order[i]
    assert algorithms.interleaver(648, seed).permutation.tolist() == order


@pytest.mark.parametrize("rv", range(4))
@pytest.mark.parametrize("n", [648, 10])
def test_sends_the_bits_that_the_redundancy_version_names(n, rv):
    permutation = algorithms.interleaver(n, 7).permutation.astype(int)
    codeword = np.random.default_rng(rv).normal(size=n).astype(np.float32)
    sent = algorithms.interleaver(n, 7).interleave(codeword, rv)
    assert (sent == codeword[(permutation + rv * n // 4) % n]).all()


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
@pytest.mark.parametrize("rv", range(4))
def test_comes_back_into_codeword_order(kind, rv):
    scheme = algorithms.interleaver(648, 3)
    words = (100 * np.random.default_rng(1).random((2, 5, 648))).astype(kind)
    sent = scheme.interleave(words, rv)
    assert sent.dtype == kind and sent.shape == words.shape
    assert (sent != words).any()
    assert (scheme.deinterleave(sent, rv) == words).all()


def test_keeps_nan_and_infinity_in_their_places():
    scheme = algorithms.interleaver(8, 3)
    llrs = np.array([np.nan, np.inf, -np.inf, 0, 1, 2, 3, 4], np.float32)
    back = scheme.deinterleave(scheme.interleave(llrs, 2), 2)
    assert np.array_equal(back, llrs, equal_nan=True)


def test_refuses_wrong_sizes():
    with pytest.raises(ValueError, match="size is 0"):
        algorithms.interleaver(0)
    with pytest.raises(ValueError, match="expected 8"):
        algorithms.interleaver(8).interleave(np.zeros(7, np.uint8))
    with pytest.raises(ValueError, match="expected 8"):
        algorithms.interleaver(8).deinterleave(np.float32(0))
