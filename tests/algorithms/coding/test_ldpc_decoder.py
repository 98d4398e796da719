# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The LDPC decoders against a numpy belief propagation and against what a decoder owes."""

from concurrent.futures import ThreadPoolExecutor

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


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("size", [0.3, 1e30, np.float32(3e38), np.inf])
def test_every_codeword_of_any_strength_needs_no_iteration(algorithm, size):
    bits, codewords = words(200, 31)
    llrs = ((2.0 * codewords - 1) * size).astype(np.float32)
    decoded, iterations, converged = algorithms.ldpc_decoder(algorithm=algorithm).decode(llrs)
    assert (decoded == bits).all() and converged.all() and not iterations.any()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("size", [1e30, np.inf])
def test_corrects_single_errors_among_saturated_llrs(algorithm, size):
    _, codewords = words(1, 32)
    llrs = np.repeat(((2.0 * codewords - 1) * size).astype(np.float32), N, axis=0)
    llrs[np.arange(N), np.arange(N)] *= -1
    bits, _, converged = algorithms.ldpc_decoder(algorithm=algorithm).decode(llrs)
    assert converged.all() and (bits == codewords[0, :K]).all()


@pytest.mark.parametrize(("algorithm", "count"), [("min-sum", 10_000), ("sum-product", 1500)])
def test_makes_no_frame_error_at_high_snr(algorithm, count):
    bits, codewords = words(count, 33)
    llrs = ieee80211n.awgn_llrs(codewords, 5.0, np.random.default_rng(34))
    assert ((llrs > 0) != codewords).any(axis=1).all()  # every word has channel errors
    decoded, _, _ = algorithms.ldpc_decoder(algorithm=algorithm).decode(llrs)
    assert (decoded == bits).all()


def test_int8_decoder_stands_llrs_that_are_a_hundred_times_too_large():
    # All magnitudes saturate: a binary symmetric channel, 3.8 % of the bits wrong. At most 1 % of
    # the words may be lost (about .2 % are, with a standard error of .07 %).
    bits, codewords = words(5000, 35)
    llrs = 100 * ieee80211n.awgn_llrs(codewords, 5.0, np.random.default_rng(36))
    decoded, _, _ = algorithms.ldpc_decoder().decode(llrs)
    assert (decoded != bits).any(axis=1).mean() < 0.01


def test_int8_decoder_is_within_a_tenth_of_a_db_of_sum_product():
    # The same 6000 words and noise: min-sum at 1.7 dB against sum-product at 1.6 dB, where about
    # 4 % of the words are lost, so that one standard error of the difference is below .004.
    bits, codewords = words(6000, 41)

    def losses(algorithm: str, ebn0_db: float) -> np.ndarray:
        llrs = ieee80211n.awgn_llrs(codewords, ebn0_db, np.random.default_rng(42))
        decoded, _, _ = algorithms.ldpc_decoder(algorithm=algorithm).decode(llrs)
        return (decoded != bits).any(axis=1)

    difference = losses("min-sum", 1.7).astype(int) - losses("sum-product", 1.6)
    assert difference.mean() < 2 * difference.std() / len(difference) ** 0.5


def described_min_sum(code, llrs: np.ndarray, most: int):
    """The int8 decoder as its header describes it, in Python integers, for one word."""
    z, shifts = code.lifting, code.shifts
    known = np.where(np.isnan(llrs), 0, llrs).astype(np.float32)
    posterior = np.clip(np.rint(np.float32(-2.5) * known), -17, 17).astype(int)  # positive = bit 0
    rows = [
        [np.r_[j * z : (j + 1) * z][(np.arange(z) + shifts[i, j]) % z]
         for j in range(shifts.shape[1]) if shifts[i, j] >= 0]
        for i in range(shifts.shape[0])
    ]  # fmt: skip
    messages = [np.zeros((len(row), z), int) for row in rows]
    for done in range(most + 1):
        odd = any((np.array([posterior[b] < 0 for b in row]).sum(0) % 2).any() for row in rows)
        if not odd and (posterior != 0).all():
            return posterior <= 0, done, True
        if done == most:
            return posterior <= 0, done, False
        for row, old in zip(rows, messages, strict=True):
            inputs = np.array(
                [np.clip(posterior[b] - m, -128, 127) for b, m in zip(row, old, strict=True)]
            )
            for k, bits in enumerate(row):
                others = np.delete(inputs, k, axis=0)
                size = np.maximum(np.minimum(np.abs(others).min(0), 25) - 1, 0)
                old[k] = size * (1 - 2 * ((others < 0).sum(0) % 2))
                posterior[bits] = np.clip(inputs[k] + old[k], -128, 127)
    raise AssertionError


def some_code(z: int):
    """A small random code; lifting sizes that fill a vector, exceed it and are odd."""
    rng = np.random.default_rng(z)
    shifts = np.where(rng.random((5, 12)) < 0.6, rng.integers(0, z, (5, 12)), -1)
    shifts[np.arange(5), np.arange(7, 12)] = 0
    shifts[0, :7] = rng.integers(0, z, 7)
    shifts[4, :3] = rng.integers(0, z, 3)
    shifts[1:4, 0] = rng.integers(0, z, 3)
    return algorithms.ldpc_code(z, shifts)


@pytest.mark.parametrize("z", [2, 7, 16, 27, 31, 32, 33, 64, 81, 96])
def test_int8_decoder_is_exactly_the_described_one_on_every_instruction_set(z):
    code = algorithms.ldpc_code() if z == 27 else some_code(z)
    k, n = code.information_bits, code.codeword_bits
    rng = np.random.default_rng(51 + z)
    # Noise about the zero word, strong and weak, with erasures, infinities and ties.
    llrs = np.concatenate(
        [rng.normal(mean, 3, (8, n)) for mean in (-4, -2, 0)] + [rng.integers(-2, 3, (4, n))]
    ).astype(np.float32)
    llrs[rng.random(llrs.shape) < 0.02] = np.nan
    llrs[rng.random(llrs.shape) < 0.01] = -np.inf
    llrs[rng.random(llrs.shape) < 0.01] = 1e30
    expected = [described_min_sum(code, word, 6) for word in llrs]
    try:
        for name in algorithms.instruction_sets():
            algorithms.use_instruction_set(name)
            decoder = algorithms.ldpc_decoder(code, max_iterations=6)
            for word, (hard, spent, done) in zip(llrs, expected, strict=True):
                bits, iterations, converged = decoder.decode(word)
                assert (iterations, converged) == (spent, done)
                assert (bits == hard[:k]).all()
    finally:
        algorithms.use_instruction_set("")


def test_sum_product_is_the_same_code_on_every_instruction_set():
    for z in (2, 7, 27, 33):
        code = algorithms.ldpc_code() if z == 27 else some_code(z)
        rng = np.random.default_rng(61)
        llrs = rng.normal(-4, 2.8, (30, code.codeword_bits)).astype(np.float32)
        results = []
        try:
            for name in algorithms.instruction_sets():
                algorithms.use_instruction_set(name)
                decoder = algorithms.ldpc_decoder(code, "sum-product", 30)
                results.append(decoder.decode(llrs))
        finally:
            algorithms.use_instruction_set("")
        bits, iterations, converged = results[0]
        assert converged.any()
        for other_bits, other_iterations, other_converged in results[1:]:
            # Float sums may round apart in words that hover; they must not in those that settle.
            settled = converged & (iterations < 15)
            assert (other_converged[settled]).all()
            assert (other_iterations[settled] == iterations[settled]).all()
            assert (other_bits[settled] == bits[settled]).all()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_nan_is_an_erasure(algorithm):
    bits, codewords = words(100, 71)
    rng = np.random.default_rng(72)
    llrs = ieee80211n.awgn_llrs(codewords, 4.0, rng)
    gone = rng.random(llrs.shape) < 0.1
    decoder = algorithms.ldpc_decoder(algorithm=algorithm)
    with_nan = decoder.decode(np.where(gone, np.float32(np.nan), llrs))
    with_zero = decoder.decode(np.where(gone, np.float32(0), llrs))
    assert (with_nan[0] == bits).all()
    for a, b in zip(with_nan, with_zero, strict=True):
        assert (a == b).all()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("value", [0.0, -0.0, np.nan])
def test_nothing_known_is_no_codeword(algorithm, value):
    bits, iterations, converged = algorithms.ldpc_decoder(
        algorithm=algorithm, max_iterations=3
    ).decode(np.full(N, value, np.float32))
    assert not converged and iterations == 3
    assert not algorithms.crc("CRC-24A").check(bits)


def test_shapes_follow_the_input():
    decoder = algorithms.ldpc_decoder()
    for leading in ((), (0,), (3,), (2, 5)):
        bits, iterations, converged = decoder.decode(np.ones((*leading, N), np.float32))
        assert bits.shape == (*leading, K) and bits.dtype == np.uint8
        assert iterations.shape == converged.shape == leading


def test_refuses_wrong_lengths_and_settings():
    decoder = algorithms.ldpc_decoder()
    for shape in ((N - 1,), (2, N + 1), (N, 2), (0,), ()):
        with pytest.raises(ValueError, match="expected 648"):
            decoder.decode(np.zeros(shape, np.float32))
    with pytest.raises(ValueError, match="expected 1 to 1000"):
        algorithms.ldpc_decoder(max_iterations=0)
    with pytest.raises(ValueError, match="expected 1 to 1000"):
        decoder.max_iterations = 1001
    with pytest.raises(ValueError, match="choose min-sum or sum-product"):
        algorithms.ldpc_decoder(algorithm="magic")


def test_decoders_of_their_own_serve_threads_of_their_own():
    _, codewords = words(400, 81)
    llrs = ieee80211n.awgn_llrs(codewords, 1.5, np.random.default_rng(82))
    alone = algorithms.ldpc_decoder().decode(llrs)[0]
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: algorithms.ldpc_decoder().decode(llrs)[0], range(4)))
    assert all((one == alone).all() for one in both)
