# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refits from pilots against numpy's least squares, counting, and a slow logistic fit."""

import numpy as np
import pytest
import task_quantizer_oracle as oracle
from gnuradio.fewbit import algorithms

status = algorithms.refit_status
LEVELS = [8, 4, 5, 2]


def pilots(n, k=3, levels=LEVELS, seed=1):
    """Codes, and targets that depend on them by some noisy affine map."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, levels, (n, len(levels))).astype(np.uint8)
    s = codes @ rng.normal(size=(len(levels), k)) + rng.normal(size=(n, k))
    return codes, s.astype(np.float32)


def estimator(powers=1, k=3, levels=LEVELS, seed=2):
    rng = np.random.default_rng(seed)
    adc = algorithms.scalar_adc.uniform(levels, 2)
    shape = (powers, k, len(levels))
    return adc, algorithms.digital_map.affine(
        adc, rng.normal(size=shape), rng.normal(size=shape[:2])
    )


def features(adc, codes, powers=1, gains=None):
    one = np.concatenate([adc.lookup(codes).astype(float), np.ones((len(codes), 1))], 1)
    gains = np.ones(len(codes)) if gains is None else gains
    return np.concatenate([one * gains[:, None].astype(float) ** -j for j in range(powers)], 1)


def solution(estimate):
    """[F, k] of a map, in the order of the features."""
    joined = np.concatenate([estimate.weight, estimate.bias[..., None]], -1)
    return joined.transpose(0, 2, 1).reshape(-1, joined.shape[1])


# -- affine ------------------------------------------------------------------------------------
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


# -- levels ------------------------------------------------------------------------------------
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


# -- lookups -----------------------------------------------------------------------------------
def lookup(levels=LEVELS, k=2, seed=4):
    """A lookup, and its probabilities, one block [M, 2^k] an ADC."""
    rng = np.random.default_rng(seed)
    blocks = [rng.dirichlet(np.ones(m), 2**k).T for m in levels]
    adc = algorithms.scalar_adc.uniform(levels, 2)
    table = np.log(np.concatenate(blocks))
    return algorithms.digital_map.lookup(adc, k, table), blocks


def class_pilots(n, levels=LEVELS, k=2, seed=5):
    """Classes and the codes that some other lookup would give."""
    rng = np.random.default_rng(seed)
    _, blocks = lookup(levels, k, seed=6)
    classes = rng.integers(0, 2**k, n).astype(np.uint8)
    codes = np.stack(
        [[rng.choice(m, p=b[:, c]) for c in classes] for m, b in zip(levels, blocks, strict=True)],
        1,
    )
    return codes.astype(np.uint8), classes, blocks


def test_counts_are_counted_and_smoothed_by_the_prior():
    detector, start = lookup()
    codes, classes, _ = class_pilots(300)
    fit = algorithms.lookup_refit(detector, prior=7)
    assert fit.add(codes[:100], classes[:100]) + fit.add(codes[100:], classes[100:]) == 300
    assert fit.solve(detector) == status.ok
    expected = []
    for d, m in enumerate(LEVELS):
        counts = 7 * (0.999 * start[d] + 0.001 / m)
        for code, c in zip(codes[:, d], classes, strict=True):
            counts[code, c] += 1
        expected.append(np.log(counts / counts.sum(0)))
    np.testing.assert_allclose(detector.log_likelihood, np.concatenate(expected), atol=1e-4)


def test_counts_forget():
    detector, start = lookup([4], 1)
    fit = algorithms.lookup_refit(detector, forgetting=0.9, prior=2)
    codes = np.array([[0]] * 3000 + [[1], [2]], np.uint8)
    fit.add(codes, np.zeros(3002, np.uint8))
    assert fit.solve(detector) == status.ok
    counts = 2 * (0.999 * start[0][:, 0] + 0.001 / 4) + [0.81 * 10, 0.9, 1, 0]
    found = np.exp(detector.log_likelihood[:, 0])
    np.testing.assert_allclose(found, counts / counts.sum(), atol=1e-5)


def logistic_objective(table, start, codes, classes, ridge):
    scores = table[oracle.rows_of(LEVELS, codes)].sum(-2)
    log_p = scores - np.logaddexp.reduce(scores, axis=-1)[:, None]
    loss = -log_p[np.arange(len(classes)), classes].mean()
    return loss + ridge / 2 * np.sum((table - start) ** 2)


def test_logistic_is_the_best_of_its_objective():
    from scipy.optimize import minimize

    detector, _ = lookup()
    start = detector.log_likelihood.astype(float)
    codes, classes, _ = class_pilots(200)
    fit = algorithms.logistic_refit(detector, steps=3000, ridge=0.01)
    assert fit.add(codes, classes) == 200
    assert fit.solve(detector) == status.ok

    def objective(x):
        return logistic_objective(x.reshape(start.shape), start, codes, classes, 0.01)

    best = minimize(objective, start.ravel(), method="L-BFGS-B").fun
    found = objective(detector.log_likelihood.astype(float).ravel())
    assert objective(start.ravel()) > best + 0.1
    assert found < best + 1e-4


def test_logistic_keeps_the_latest_pilots():
    detectors = [lookup()[0] for _ in range(2)]
    codes, classes, _ = class_pilots(500)
    for detector, first in zip(detectors, (0, 400), strict=True):
        fit = algorithms.logistic_refit(detector, capacity=100, steps=20)
        fit.add(codes[first:], classes[first:])
        assert fit.solve(detector) == status.ok
    np.testing.assert_allclose(detectors[0].log_likelihood, detectors[1].log_likelihood, atol=1e-4)


@pytest.mark.parametrize("kind", ["lookup_refit", "logistic_refit"])
def test_lookup_fits_learn_what_pilots_show(kind):
    """Codes of another lookup than the one given: decisions nearly as good as with the right
    one, from 2000 pilots, on 4000 others (a deviation of the share is .8 %)."""
    detector, _ = lookup()
    codes, classes, blocks = class_pilots(6000)
    right = algorithms.digital_map.lookup(
        algorithms.scalar_adc.uniform(LEVELS, 2), 2, np.log(np.concatenate(blocks))
    )
    fit = getattr(algorithms, kind)(detector)
    fit.add(codes[:2000], classes[:2000])
    wrong_before = np.mean(detector.classes(codes[2000:]) != classes[2000:])
    assert fit.solve(detector) == status.ok
    wrong = np.mean(detector.classes(codes[2000:]) != classes[2000:])
    least = np.mean(right.classes(codes[2000:]) != classes[2000:])
    assert wrong_before > least + 0.1
    assert wrong < least + 0.025


@pytest.mark.parametrize("kind", ["lookup_refit", "logistic_refit", "gaussian_refit"])
def test_lookup_fits_refuse_and_leave_the_map_alone(kind):
    detector, _ = lookup()
    before = detector.log_likelihood
    fit = getattr(algorithms, kind)(detector)
    assert fit.solve(detector) == status.too_few_pilots
    assert fit.add(np.zeros((3, 4), np.uint8), np.array([4, 255, 99], np.uint8)) == 0
    assert fit.solve(detector) == status.too_few_pilots
    np.testing.assert_array_equal(detector.log_likelihood, before)
    assert fit.add(np.full((3, 4), 255, np.uint8), np.zeros(3, np.uint8)) == 3
    assert fit.solve(lookup([4, 4])[0]) == status.another_map
    assert fit.solve(estimator()[1]) == status.another_map
    assert fit.solve(detector) == status.ok
    assert np.isfinite(detector.log_likelihood).all()
    fit.reset()
    assert fit.solve(detector) == status.too_few_pilots
    with pytest.raises(ValueError, match="classes: got 2 values, expected 3"):
        fit.add(np.zeros((3, 4), np.uint8), np.zeros(2, np.uint8))
    with pytest.raises(ValueError, match="expected a lookup"):
        getattr(algorithms, kind)(estimator()[1])


def test_lookup_fits_refuse_senseless_settings():
    detector, _ = lookup()
    for bad in (0, -1, 1.5, np.nan):
        with pytest.raises(ValueError, match="forgetting is"):
            algorithms.lookup_refit(detector, forgetting=bad)
    for bad in (0, -1, np.nan, np.inf):
        with pytest.raises(ValueError, match="prior is"):
            algorithms.lookup_refit(detector, prior=bad)
    with pytest.raises(ValueError, match="capacity is 0"):
        algorithms.logistic_refit(detector, capacity=0)
    with pytest.raises(ValueError, match="steps is 0"):
        algorithms.logistic_refit(detector, steps=0)
    with pytest.raises(ValueError, match="ridge is"):
        algorithms.logistic_refit(detector, ridge=-1)


# -- the Gaussian shape ------------------------------------------------------------------------
def drifting_adcs(n, levels=(8, 8, 8), k=3, offset=0.4, gain=0.2, seed=14):
    """A lookup as designed, the ADCs, and pilots that came through other gains and offsets, with
    the lookup that knows them."""
    rng = np.random.default_rng(seed)
    p = len(levels)
    symbols = 1.0 - 2 * oracle.user_bits(k)
    means = symbols @ rng.normal(size=(k, p))
    adc = algorithms.scalar_adc.uniform(levels, 2.5)
    gains, offsets = 1 + gain * rng.normal(size=p), offset * rng.normal(size=p)
    sigma = np.full(p, 0.5)

    def lookup_of(mu, deviations):
        table = algorithms.cell_log_likelihoods(mu, deviations, adc)
        return algorithms.digital_map.lookup(adc, k, table)

    classes = rng.integers(0, 2**k, n).astype(np.uint8)
    z = gains * (means[classes] + sigma * rng.normal(size=(n, p))) + offsets
    designed = lookup_of(means, sigma)
    return (
        designed,
        adc,
        adc.quantize(z),
        classes,
        lookup_of(gains * means + offsets, gains * sigma),
    )


@pytest.mark.parametrize("levels", [(8, 8, 8), (2, 5, 64), (4, 6, 16)], ids=str)
def test_gaussian_shape_finds_gains_and_offsets_from_few_pilots(levels):
    """200 pilots: decisions on 20,000 other vectors nearly as good as with the right table, and
    better than by counting."""
    designed, adc, codes, classes, right = drifting_adcs(20200, levels)
    wrong = {}
    for kind in ("lookup_refit", "gaussian_refit"):
        detector = algorithms.digital_map.lookup(adc, 3, designed.log_likelihood)
        fit = getattr(algorithms, kind)(detector)
        assert fit.add(codes[:200], classes[:200]) == 200
        assert fit.solve(detector) == status.ok
        wrong[kind] = np.mean(detector.classes(codes[200:]) != classes[200:])
    before = np.mean(designed.classes(codes[200:]) != classes[200:])
    least = np.mean(right.classes(codes[200:]) != classes[200:])
    assert before > least + 0.02
    assert wrong["gaussian_refit"] < least + 0.2 * (before - least)
    assert wrong["gaussian_refit"] < wrong["lookup_refit"]


def test_gaussian_shape_is_the_maximum_of_the_likelihood():
    """A hundred thousand pilots of the model: the table is the right one to three deviations."""
    designed, adc, codes, classes, right = drifting_adcs(100_000)
    fit = algorithms.gaussian_refit(designed, shape=1e9)
    fit.add(codes, classes)
    assert fit.solve(designed) == status.ok
    found, expected = np.exp(designed.log_likelihood), np.exp(right.log_likelihood)
    assert np.abs(found - expected).max() < 0.006


def test_counts_have_their_say_where_no_gaussian_fits():
    levels, k = (8, 8), 1
    adc = algorithms.scalar_adc.uniform(levels, 2)
    rng = np.random.default_rng(15)
    shares = rng.dirichlet(np.ones(8), (2, 2))  # [ADC, class, code]
    classes = rng.integers(0, 2, 50_000).astype(np.uint8)
    codes = np.stack([[rng.choice(8, p=shares[d, c]) for c in classes] for d in (0, 1)], 1)
    detector = algorithms.digital_map.lookup(adc, k, np.zeros((16, 2)))
    fit = algorithms.gaussian_refit(detector)
    fit.add(codes.astype(np.uint8), classes)
    assert fit.solve(detector) == status.ok
    expected = np.concatenate([shares[0].T, shares[1].T])
    assert np.abs(np.exp(detector.log_likelihood) - expected).max() < 0.02


def test_gaussian_shape_takes_codes_that_never_vary():
    designed, adc, codes, _, _ = drifting_adcs(50)
    fit = algorithms.gaussian_refit(designed)
    fit.add(np.zeros_like(codes), np.zeros(50, np.uint8))
    assert fit.solve(designed) == status.ok
    assert np.isfinite(designed.log_likelihood).all()
    share = np.exp(designed.log_likelihood)
    np.testing.assert_allclose(share[:8].sum(0), 1, rtol=1e-5)


def test_gaussian_refit_refuses_other_maps_and_senseless_settings():
    designed, *_ = drifting_adcs(1)
    for name in ("prior", "shape"):
        for bad in (0, -1, np.nan, np.inf):
            with pytest.raises(ValueError, match=f"{name} is"):
                algorithms.gaussian_refit(designed, **{name: bad})
    with pytest.raises(ValueError, match="expected a lookup"):
        algorithms.gaussian_refit(estimator()[1])


# -- the channel from pilots -------------------------------------------------------------------
def test_pilot_estimate_is_least_squares_and_unbiased():
    """The noise variance of 200 x 12 samples less 4 x 12 unknowns: 2.9 %, 4 of them allowed."""
    rng = np.random.default_rng(7)
    h, s = rng.normal(size=(12, 4)), rng.choice([-1.0, 1.0], (200, 4))
    x = algorithms.linear_channel(h, 0.1, 3).apply(s)
    found = algorithms.pilot_estimate(x, s)
    assert found.status == status.ok and found.pilots == 200
    expected = np.linalg.lstsq(s, x.astype(float), rcond=None)[0].T
    np.testing.assert_allclose(found.channel, expected, atol=1e-6)
    assert found.noise_variance == pytest.approx(0.1, rel=4 * 0.029)
    residual = x - s @ expected.T
    assert found.noise_variance == pytest.approx((residual**2).sum() / (12 * 196), rel=1e-6)


def test_pilot_estimate_leaves_out_what_is_not_finite_and_says_what_is_missing():
    rng = np.random.default_rng(8)
    s = rng.choice([-1.0, 1.0], (50, 3)).astype(np.float32)
    x = algorithms.linear_channel(rng.normal(size=(5, 3)), 0.1, 3).apply(s)
    clean = algorithms.pilot_estimate(x[2:], s[2:])
    x[0, 0], s[1, 1] = np.nan, np.inf
    found = algorithms.pilot_estimate(x, s)
    assert found.pilots == 48
    np.testing.assert_array_equal(found.channel, clean.channel)
    few = algorithms.pilot_estimate(x[2:5], s[2:5])
    assert few.status == status.too_few_pilots and few.channel.size == 0
    s[:, 2] = s[:, 1]
    assert algorithms.pilot_estimate(x[2:], s[2:]).status == status.singular
    with pytest.raises(ValueError, match="other shapes than expected"):
        algorithms.pilot_estimate(x[2:], s)
