# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts of codes in pilots, and what all refits of a lookup have in common."""

import numpy as np
import pytest
from gnuradio.fewbit import algorithms
from refit_bench import LEVELS, class_pilots, estimator, lookup

status = algorithms.refit_status


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


@pytest.mark.parametrize("kind", ["lookup_refit", "gaussian_refit", "logistic_refit"])
def test_a_class_that_no_pilot_shows_is_not_forgotten(kind):
    """Of 16 classes one is never sent; it is decided wrongly at most twice as often as before:
    some 2500 vectors at .0075, so that four deviations are .007."""
    h = np.exp(-np.abs(np.subtract.outer(np.arange(12), np.arange(4))))
    found = algorithms.rotation_search(h, 0.1, 4, 8, starts=4)
    chain = algorithms.lookup_design(found.combiner, found.adc, h, 0.1)
    symbols = np.random.default_rng(1).choice([-1.0, 1.0], (40000, 4)).astype(np.float32)
    codes = chain.codes(algorithms.linear_channel(h, 0.1).apply(symbols))[0]
    sent = ((symbols < 0) @ (1 << np.arange(4))).astype(np.uint8)
    unseen = codes[sent == 5]
    before = np.mean(chain.digital.classes(unseen) != 5)
    shown = sent[:4000] != 5
    fit = getattr(algorithms, kind)(chain.digital)
    fit.add(codes[:4000][shown], sent[:4000][shown])
    refitted = chain.digital
    assert fit.solve(refitted) == algorithms.refit_status.ok
    assert np.mean(refitted.classes(unseen) != 5) < 2 * before + 0.007
