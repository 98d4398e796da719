# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rivals' LLRs and soft symbols against numpy written from what each of them states."""

import numpy as np
import pytest
from gnuradio.fewbit import algorithms
from mimo_oracle import (
    all_vectors,
    axis_llrs,
    cancellation_estimates,
    expectation_propagation,
    labels_of,
    list_llrs,
    scale,
    user_bits,
)
from unfolded_detector_oracle import real_form, stacked

SIZES = [(4, 4, 4), (6, 5, 2), (5, 4, 6)]
VARIANCE = 0.03
VECTORS = 60


def link(m, k, bits_per_symbol, noise_variance=VARIANCE, seed=5):
    rng = np.random.default_rng(seed)
    bits = rng.integers(0, 2, (VECTORS, k * bits_per_symbol), dtype=np.uint8)
    channel = algorithms.mimo_channel(m, k, noise_variance=noise_variance, seed=seed)
    return channel.apply(algorithms.qam_mapper(bits_per_symbol).map(bits))


def answers(name, size, y, h, noise_variance=VARIANCE):
    """Labels; symbols in the real model's units, stacked; LLRs."""
    detector = algorithms.make_detector(name, *size)
    detector.prepare(h, noise_variance)
    labels, symbols, llrs, _ = detector.detect(y)
    return labels, np.concatenate([symbols.real, symbols.imag], -1) * scale(size[2]), llrs


def far(found, expected):
    """Vectors that have a value off by more than float32's sums are."""
    return (np.abs(found - expected) > 0.02 + 0.01 * np.abs(expected)).any(-1)


@pytest.mark.parametrize("size", SIZES)
def test_vblasts_llrs_are_those_of_each_estimate_before_its_decision(size):
    """Where two estimates are nearly as good, either may come first: 3 vectors of 60 may differ."""
    y, h = link(*size)
    _, symbols, llrs = answers("vblast", size, y, h)
    every = [cancellation_estimates(h[v], y[v], VARIANCE, size[2]) for v in range(VECTORS)]
    assert far(symbols, np.array([estimates for _, estimates, _ in every])).sum() <= 3
    expected = [axis_llrs(estimates, variances, size[2]) for _, estimates, variances in every]
    assert far(llrs, np.array(expected)).sum() <= 3


@pytest.mark.parametrize(("antennas", "bits_per_symbol"), [(1, 2), (3, 4), (2, 6)])
@pytest.mark.parametrize("survivors", [1, 3, 4, 16])
def test_kbests_answers_are_those_of_its_list(antennas, bits_per_symbol, survivors):
    """One user: I and Q do not meet, so the survivors are the x of least ||y - H x||^2 + ridge,
    whatever the order. Nearly equal sums may change places: 3 vectors of 60 may differ."""
    size = (antennas, 1, bits_per_symbol)
    y, h = link(*size, noise_variance=0.2)
    labels, _, llrs = answers(f"kbest:k={survivors}", size, y, h, 0.2)
    every, _ = all_vectors(1, bits_per_symbol)
    expected, best = [], []
    for v in range(VECTORS):
        received = scale(bits_per_symbol) * stacked(y[v].astype(complex))
        distances = ((received - every @ real_form(h[v].astype(complex)).T) ** 2).sum(-1)
        kept = np.argsort(distances + 0.2 * (every**2).sum(-1))[:survivors]
        best.append(user_bits(every[kept[distances[kept].argmin()]], bits_per_symbol))
        expected.append(list_llrs(every[kept], distances[kept], 0.2, bits_per_symbol))
    assert (labels != labels_of(np.array(best), bits_per_symbol)).any(-1).sum() <= 3
    assert far(llrs, np.array(expected)).sum() <= 3


def test_a_list_of_all_vectors_has_the_llrs_of_ml():
    y, h = link(3, 2, 2)
    _, _, llrs = answers("kbest:k=16", (3, 2, 2), y, h)
    _, _, exact = answers("ml", (3, 2, 2), y, h)
    assert not far(llrs, exact).any()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("iterations", "damping"), [(1, 1.0), (4, 0.2), (10, 0.3)])
def test_eps_llrs_are_those_of_its_cavities(size, iterations, damping):
    """Few and damped iterations, whose variances float32 holds: 3 vectors of 60 may differ."""
    y, h = link(*size, noise_variance=0.2)
    _, symbols, llrs = answers(f"ep:iterations={iterations},damping={damping}", size, y, h, 0.2)
    every = [
        expectation_propagation(h[v], y[v], 0.2, size[2], iterations, damping)
        for v in range(VECTORS)
    ]
    assert far(symbols, np.array([t for t, _ in every])).sum() <= 3
    assert far(llrs, np.array([axis_llrs(*one, size[2]) for one in every])).sum() <= 3


def test_ep_has_ten_iterations_and_a_damping_of_three_tenths_unless_told():
    y, h = link(4, 4, 4)
    _, usual, _ = answers("ep", (4, 4, 4), y, h)
    _, same, _ = answers("ep:iterations=10,damping=0.3", (4, 4, 4), y, h)
    np.testing.assert_array_equal(usual, same)


@pytest.mark.parametrize("name", ["zf", "lmmse"])
def test_a_value_between_two_levels_is_the_upper_one(name):
    """y = 0 has estimates of exactly 0: the levels decided are +1, their Gray bits 00 and 00."""
    _, h = link(4, 4, 4)
    labels, symbols, _ = answers(name, (4, 4, 4), np.zeros((VECTORS, 4), np.complex64), h)
    assert not symbols.any() and not labels.any()


@pytest.mark.parametrize("name", ["zf", "lmmse", "vblast", "kbest:k=4", "ep", "ml"])
def test_channels_beyond_float32_are_unusable(name):
    y, h = link(4, 4, 2)
    h[7] *= np.float32(1e30)
    detector = algorithms.make_detector(name, 4, 4, 2)
    prepared = detector.prepare(h, VARIANCE)
    labels, symbols, llrs, erased = detector.detect(y)
    assert np.isfinite(symbols).all() and np.isfinite(llrs).all()
    assert prepared == erased
    if erased:  # those that bring H to a scale of their own may do without
        assert erased == 1 and not llrs[7].any() and not symbols[7].any() and not labels[7].any()
