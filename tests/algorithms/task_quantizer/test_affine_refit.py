# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refit of an affine map from pilots against numpy's least squares."""

import numpy as np
import pytest
from gnuradio.fewbit import algorithms
from refit_bench import estimator, features, pilots, solution

status = algorithms.refit_status


@pytest.mark.parametrize("powers", [1, 2, 3])
def test_affine_is_least_squares(powers):
    codes, s = pilots(500)
    gains = np.random.default_rng(3).uniform(0.5, 2, 500).astype(np.float32)
    adc, estimate = estimator(powers)
    fit = algorithms.affine_refit(estimate, ridge=0)
    assert fit.features == powers * 5
    assert fit.add(codes[:200], s[:200], gains[:200]) == 200
    assert fit.add(codes[200:], s[200:], gains[200:]) == 300
    assert fit.solve(estimate) == status.ok and fit.pilots == 500
    f = features(adc, codes, powers, gains)
    expected = np.linalg.lstsq(f, s.astype(float), rcond=None)[0]
    np.testing.assert_allclose(solution(estimate), expected, rtol=1e-4, atol=1e-4)


def test_forgetting_weighs_old_pilots_less():
    codes, s = pilots(5000)
    adc, estimate = estimator()
    fit = algorithms.affine_refit(estimate, forgetting=0.99, ridge=0)
    fit.add(codes, s)
    assert fit.solve(estimate) == status.ok
    assert fit.effective_pilots == pytest.approx(100, rel=1e-6)
    w = np.sqrt(0.99 ** np.arange(4999, -1, -1.0))[:, None]
    expected = np.linalg.lstsq(w * features(adc, codes), w * s, rcond=None)[0]
    np.testing.assert_allclose(solution(estimate), expected, rtol=1e-4, atol=1e-4)


def test_ridge_pulls_towards_the_map_that_was_given():
    codes, s = pilots(200)
    adc, estimate = estimator()
    start = solution(estimate).astype(float)
    fit = algorithms.affine_refit(estimate, ridge=3)
    fit.add(codes, s)
    assert fit.solve(estimate) == status.ok
    f = features(adc, codes)
    pull = np.diag(3 * 5 * np.mean(f**2, 0))
    expected = np.linalg.solve(f.T @ f + pull, f.T @ s + pull @ start)
    np.testing.assert_allclose(solution(estimate), expected, rtol=1e-4, atol=1e-4)


def test_what_no_pilot_tells_stays_as_it_was():
    codes, s = pilots(100)
    codes[:] = codes[0]
    _, estimate = estimator()
    before = estimate.estimate(np.array([[0, 3, 0, 1]], np.uint8))
    fit = algorithms.affine_refit(estimate, ridge=1e-4)
    fit.add(codes, s)
    assert fit.solve(estimate) == status.ok
    assert np.isfinite(estimate.weight).all()
    np.testing.assert_allclose(estimate.estimate(codes[0]), s.mean(0), atol=2e-3)
    assert np.abs(estimate.estimate(np.array([[0, 3, 0, 1]], np.uint8)) - before).max() < 50


def test_too_few_pilots_change_nothing():
    codes, s = pilots(4)
    _, estimate = estimator()
    before = estimate.weight
    fit = algorithms.affine_refit(estimate)
    assert fit.solve(estimate) == status.too_few_pilots
    fit.add(codes, s)
    assert fit.solve(estimate) == status.too_few_pilots
    assert "too few pilots" in status.too_few_pilots.describe()
    np.testing.assert_array_equal(estimate.weight, before)
    fewer = algorithms.affine_refit(estimate, least_pilots=2)
    fewer.add(codes, s)
    assert fewer.solve(estimate) == status.ok


def test_a_singular_fit_changes_nothing():
    codes, s = pilots(100)
    codes[:, 1] = codes[:, 0] // 2
    codes[:, 0] = 2 * codes[:, 1]
    _, estimate = estimator()
    before = estimate.weight
    fit = algorithms.affine_refit(estimate, ridge=0)
    fit.add(codes, s)
    assert fit.solve(estimate) == status.singular
    np.testing.assert_array_equal(estimate.weight, before)
    assert "do not determine" in status.singular.describe()


def test_pilots_that_are_not_finite_are_left_out():
    codes, s = pilots(100)
    adc, estimate = estimator()
    gains = np.ones(100, np.float32)
    s[3, 1], s[4, 0], gains[5], gains[6], gains[7] = np.nan, np.inf, 0, np.nan, -1
    fit = algorithms.affine_refit(estimate, ridge=0)
    assert fit.add(codes, s, gains) == 95
    assert fit.solve(estimate) == status.ok
    good = np.delete(np.arange(100), [3, 4, 5, 6, 7])
    expected = np.linalg.lstsq(features(adc, codes[good]), s[good], rcond=None)[0]
    np.testing.assert_allclose(solution(estimate), expected, rtol=1e-4, atol=1e-4)


def test_sums_that_overflow_change_nothing():
    codes, s = pilots(100)
    adc, _ = estimator()
    estimate = algorithms.digital_map.affine(adc, np.zeros((3, 4)), np.zeros(3))
    fit = algorithms.affine_refit(estimate, ridge=0)
    fit.add(codes, np.full_like(s, 3e38) * np.sign(s))
    assert fit.solve(estimate) in (status.ok, status.not_finite)
    assert np.isfinite(estimate.weight).all()


def test_reset_forgets():
    codes, s = pilots(100)
    _, estimate = estimator()
    fit = algorithms.affine_refit(estimate)
    fit.add(codes, s)
    fit.reset()
    assert fit.pilots == 0 and fit.solve(estimate) == status.too_few_pilots


def test_a_drift_of_offsets_and_gains_is_undone():
    """Offsets of .5 deviations and 30 % of gain: three quarters of the loss are undone; the rest is
    of the ADCs, which now clip elsewhere."""
    rng = np.random.default_rng(9)
    p, k = 12, 6
    s = rng.normal(size=(8000, k)).astype(np.float32)
    z = s @ rng.normal(size=(k, p)) / np.sqrt(k) + 0.3 * rng.normal(size=(8000, p))
    adc = algorithms.scalar_adc.uniform([8] * p, 2.5)
    estimate = algorithms.digital_map.affine(adc, np.zeros((k, p)), np.zeros(k))

    def fitted(z, start):
        fit = algorithms.affine_refit(start)
        fit.add(adc.quantize(z[:2000]), s[:2000])
        assert fit.solve(start) == status.ok

    def mse(z):
        return np.mean((estimate.estimate(adc.quantize(z[2000:])) - s[2000:]) ** 2)

    fitted(z, estimate)
    best = mse(z)
    drifted = algorithms.adc_impairments(p, offset_deviation=0.5, gain_deviation=0.3).apply(z)
    loss = mse(drifted) - best
    assert loss > 0.3 * best
    fitted(drifted, estimate)
    assert mse(drifted) - best < 0.25 * loss


def test_the_ridge_keeps_few_pilots_from_doing_harm():
    """100 pilots for 81 features: plain least squares is far worse than the map that was given,
    the default is not."""
    rng = np.random.default_rng(10)
    p = k = 80
    s = rng.normal(size=(3000, k)).astype(np.float32)
    z = s + 0.3 * rng.normal(size=s.shape)
    adc = algorithms.scalar_adc.uniform([8] * p, 2.5)
    codes = adc.quantize(z)

    def mse(**how):
        estimate = algorithms.digital_map.affine(adc, 0.9 * np.eye(p), np.zeros(k))
        if how:
            fit = algorithms.affine_refit(estimate, **how)
            fit.add(codes[:100], s[:100])
            assert fit.solve(estimate) == status.ok
        return np.mean((estimate.estimate(codes[100:]) - s[100:]) ** 2)

    assert mse(ridge=0) > 2 * mse()
    assert mse(ridge=4) < 1.05 * mse()


def test_affine_refuses_other_maps_and_senseless_settings():
    adc, estimate = estimator()
    lookup = algorithms.digital_map.lookup(adc, 1, np.zeros((19, 2)))
    with pytest.raises(ValueError, match="expected an affine map"):
        algorithms.affine_refit(lookup)
    for bad in (0, -1, 1.5, np.nan):
        with pytest.raises(ValueError, match="forgetting is"):
            algorithms.affine_refit(estimate, forgetting=bad)
    for bad in (-1, np.nan, np.inf):
        with pytest.raises(ValueError, match="ridge is"):
            algorithms.affine_refit(estimate, ridge=bad)
    fit = algorithms.affine_refit(estimate)
    assert fit.solve(lookup) == status.another_map
    assert fit.solve(estimator(powers=2)[1]) == status.another_map
    codes, s = pilots(10)
    with pytest.raises(ValueError, match="s: got 20 values, expected 30"):
        fit.add(codes, s[:, :2])
    with pytest.raises(ValueError, match="gains: got 3 values, expected 10"):
        fit.add(codes, s, np.ones(3))
