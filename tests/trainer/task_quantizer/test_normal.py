# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The normal distribution against scipy's, far tails and empty cells included."""

import numpy as np
from fewbit_trainer.task_quantizer.normal import cells, density, interval, upper_tail
from scipy import integrate, stats


def test_tails_keep_their_relative_precision() -> None:
    x = np.array([-37.0, -8.0, -1.0, 0.0, 0.3, 5.0, 20.0, 37.0])
    np.testing.assert_allclose(upper_tail(x), stats.norm.sf(x), rtol=1e-10)
    np.testing.assert_allclose(density(x), stats.norm.pdf(x), rtol=1e-13)


def test_infinite_edges() -> None:
    assert density(np.inf) == 0 and density(-np.inf) == 0
    np.testing.assert_allclose(interval([-np.inf, 0, -np.inf], [0, np.inf, np.inf]), [0.5, 0.5, 1])


def test_intervals_on_either_side_are_equally_precise() -> None:
    low, high = np.array([-9.0, 8.5, -0.1]), np.array([-8.5, 9.0, 0.2])
    found = interval(low, high)
    np.testing.assert_allclose(found[0], found[1], rtol=1e-13)
    np.testing.assert_allclose(found[0], stats.norm.cdf(-8.5) - stats.norm.cdf(-9.0), rtol=1e-12)
    np.testing.assert_allclose(found[2], stats.norm.cdf(0.2) - stats.norm.cdf(-0.1), rtol=1e-12)


def test_cells_are_those_of_numerical_integration() -> None:
    thresholds = [-1.3, 0.2, 0.9]
    probability, mean = cells(thresholds)
    edges = [-12.0, *thresholds, 12.0]
    for c in range(4):
        mass = integrate.quad(stats.norm.pdf, edges[c], edges[c + 1])[0]
        first = integrate.quad(lambda z: z * stats.norm.pdf(z), edges[c], edges[c + 1])[0]
        np.testing.assert_allclose([probability[c], mean[c]], [mass, first / mass], rtol=1e-9)


def test_a_cell_without_probability_has_a_finite_mean() -> None:
    probability, mean = cells([-60.0, 0.5, 0.5])
    assert probability[0] == 0 and probability[2] == 0
    np.testing.assert_allclose(mean[[0, 2]], [-60.0, 0.5])
