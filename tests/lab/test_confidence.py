# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Confidence intervals against scipy's, and what they promise at the ends."""

import math

import pytest
from fewbit_lab.confidence import (
    clustered_wilson,
    jackknife_interval,
    mean_interval,
    student_t,
    wilson,
)
from scipy import stats
from scipy.stats import binomtest


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
@pytest.mark.parametrize("trials", [1, 2, 17, 1000, 200_000])
def test_agrees_with_scipy(trials, confidence):
    for errors in sorted({0, 1, trials // 7, trials // 2, trials - 1, trials}):
        expected = binomtest(errors, trials).proportion_ci(confidence, method="wilson")
        assert wilson(errors, trials, confidence) == pytest.approx(tuple(expected), abs=1e-12)


def test_knows_nothing_without_trials():
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize("errors,trials", [(-1, 10), (11, 10)])
def test_refuses_impossible_counts(errors, trials):
    with pytest.raises(ValueError, match="0 <= errors <= trials"):
        wilson(errors, trials)


@pytest.mark.parametrize("confidence", [0.0, 1.0, math.nan])
def test_refuses_an_impossible_confidence(confidence):
    with pytest.raises(ValueError, match="between 0 and 1"):
        wilson(1, 10, confidence)


def test_mean_interval_of_known_values():
    # Mean 2, sample deviation 1, three values: half width 4.302653 / sqrt(3), t of 2 degrees.
    mean, low, high = mean_interval([1.0, 2.0, 3.0])
    assert (mean, high - mean, mean - low) == pytest.approx((2.0, 2.4841377, 2.4841377))
    assert math.isnan(mean_interval([])[0])


def test_one_value_has_no_finite_limits():
    assert mean_interval([4.0]) == (4.0, -math.inf, math.inf)
    assert jackknife_interval(4.0, [3.0]) == (4.0, -math.inf, math.inf)


@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.999])
@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 19, 39, 200])
def test_student_t_agrees_with_scipy(freedom, confidence):
    expected = stats.t.ppf(0.5 + confidence / 2.0, freedom)
    assert student_t(freedom, confidence) == pytest.approx(expected, rel=1e-6)


def test_the_jackknife_of_a_mean_is_the_interval_of_the_mean():
    values = [1.0, 4.0, 2.0, 9.0]
    left_out = [(sum(values) - v) / 3.0 for v in values]
    assert jackknife_interval(4.0, left_out) == pytest.approx(mean_interval(values))


def test_bits_that_err_apart_earn_no_narrower_interval_than_independent_ones():
    # Four wrong bits, each in a vector of its own: their squares are 4 too.
    assert clustered_wilson(4, 4, 1000, 4) == wilson(4, 4000)
    assert clustered_wilson(0, 0, 1000, 4) == wilson(0, 1000)


def test_bits_that_err_together_widen_the_interval():
    # Every erring vector errs in all of its four bits: as many trials as vectors, by hand.
    low, high = clustered_wilson(40, 160, 1000, 4)
    independent = wilson(40, 4000)
    assert low < independent[0] and high > independent[1]
