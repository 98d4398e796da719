# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refits of the digital map, against exact moments and probabilities."""

import dataclasses
import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("safetensors")

from fewbit_trainer.task_quantizer.chain import AffineMap, Chain, LookupMap, single  # noqa: E402
from fewbit_trainer.task_quantizer.config import RefitConfig  # noqa: E402
from fewbit_trainer.task_quantizer.lloyd_max import lloyd_max  # noqa: E402
from fewbit_trainer.task_quantizer.refit import affine_refit, lookup_refit  # noqa: E402
from fewbit_trainer.task_quantizer.tasks import Samples  # noqa: E402


def a_chain(combiner, levels, outputs, task="estimation", agc="fixed"):
    """Lloyd-Max ADCs of unit gain behind a combiner, and no digital map worth the name."""
    p = len(combiner)
    designs = [lloyd_max(m) for m in levels]
    return Chain(
        task=task, outputs=outputs, analog=((single(combiner), single(np.zeros(p))),),
        gain=single(np.ones(p)), thresholds=tuple(single(q.thresholds) for q in designs),
        levels=tuple(single(7.0 * q.levels) for q in designs),
        digital=AffineMap(single(np.zeros((1, outputs, p))), single(np.zeros((1, outputs)))),
        agc=agc,
    )  # fmt: skip


def gaussian(rng, count, mixing, noise=0.1):
    """s of unit variance behind a linear combiner."""
    s = rng.standard_normal((count, len(mixing)))
    x = s @ mixing.T + noise * rng.standard_normal((count, len(mixing)))
    return Samples(x, s, None, len(mixing), False)


def mse(chain, samples):
    return float(np.mean((chain(samples.x) - samples.signals) ** 2))


def plain_least_squares(chain, samples):
    q = chain.values(chain.codes(samples.x)[0])
    columns = np.concatenate([q, np.ones((len(q), 1))], axis=1)
    w = np.linalg.lstsq(columns, samples.signals, rcond=None)[0]
    digital = AffineMap(single(w[:-1].T[None]), single(w[-1][None]))
    return dataclasses.replace(chain, digital=digital)


def test_independent_inputs_cost_the_lloyd_max_distortion():
    rng = np.random.default_rng(1)
    levels = [2, 3, 4, 8] * 5
    train, fresh = (gaussian(rng, t, np.eye(20), 0.0) for t in (3000, 100_000))
    chain = a_chain(np.eye(20), levels, 20)
    exact = np.mean([lloyd_max(m).distortion for m in levels])
    fitted = mse(affine_refit(chain, train, 1), fresh)
    # Standard error of the fresh error: .2 %; plain least squares overfits by 21 / 3000 = .7 %.
    assert fitted == pytest.approx(exact, rel=0.007)
    assert fitted < mse(plain_least_squares(chain, train), fresh)


def test_levels_become_centroids_and_an_empty_cell_keeps_its_own():
    rng = np.random.default_rng(2)
    train = gaussian(rng, 2000, np.eye(1), 0.0)
    chain = a_chain(np.eye(1), [4], 1)
    thresholds = single([-0.5, 0.5, 50.0])
    chain = dataclasses.replace(chain, thresholds=(thresholds,))
    fitted = affine_refit(chain, train, 1)
    z = train.x[:, 0]
    assert fitted.levels[0][0] == pytest.approx(z[z < -0.5].mean(), rel=1e-5)
    assert fitted.levels[0][3] == chain.levels[0][3]


def test_correlated_inputs_get_what_least_squares_gives_with_many_samples():
    rng = np.random.default_rng(3)
    mixing = np.array([[1.0, 0.9, 0.0], [0.9, 1.0, 0.3], [0.0, 0.3, 1.0]]) / 1.4
    chain = a_chain(np.eye(3), [2, 2, 3], 3)
    train, fresh = (gaussian(rng, t, mixing) for t in (200_000, 100_000))
    best = mse(plain_least_squares(chain, train), fresh)
    assert mse(affine_refit(chain, train, 1), fresh) == pytest.approx(best, rel=2e-3)


def test_a_second_power_uses_the_gain_of_a_block_agc():
    rng = np.random.default_rng(4)
    p = 16
    scale = np.repeat(rng.uniform(0.3, 3.0, (20_000, 1)), p, axis=1)
    s = scale * rng.standard_normal((20_000, p))
    samples = Samples(s, s, None, p, False)
    chain = a_chain(np.eye(p), [8] * p, p, agc="block")
    one, two = (affine_refit(chain, samples, powers) for powers in (1, 2))
    # The gain says the scale, which the first power alone cannot multiply by.
    assert two.digital.weight.shape == (2, p, p)
    assert mse(two, samples) < 0.2 * mse(one, samples)
    assert mse(two, samples) == pytest.approx(lloyd_max(8).distortion * np.mean(scale**2), rel=0.35)


def test_one_dead_adc_does_no_harm():
    rng = np.random.default_rng(5)
    train = gaussian(rng, 500, np.eye(3), 0.0)
    combiner = np.diag([1.0, 0.0, 1.0])
    fitted = affine_refit(a_chain(combiner, [4, 4, 4], 3), train, 1)
    assert all(np.isfinite(t).all() for t in fitted.tensors().values())
    assert mse(fitted, train) == pytest.approx((1 + 2 * lloyd_max(4).distortion) / 3, rel=0.1)


MEANS = np.array([[-1.0, 0.5], [1.0, 0.5], [-1.0, -0.5], [1.0, -0.5]])


def classes_of_noise(rng, count, deviation=0.4):
    classes = rng.integers(0, 4, count)
    x = MEANS[classes] + deviation * rng.standard_normal((count, 2))
    return Samples(x, None, classes, 2, False)


def ratios(table):
    """Rows less their mean: what decisions and LLRs depend on."""
    return table - table.mean(axis=1, keepdims=True)


def exact_table(chain, deviation=0.4):
    rows = []
    for d, thresholds in enumerate(chain.thresholds):
        edges = [-math.inf, *thresholds.tolist(), math.inf]
        for low, high in zip(edges[:-1], edges[1:], strict=True):
            inside = [
                0.5 * (math.erf((high - m) / deviation / math.sqrt(2))
                       - math.erf((low - m) / deviation / math.sqrt(2)))
                for m in MEANS[:, d]
            ]  # fmt: skip
            rows.append(np.log(inside))
    return np.array(rows)


@pytest.mark.parametrize(
    ("method", "tolerance"), [("cells", 0.06), ("counts", 0.15), ("logistic", 0.15)]
)
def test_lookups_tend_to_the_cells_probabilities(method, tolerance):
    chain = a_chain(np.eye(2), [4, 3], 2, task="detection")
    samples = classes_of_noise(np.random.default_rng(6), 60_000)
    fitted = lookup_refit(chain, samples, RefitConfig(method=method))
    assert isinstance(fitted.digital, LookupMap)
    exact, found = ratios(exact_table(chain)), ratios(fitted.digital.log_likelihood.astype(float))
    # Counting knows little of cells that a class hardly ever meets.
    seen = np.abs(exact) < (np.inf if method == "cells" else 3.0)
    np.testing.assert_allclose(found[seen], exact[seen], atol=tolerance)


def test_few_samples_are_best_used_by_cells():
    rng = np.random.default_rng(7)
    chain = a_chain(np.eye(2), [8, 8], 2, task="detection")
    few, fresh = classes_of_noise(rng, 150), classes_of_noise(rng, 200_000)

    def loss(method):
        scores = lookup_refit(chain, few, RefitConfig(method=method))(fresh.x)
        shifted = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
        return -np.mean(shifted[np.arange(len(fresh.classes)), fresh.classes])

    assert loss("cells") < min(loss("counts"), loss("logistic") + 1e-3)


def test_a_class_that_was_never_sent_is_never_decided_for():
    chain = a_chain(np.eye(2), [4, 4], 2, task="detection")
    rng = np.random.default_rng(8)
    samples = classes_of_noise(rng, 400)
    keep = samples.classes != 2
    part = Samples(samples.x[keep], None, samples.classes[keep], 2, False)
    fitted = lookup_refit(chain, part, RefitConfig(method="cells"))
    scores = fitted(rng.normal(size=(1000, 2)))
    assert np.isfinite(scores).all()
    assert not (scores.argmax(axis=1) == 2).any()
