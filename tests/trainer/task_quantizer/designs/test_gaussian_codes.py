# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moments of quantized Gaussians against the arcsine law, numerical integration and simulation."""

import dataclasses

import numpy as np
import pytest
from fewbit_trainer.task_quantizer.designs.closed_form import closed_form
from fewbit_trainer.task_quantizer.designs.gaussian_codes import (
    affine_mse,
    best_affine,
    code_moments,
    hermite_coefficients,
    quantized_wiener,
)
from fewbit_trainer.task_quantizer.designs.models import ChannelEstimation
from fewbit_trainer.task_quantizer.designs.second_order import SecondOrder
from fewbit_trainer.task_quantizer.lloyd_max import ScalarQuantizer, lloyd_max
from scipy import integrate, special, stats

SIGN = ScalarQuantizer(np.array([0.0]), np.array([-1.0, 1.0]))
UNEVEN = ScalarQuantizer(np.array([-0.7, 0.1, 0.4]), np.array([-2.0, 0.3, 0.2, 1.5]))


def anisotropic(seed: int, outputs: int = 3, inputs: int = 5) -> SecondOrder:
    """A random problem whose ADC inputs are correlated and of unequal variance."""
    rng = np.random.default_rng(seed)
    mixing = rng.standard_normal((inputs, outputs))
    return SecondOrder(np.eye(outputs), mixing.T, mixing @ mixing.T + 0.3 * np.eye(inputs))


def draw(model: SecondOrder, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    k = len(model.signal)
    joint = np.block([[model.signal, model.cross], [model.cross.T, model.observation]])
    both = np.random.default_rng(seed).multivariate_normal(np.zeros(len(joint)), joint, count)
    return both[:, k:], both[:, :k]


def test_coefficients_are_the_projections_on_hermite_polynomials() -> None:
    found = hermite_coefficients(UNEVEN, 6)
    edges = np.concatenate([[-10], UNEVEN.thresholds, [10]])
    for m in range(1, 7):

        def integrand(z: float, m: int = m) -> float:
            return (
                special.eval_hermitenorm(m, z) / np.sqrt(special.factorial(m)) * stats.norm.pdf(z)
            )

        projection = sum(
            y * integrate.quad(integrand, a, b)[0]
            for y, a, b in zip(UNEVEN.levels, edges[:-1], edges[1:], strict=True)
        )
        assert found[m - 1] == pytest.approx(projection, abs=1e-9)


@pytest.mark.parametrize("correlation", [-0.95, -0.3, 0.0, 0.5, 0.99])
def test_one_bit_is_the_arcsine_law(correlation: float) -> None:
    covariance = np.array([[4.0, 2 * correlation], [2 * correlation, 1.0]])
    moments = code_moments(np.array([[1.0, 0.5]]), covariance, [SIGN, SIGN])
    expected = 2 / np.pi * np.arcsin(correlation)
    assert moments.covariance[0, 1] == pytest.approx(expected, abs=1e-8)
    np.testing.assert_allclose(np.diag(moments.covariance), 1)
    np.testing.assert_allclose(moments.cross, np.sqrt(2 / np.pi) * np.array([[0.5, 0.5]]))
    np.testing.assert_allclose(moments.mean, 0, atol=1e-15)


@pytest.mark.parametrize("correlation", [-0.8, 0.2, 0.97])
def test_any_levels_against_the_bivariate_distribution(correlation: float) -> None:
    """E[q q'] = sum of level pairs times rectangle probabilities, by scipy's bivariate cdf."""
    other = lloyd_max(5)
    covariance = np.array([[1.0, correlation], [correlation, 1.0]])
    cdf = stats.multivariate_normal(cov=covariance).cdf
    a = np.concatenate([[-9], UNEVEN.thresholds, [9]])
    b = np.concatenate([[-9], other.thresholds, [9]])
    corner = np.array([[cdf([x, y]) for y in b] for x in a])
    cells = np.diff(np.diff(corner, axis=0), axis=1)
    product = UNEVEN.levels @ cells @ other.levels
    mean = (UNEVEN.levels @ cells.sum(axis=1)) * (cells.sum(axis=0) @ other.levels)
    moments = code_moments(np.zeros((1, 2)), covariance, [UNEVEN, other])
    assert moments.covariance[0, 1] == pytest.approx(product - mean, abs=2e-6)
    assert moments.mean[0] == pytest.approx(UNEVEN.levels @ cells.sum(axis=1), abs=1e-7)


def test_the_estimate_has_the_stated_error() -> None:
    """Simulated within 4 standard errors, and no other affine map does better on the samples."""
    model = anisotropic(1)
    combiner = np.random.default_rng(2).standard_normal((4, 5))
    quantizers = [lloyd_max(3), UNEVEN, lloyd_max(8), SIGN]
    best = quantized_wiener(model, combiner, quantizers)
    x, s = draw(model, 200_000, 3)
    z = x @ combiner.T / np.sqrt(np.diag(combiner @ model.observation @ combiner.T))
    q = np.stack(
        [d.levels[np.searchsorted(d.thresholds, z[:, i])] for i, d in enumerate(quantizers)], axis=1
    )
    errors = np.mean((q @ best.weight.T + best.bias - s) ** 2, axis=1)
    assert abs(errors.mean() - best.mse) < 4 * errors.std() / np.sqrt(len(errors))
    columns = np.column_stack([q, np.ones(len(q))])
    fitted = columns @ np.linalg.lstsq(columns, s, rcond=None)[0]
    least = np.mean((fitted - s) ** 2)
    assert least <= errors.mean() <= least * 1.001


def test_a_chain_s_error_where_the_design_was_mistaken() -> None:
    """Designed for another power, thresholds and gains moved: exact against simulated."""
    model = ChannelEstimation(antennas=2, users=2, pilots=3, power=4.0)
    chain = closed_form(ChannelEstimation(2, 2, 3, 2.0).second_order(), [4] * 8)
    chain = dataclasses.replace(
        chain,
        thresholds=tuple(t + np.float32(0.2) for t in chain.thresholds),
        gain=chain.gain * np.linspace(0.8, 1.2, 8).astype(np.float32),
    )
    exact = affine_mse(model.second_order(), chain)
    x, s = model.draw(100_000, np.random.default_rng(4))
    errors = np.mean((chain(x) - s) ** 2, axis=1)
    assert abs(errors.mean() - exact) < 4 * errors.std() / np.sqrt(len(errors))
    assert best_affine(model.second_order(), chain).mse < exact


def test_refuses_an_input_without_variance() -> None:
    with pytest.raises(ValueError, match="no variance"):
        code_moments(np.zeros((1, 1)), np.zeros((1, 1)), [SIGN])


def test_refuses_chains_that_are_not_linear() -> None:
    chain = closed_form(ChannelEstimation(1, 1, 2).second_order(), [2] * 2)
    moments = ChannelEstimation(1, 1, 2).second_order()
    with pytest.raises(ValueError, match="no block AGC"):
        affine_mse(moments, dataclasses.replace(chain, agc="block"))
