# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logistic refit of a lookup against a slow fit of its objective."""

import numpy as np
import task_quantizer_oracle as oracle
from gnuradio.fewbit import algorithms
from refit_bench import LEVELS, class_pilots, lookup

status = algorithms.refit_status


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
