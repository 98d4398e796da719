# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The LDPC decoders against a numpy belief propagation and against what a decoder owes."""

import ieee80211n
import numpy as np
import pytest
from gnuradio.fewbit import algorithms

K, N = ieee80211n.K, ieee80211n.N
H = ieee80211n.parity_check_matrix()
ALGORITHMS = ("min-sum", "sum-product")


def words(count: int, seed: int):
    bits = np.random.default_rng(seed).integers(0, 2, (count, K), dtype=np.uint8)
    return bits, algorithms.ldpc_encoder().encode(bits)


def reference_belief_propagation(llrs: np.ndarray, iterations: int):
    """Textbook flooding sum-product in float64, with tanh, for one word."""
    checks, bits = np.nonzero(H)
    channel = llrs.astype(np.float64)
    message = np.zeros(len(checks))  # check to bit, positive = bit 1
    for done in range(iterations + 1):
        posterior = channel + np.bincount(bits, message, N)
        hard = (posterior >= 0).astype(np.uint8)
        if not (np.bincount(checks, hard[bits], N - K) % 2).any():
            return hard, done, True
        t = np.tanh(-np.clip(posterior[bits] - message, -30, 30) / 2)  # positive = bit 0
        t = np.where(np.abs(t) < 1e-30, 1e-30, t)
        log_size = np.bincount(checks, np.log(np.abs(t)), N - K)
        negative = np.bincount(checks, t < 0, N - K).astype(int) % 2
        size = np.exp(log_size[checks] - np.log(np.abs(t)))
        sign = 1 - 2 * (negative[checks] ^ (t < 0))
        message = -2 * np.arctanh(np.clip(sign * size, -1 + 1e-15, 1 - 1e-15))
    return hard, iterations, False


def test_sum_product_follows_a_float64_reference():
    rng = np.random.default_rng(11)
    _, codewords = words(60, 12)
    llrs = ieee80211n.awgn_llrs(codewords, 1.6, rng)
    decoder = algorithms.ldpc_decoder(algorithm="sum-product", max_iterations=50)
    bits, iterations, converged = decoder.decode(llrs)
    for i in range(len(llrs)):
        hard, spent, done = reference_belief_propagation(llrs[i], 50)
        assert done == converged[i]
        if done:  # a word that does not settle may wander apart by rounding
            assert spent == iterations[i]
            assert (hard[:K] == bits[i]).all()
    assert 5 < iterations.mean() < 30


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_corrects_every_single_error(algorithm):
    _, codewords = words(1, 21)
    llrs = np.repeat((8.0 * codewords - 4).astype(np.float32), N, axis=0)
    llrs[np.arange(N), np.arange(N)] *= -1
    bits, iterations, converged = algorithms.ldpc_decoder(algorithm=algorithm).decode(llrs)
    assert converged.all()
    assert (bits == codewords[0, :K]).all()
    assert iterations.max() <= 5
