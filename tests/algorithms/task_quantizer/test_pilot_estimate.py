# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The channel from pilots."""

import numpy as np
import pytest
from gnuradio.fewbit import algorithms

status = algorithms.refit_status


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
