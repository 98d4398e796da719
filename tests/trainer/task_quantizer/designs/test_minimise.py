# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The small quasi-Newton search against known minima."""

import numpy as np
import pytest
from fewbit_trainer.task_quantizer.designs.minimise import gradient, minimise
from scipy.optimize import rosen, rosen_der


def test_finds_the_minimum_of_a_skew_quadratic() -> None:
    rng = np.random.default_rng(1)
    root = rng.standard_normal((6, 6))
    matrix, target = root @ root.T + 0.1 * np.eye(6), rng.standard_normal(6)
    x, value = minimise(lambda x: float((x - target) @ matrix @ (x - target)), np.zeros(6))
    np.testing.assert_allclose(x, target, atol=1e-2)
    assert 0 <= value < 1e-5


def test_follows_rosenbrock_s_valley() -> None:
    x, value = minimise(rosen, np.array([-1.2, 1.0]), iterations=200, tolerance=1e-12)
    np.testing.assert_allclose(x, 1, atol=1e-3)
    assert value < 1e-7


def test_never_ends_higher_than_it_began() -> None:
    """A function with corners, as error rates of min() are."""
    rng = np.random.default_rng(2)
    for _ in range(20):
        start = rng.standard_normal(4)
        assert minimise(lambda x: float(np.max(np.abs(x))), start)[1] <= np.max(np.abs(start))


def test_gradients_are_central_differences() -> None:
    x = np.array([0.3, -0.4, 1.1])
    assert gradient(rosen, x, 1e-5) == pytest.approx(rosen_der(x), rel=1e-6)
