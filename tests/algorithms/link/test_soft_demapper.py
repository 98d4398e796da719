# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""soft_demapper against a float64 sum over every constellation point."""

import numpy as np
import pytest
from gnuradio.fewbit import algorithms
from scipy.special import logsumexp

qam_mapper = algorithms.qam_mapper
soft_demapper = algorithms.soft_demapper

LIMIT = 64.0


def brute_force(y, h, noise_variance, k, method):
    """The header's definition, all 2^K points, float64."""
    points = qam_mapper(k).points.astype(complex)
    labels = (np.arange(2**k)[:, None] >> np.arange(k - 1, -1, -1)) & 1
    noise_variance = np.broadcast_to(np.asarray(noise_variance, float), y.shape)
    metric = -(np.abs(y[:, None] - h[:, None] * points) ** 2) / noise_variance[:, None]
    reduce = logsumexp if method == "exact" else np.max
    llrs = [
        reduce(metric[:, labels[:, b] == 1], axis=1) - reduce(metric[:, labels[:, b] == 0], axis=1)
        for b in range(k)
    ]
    return np.clip(np.stack(llrs, 1), -LIMIT, LIMIT).reshape(-1)


def faded_symbols(k, n, snr_db, seed):
    rng = np.random.default_rng(seed)
    symbols = qam_mapper(k).map(rng.integers(0, 2, n * k, dtype=np.uint8))
    noise_variance = 10 ** (-snr_db / 10)
    gaussian = lambda: (rng.normal(size=n) + 1j * rng.normal(size=n)) / np.sqrt(2)  # noqa: E731
    h = gaussian()
    y = h * symbols + np.sqrt(noise_variance) * gaussian()
    return y.astype(np.complex64), h.astype(np.complex64), noise_variance


@pytest.fixture(params=algorithms.instruction_sets())
def instruction_set(request):
    algorithms.use_instruction_set(request.param)
    yield request.param
    algorithms.use_instruction_set("")


@pytest.mark.parametrize("method", ["exact", "max_log"])
@pytest.mark.parametrize("k", [2, 4, 6, 8])
def test_agrees_with_the_sum_over_all_points(instruction_set, k, method):
    for snr_db in (-10, 0, 10, 20, 40):
        y, h, noise_variance = faded_symbols(k, 1001, snr_db, seed=k)
        expected = brute_force(y.astype(complex), h.astype(complex), noise_variance, k, method)
        llrs = soft_demapper(k, method).demap(y, h, noise_variance)
        assert llrs.dtype == np.float32
        # float32 coordinates of up to 1e2 deviations: an absolute error of some 1e-4
        np.testing.assert_allclose(llrs, expected, rtol=2e-5, atol=5e-4 if snr_db > 20 else 5e-5)


@pytest.mark.parametrize("n", [1, 3, 15, 16, 17, 63, 64, 65, 108, 129])
def test_every_length_gives_what_single_symbols_give(instruction_set, n):
    y, h, noise_variance = faded_symbols(6, n, 12, seed=n)
    demapper = soft_demapper(6)
    whole = demapper.demap(y, h, noise_variance)
    single = [demapper.demap(y[i : i + 1], h[i : i + 1], noise_variance) for i in range(n)]
    np.testing.assert_array_equal(whole, np.concatenate(single))


def test_takes_a_noise_variance_for_each_symbol():
    rng = np.random.default_rng(3)
    y, h, _ = faded_symbols(4, 500, 10, seed=3)
    noise = rng.uniform(0.01, 1, 500).astype(np.float32)
    expected = brute_force(y.astype(complex), h.astype(complex), noise, 4, "exact")
    np.testing.assert_allclose(soft_demapper(4).demap(y, h, noise), expected, rtol=2e-5, atol=5e-5)


def test_llrs_are_probabilities():
    """Of bits whose LLR is near L, the share of ones is 1 / (1 + exp(-L)): 3 deviations allowed."""
    rng = np.random.default_rng(5)
    bits = rng.integers(0, 2, 6 * 200_000, dtype=np.uint8)
    symbols = qam_mapper(6).map(bits)
    noise = (rng.normal(size=symbols.size) + 1j * rng.normal(size=symbols.size)) * np.sqrt(0.05 / 2)
    llrs = soft_demapper(6).demap(symbols + noise, np.ones_like(symbols), 0.05)
    for level in (-4, -2, -1, 0, 1, 2, 4):
        near = np.abs(llrs - level) < 0.1
        expected = np.mean(1 / (1 + np.exp(-llrs[near].astype(float))))
        share = bits[near].mean()
        assert abs(share - expected) < 3 * np.sqrt(expected * (1 - expected) / near.sum())


def test_a_symbol_in_a_null_says_nothing(instruction_set):
    for gain in (0, 1e-16):
        llrs, erased = soft_demapper(6).demap_counted(
            np.full(5, 0.3 + 0.1j, np.complex64), np.full(5, gain, np.complex64), 0.1
        )
        assert not llrs.any() and erased == 0


BAD = [np.nan, np.inf, -np.inf, complex(0, np.nan), complex(np.inf, np.nan), 3e38]


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("k", [2, 8])
def test_erases_and_counts_what_is_not_finite(instruction_set, k, bad):
    y, h, noise_variance = faded_symbols(k, 70, 15, seed=9)
    good = soft_demapper(k).demap(y, h, noise_variance).reshape(70, k)
    damaged_y, damaged_h = y.copy(), h.copy()
    damaged_y[[0, 66]] = bad
    damaged_h[[5, 66]] = bad
    llrs, erased = soft_demapper(k).demap_counted(damaged_y, damaged_h, noise_variance)
    llrs = llrs.reshape(70, k)
    assert np.isfinite(llrs).all()
    if not np.isfinite(bad):
        assert erased == 3 and not llrs[[0, 5, 66]].any()
    untouched = np.setdiff1d(np.arange(70), [0, 5, 66])
    np.testing.assert_array_equal(llrs[untouched], good[untouched])


@pytest.mark.parametrize("noise_variance", [np.nan, -1.0, np.inf, -np.inf])
def test_a_senseless_noise_variance_erases_everything(instruction_set, noise_variance):
    y, h, _ = faded_symbols(6, 108, 15, seed=1)
    llrs, erased = soft_demapper(6).demap_counted(y, h, noise_variance)
    assert not llrs.any() and erased == 108


@pytest.mark.parametrize("method", ["exact", "max_log"])
def test_no_noise_gives_hard_decisions_at_the_limit(instruction_set, method):
    rng = np.random.default_rng(2)
    bits = rng.integers(0, 2, 648, dtype=np.uint8)
    h = np.exp(1j * rng.uniform(0, 6, 108))
    llrs = soft_demapper(6, method).demap(h * qam_mapper(6).map(bits), h, 0.0)
    np.testing.assert_array_equal(llrs, np.where(bits, LIMIT, -LIMIT))
    assert soft_demapper.llr_limit == LIMIT


def test_keeps_leading_dimensions_and_refuses_wrong_shapes():
    y, h, noise_variance = faded_symbols(6, 216, 12, seed=4)
    demapper = soft_demapper(6)
    batch = demapper.demap(y.reshape(2, 108), h.reshape(2, 108), noise_variance)
    assert batch.shape == (2, 648)
    np.testing.assert_array_equal(batch.reshape(-1), demapper.demap(y, h, noise_variance))
    with pytest.raises(ValueError, match="different shapes"):
        demapper.demap(y, h[:-1], 0.1)
    with pytest.raises(ValueError, match="shape of y"):
        demapper.demap(y, h, np.ones(3, np.float32))
    with pytest.raises(ValueError, match="'exact' or 'max_log'"):
        soft_demapper(6, "best")
    with pytest.raises(
        ValueError, match="soft_demapper: bits_per_symbol is 5, expected 2, 4, 6 or 8"
    ):
        soft_demapper(5)
    assert demapper.demap(y[:0], h[:0], 0.1).shape == (0,)
