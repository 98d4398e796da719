# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The least squares digital map against numpy's solver, and pilots that give none."""

import numpy as np
import pytest
from fewbit_trainer.task_quantizer.designs.affine_fit import fit_affine, refitted
from fewbit_trainer.task_quantizer.designs.closed_form import closed_form
from fewbit_trainer.task_quantizer.designs.models import ChannelEstimation


def pilots(count: int = 200) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    return (
        rng.choice([-1.5, -0.4, 0.5, 1.4], (count, 3)),
        rng.standard_normal((count, 2)),
        (rng.uniform(0.5, 2, count)),
    )


def test_is_numpy_s_least_squares() -> None:
    q, s, _ = pilots()
    weight, bias = fit_affine(q, s)
    expected = np.linalg.lstsq(np.column_stack([q, np.ones(len(q))]), s, rcond=None)[0]
    assert weight.shape == (1, 2, 3) and bias.shape == (1, 2)
    np.testing.assert_allclose(weight[0], expected[:3].T, atol=1e-12)
    np.testing.assert_allclose(bias[0], expected[3], atol=1e-12)


def test_with_a_gain_the_map_is_affine_in_its_inverse_as_well() -> None:
    q, _, gain = pilots()
    rng = np.random.default_rng(2)
    weight, bias = rng.standard_normal((2, 2, 3)), rng.standard_normal((2, 2))
    s = q @ weight[0].T + bias[0] + (q @ weight[1].T + bias[1]) / gain[:, None]
    found = fit_affine(q, s, gain)
    np.testing.assert_allclose(found[0], weight, atol=1e-9)
    np.testing.assert_allclose(found[1], bias, atol=1e-9)


def test_refuses_too_few_pilots() -> None:
    q, s, gain = pilots(7)
    with pytest.raises(ValueError, match="7 pilots for 8 unknowns"):
        fit_affine(q, s, gain)


def test_refuses_pilots_that_do_not_determine_the_map() -> None:
    q, s, _ = pilots()
    q[:, 1] = 0.5
    with pytest.raises(ValueError, match="do not determine the digital map"):
        fit_affine(q, s)


def test_a_refit_follows_another_relation() -> None:
    """Pilots of twice the signal: the refitted map is twice the designed one."""
    model = ChannelEstimation(2, 2, 4)
    chain = closed_form(model.second_order(), [8] * 8)
    x, s = model.draw(20_000, np.random.default_rng(3))
    twice = refitted(chain, x, 2 * s)
    np.testing.assert_allclose(twice.digital.weight, 2 * chain.digital.weight, atol=0.03)
