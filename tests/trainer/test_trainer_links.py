# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The trainer's link, against brute force and closed forms."""

import itertools

import numpy as np
import pytest
from fewbit_trainer.links import draw_gains, draw_packets, exact_llrs, map_bits


def _all_labels(bits_per_symbol):
    return np.array(list(itertools.product([0, 1], repeat=bits_per_symbol)), np.uint8)


def _brute_force_llrs(received, gain, noise_variance, bits_per_symbol):
    """Equation (2) of the paper over all 2^K symbols, in extended precision."""
    labels = _all_labels(bits_per_symbol)
    points = map_bits(labels, bits_per_symbol)
    metric = -(np.abs(received - gain * points) ** 2 / noise_variance).astype(np.longdouble)
    llrs = []
    for k in range(bits_per_symbol):
        sums = []
        for bit in (1, 0):
            chosen = metric[labels[:, k] == bit]
            best = chosen.max()
            sums.append(best + np.log(np.exp(chosen - best).sum()))
        llrs.append(float(sums[0] - sums[1]))
    return llrs


@pytest.mark.parametrize("bits_per_symbol", [2, 4, 6, 8])
@pytest.mark.parametrize("noise_variance", [10.0, 0.1, 1e-3, 1e-6])
def test_llrs_equal_brute_force(bits_per_symbol, noise_variance):
    rng = np.random.default_rng(5)
    received = rng.standard_normal(40) + 1j * rng.standard_normal(40)
    gains = rng.standard_normal(40) + 1j * rng.standard_normal(40)
    llrs = exact_llrs(received, gains, noise_variance, bits_per_symbol)
    for got, y, h in zip(llrs, received, gains, strict=True):
        expected = _brute_force_llrs(y, h, noise_variance, bits_per_symbol)
        np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-9)


def test_a_zero_gain_says_nothing():
    llrs = exact_llrs(np.array([1 + 1j]), np.array([0j]), 0.1, 6)
    np.testing.assert_array_equal(llrs, 0.0)


@pytest.mark.parametrize("bits_per_symbol", [2, 4, 6, 8])
def test_symbols_have_unit_energy_and_gray_neighbours(bits_per_symbol):
    labels = _all_labels(bits_per_symbol)
    points = map_bits(labels, bits_per_symbol)
    assert np.mean(np.abs(points) ** 2) == pytest.approx(1.0)
    assert np.unique(np.round(points, 9)).size == points.size
    distance = np.abs(points[:, None] - points)
    nearest = distance[distance > 1e-9].min()
    for a, b in zip(*np.nonzero(np.abs(distance - nearest) < 1e-9), strict=True):
        assert np.sum(labels[a] != labels[b]) == 1


@pytest.mark.parametrize(
    ("bits", "symbol"),
    [([0, 0, 0, 0, 0, 0], 3 + 3j), ([1, 0, 0, 1, 1, 0], -1 + 5j), ([0, 1, 1, 1, 1, 1], 7 - 7j)],
)
def test_64_qam_follows_ts_38_211(bits, symbol):
    """Points worked out by hand from section 5.1.5's formula."""
    mapped = map_bits(np.array(bits, np.uint8), 6) * np.sqrt(42.0)
    assert mapped == pytest.approx(symbol)


@pytest.mark.parametrize("profile", ["iid", "flat", "epa", "eva", "etu"])
def test_gains_have_unit_mean_power(profile):
    """20,000 packets: the mean power's standard error is at most .007."""
    gains = draw_gains(np.random.default_rng(1), profile, 20000, 12, 83e3, normalise=False)
    assert np.mean(np.abs(gains) ** 2) == pytest.approx(1.0, abs=0.03)


def test_normalised_packets_have_unit_power_each():
    gains = draw_gains(np.random.default_rng(1), "epa", 50, 108, 83e3, normalise=True)
    np.testing.assert_allclose(np.mean(np.abs(gains) ** 2, axis=1), 1.0, rtol=1e-12)


def test_llrs_are_calibrated():
    """Among bits whose LLR is near L, the share of ones is sigmoid(L): 4 standard errors."""
    drawn = draw_packets(np.random.default_rng(2), 6, "epa", 400, 108, (4.0, 22.0))
    llrs, bits = drawn.llrs.reshape(-1), drawn.bits.reshape(-1)
    for centre in (-3.0, -1.0, 0.0, 1.0, 3.0):
        near = np.abs(llrs - centre) < 0.2
        expected = np.mean(1.0 / (1.0 + np.exp(-llrs[near])))
        error = np.sqrt(expected * (1.0 - expected) / near.sum())
        assert abs(bits[near].mean() - expected) < 4.0 * error


def test_refuses_what_it_does_not_know():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="profile is 'tdl-z'"):
        draw_packets(rng, 6, "tdl-z", 1, 4, (0.0, 1.0))
    with pytest.raises(ValueError, match="bits_per_symbol is 5"):
        draw_packets(rng, 5, "epa", 1, 4, (0.0, 1.0))
