# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hardware-limited design: water filling, rotation, and eta_sc where its assumptions hold."""

import numpy as np
import pytest
from fewbit_trainer.task_quantizer.designs.gaussian_codes import affine_mse
from fewbit_trainer.task_quantizer.designs.hardware_limited import (
    equalising_rotation,
    hardware_limited,
    water_filling,
)
from fewbit_trainer.task_quantizer.designs.models import ChannelEstimation
from fewbit_trainer.task_quantizer.designs.second_order import SecondOrder
from scipy.optimize import minimize

MODEL = ChannelEstimation()


@pytest.mark.parametrize("noise", [0.01, 0.2, 3.0])
def test_no_other_powers_leave_less_error(noise: float) -> None:
    """sum l^2 / (1 + alpha / nu) over alpha >= 0 that add up to 1, by scipy's SLSQP."""
    singular = np.array([2.0, 1.1, 0.7, 0.15])
    zeta, alpha = water_filling(singular, noise)
    assert alpha.sum() == pytest.approx(1) and np.all(alpha >= 0) and zeta > 0

    def error(a: np.ndarray) -> float:
        return float(np.sum(singular**2 / (1 + a / noise)))

    found = minimize(
        error,
        np.full(4, 0.25),
        bounds=[(0, 1)] * 4,
        constraints={"type": "eq", "fun": lambda a: a.sum() - 1},
        options={"ftol": 1e-14, "maxiter": 1000},
    )
    assert error(alpha) <= found.fun + 1e-9
    np.testing.assert_allclose(alpha, found.x, atol=2e-4)


@pytest.mark.parametrize("seed", range(5))
def test_the_rotation_equalises_the_diagonal(seed: int) -> None:
    diagonal = np.random.default_rng(seed).exponential(size=3 + 2 * seed)
    diagonal[0] = 0.0
    rotation = equalising_rotation(diagonal)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(len(diagonal)), atol=1e-12)
    rotated = np.diag(rotation @ np.diag(diagonal) @ rotation.T)
    np.testing.assert_allclose(rotated, np.mean(diagonal), atol=1e-10)


def uneven_problem() -> SecondOrder:
    """Singular values that differ, so that water filling leaves one ADC direction dry."""
    mixing = (
        np.diag([3.0, 1.5, 0.8, 0.1])
        @ np.linalg.qr(np.random.default_rng(1).standard_normal((4, 4)))[0]
    )
    mixing = np.concatenate([mixing, np.ones((2, 4)) * 0.1]).astype(float)
    return SecondOrder(np.eye(4), mixing.T, mixing @ mixing.T + 0.5 * np.eye(6))


def test_eta_sc_is_the_error_of_dithered_quantizers_that_never_overload() -> None:
    """Uniform quantizers without end: simulated on 200,000 vectors within 4 standard errors."""
    model = uneven_problem()
    design = hardware_limited(model, 4)
    joint = np.block([[model.signal, model.cross], [model.cross.T, model.observation]])
    rng = np.random.default_rng(2)
    both = rng.multivariate_normal(np.zeros(10), joint, 200_000)
    s, x = both[:, :4], both[:, 4:]
    z = x @ design.combiner.T
    np.testing.assert_allclose(np.var(z, axis=0), 0.25, rtol=0.02)  # 1 / p each
    dithered = z + rng.uniform(-design.step / 2, design.step / 2, z.shape)
    endless = design.step * (np.floor(dithered / design.step) + 0.5)
    errors = np.mean((endless @ design.digital.T - s) ** 2, axis=1)
    assert abs(errors.mean() - design.predicted_mse) < 4 * errors.std() / np.sqrt(len(errors))


def test_real_quantizers_overload_and_are_off_the_formula() -> None:
    """Found at M = 8, support of 2 deviations: .0416 with dither, .0328 without, formula .0302.

    2^12 vectors, within 4 standard errors of 1.2 %; the bundle's chain is the undithered one.
    """
    design = hardware_limited(MODEL.second_order(), 8)
    x, s = MODEL.draw(1 << 12, np.random.default_rng(3))
    for estimate, reference in (
        (design.simulate(x, np.random.default_rng(4)), 0.0416),
        (design.simulate(x), 0.0328),
    ):
        errors = np.mean((estimate - s) ** 2, axis=1)
        assert abs(errors.mean() - reference) < 4 * errors.std() / 64 + 5e-5
    chain = design.chain(MODEL.second_order())
    np.testing.assert_allclose(chain(x), design.simulate(x), atol=2e-5)
    assert affine_mse(MODEL.second_order(), chain) == pytest.approx(0.0328, abs=6e-5)


def test_refuses_adcs_and_supports_that_make_no_sense() -> None:
    moments = MODEL.second_order()
    with pytest.raises(ValueError, match="adcs is 81; use 1 to the number of outputs, 80"):
        hardware_limited(moments, 4, adcs=81)
    with pytest.raises(ValueError, match="support is 9"):
        hardware_limited(moments, 4, support=9.0)
    with pytest.raises(ValueError, match="descend"):
        water_filling(np.array([1.0, 2.0]), 0.1)


def test_what_fewer_adcs_leave_out_counts_as_error() -> None:
    """All singular values are alike: 30 of 80 that no ADC sees leave 3/8 of the estimate's
    variance, and fine ADCs nearly nothing more."""
    left = hardware_limited(MODEL.second_order(), 256, adcs=50).predicted_mse
    assert left == pytest.approx(1 / 98 + 3 / 8 * (0.5 - 1 / 98), rel=1e-3)
