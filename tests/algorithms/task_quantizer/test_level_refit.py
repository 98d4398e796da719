# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refit of an affine map and of its codes' levels: thresholds that moved each on its own."""

import numpy as np
import pytest
from gnuradio.fewbit import algorithms
from refit_bench import estimator, pilots

status = algorithms.refit_status


def scattered(n=6000, deviation=0.5):
    """12 ADCs in front of 6 numbers whose thresholds have moved, each on its own."""
    rng = np.random.default_rng(11)
    p, k = 12, 6
    s = rng.normal(size=(n, k)).astype(np.float32)
    z = s @ rng.normal(size=(k, p)) / np.sqrt(k) + 0.2 * rng.normal(size=(n, p))
    adc = algorithms.scalar_adc.uniform([8] * p, 2.5)
    moved = algorithms.threshold_scatter(adc, deviation, 12)
    estimate = algorithms.digital_map.affine(adc, np.zeros((k, p)), np.zeros(k))
    fit = algorithms.affine_refit(estimate, ridge=0)
    fit.add(adc.quantize(z), s)
    assert fit.solve(estimate) == status.ok
    return adc, moved.quantize(z), s, estimate


def test_levels_follow_thresholds_that_moved_each_on_its_own():
    """Least squares over one-hot codes is the best that any levels can do: half of what parts an
    affine map from it at least."""
    adc, codes, s, start = scattered()
    n = len(s) // 2
    errors = {}
    for kind in ("affine_refit", "level_refit"):
        estimate = algorithms.digital_map.affine(adc, start.weight, start.bias)
        fit = getattr(algorithms, kind)(estimate)
        assert fit.add(codes[:n], s[:n]) == n
        assert fit.solve(estimate) == status.ok
        errors[kind] = np.mean((estimate.estimate(codes[n:]) - s[n:]) ** 2)
    hot = np.zeros((len(s), 96))
    for d in range(12):
        hot[np.arange(len(s)), 8 * d + codes[:, d]] = 1
    best = hot @ np.linalg.lstsq(hot[:n], s[:n].astype(float), rcond=None)[0]
    least = np.mean((best[n:] - s[n:]) ** 2)
    assert errors["affine_refit"] > 1.05 * least
    assert errors["level_refit"] - least < 0.5 * (errors["affine_refit"] - least)


def test_levels_that_need_no_change_stay_near():
    adc, codes, s, start = scattered(deviation=0.0)
    estimate = algorithms.digital_map.affine(adc, start.weight, start.bias)
    fit = algorithms.level_refit(estimate)
    fit.add(codes, s)
    assert fit.solve(estimate) == status.ok
    inner = np.tile(np.arange(8), 12) % 7 != 0
    assert np.abs(estimate.level_values - adc.values)[inner].max() < 0.15
    again = algorithms.digital_map.affine(adc, start.weight, start.bias)
    fit.reset()
    assert fit.solve(again) == status.too_few_pilots


def test_a_heavy_prior_keeps_the_levels():
    """Then the fit is that of an affine map."""
    adc, codes, s, start = scattered()
    made = {}
    for prior in (1e-3, 1e9):
        estimate = algorithms.digital_map.affine(adc, start.weight, start.bias)
        fit = algorithms.level_refit(estimate, level_prior=prior)
        fit.add(codes, s)
        assert fit.solve(estimate) == status.ok
        made[prior] = estimate
    np.testing.assert_allclose(made[1e9].level_values, adc.values, atol=1e-4)
    assert np.abs(made[1e-3].level_values - adc.values).max() > 0.2
    affine = algorithms.digital_map.affine(adc, start.weight, start.bias)
    fit = algorithms.affine_refit(affine)
    fit.add(codes, s)
    assert fit.solve(affine) == status.ok
    np.testing.assert_allclose(made[1e9].weight, affine.weight, atol=1e-3)


def test_levels_forget():
    """After a change, the fit is as good as one that saw nothing else."""
    adc, codes, s, start = scattered()
    other = np.random.default_rng(13).integers(0, 8, codes.shape).astype(np.uint8)
    made = []
    for before in (0, len(s)):
        estimate = algorithms.digital_map.affine(adc, start.weight, start.bias)
        fit = algorithms.level_refit(estimate, forgetting=0.995)
        fit.add(other[:before], s[:before])
        fit.add(codes, s)
        assert fit.solve(estimate) == status.ok
        made.append(estimate.estimate(codes[:100]))
    np.testing.assert_allclose(made[0], made[1], atol=1e-3)


def test_level_refit_refuses():
    adc, estimate = estimator()
    codes, s = pilots(100)
    s[0] = np.nan
    fit = algorithms.level_refit(estimate)
    assert fit.solve(estimate) == status.too_few_pilots
    assert fit.add(codes, s) == 99
    assert fit.solve(estimator(k=2)[1]) == status.another_map
    assert fit.solve(estimator(levels=[8, 4, 5, 3])[1]) == status.another_map
    assert fit.solve(estimate) == status.ok
    with pytest.raises(ValueError, match="has 2 powers of the gain, expected 1"):
        algorithms.level_refit(estimator(powers=2)[1])
    with pytest.raises(ValueError, match="have 2304 levels together, expected at most 2048"):
        algorithms.level_refit(estimator(levels=[256] * 9)[1])
    with pytest.raises(ValueError, match="level_prior is"):
        algorithms.level_refit(estimate, level_prior=0)
    with pytest.raises(ValueError, match="expected an affine map"):
        algorithms.level_refit(algorithms.digital_map.lookup(adc, 1, np.zeros((19, 2))))
