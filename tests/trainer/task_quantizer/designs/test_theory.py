# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fig. 5's theory curves against the reference values, and the target against simulation."""

import numpy as np
import pytest
from fewbit_trainer.task_quantizer.designs.closed_form import closed_form
from fewbit_trainer.task_quantizer.designs.gaussian_codes import affine_mse
from fewbit_trainer.task_quantizer.designs.hardware_limited import hardware_limited
from fewbit_trainer.task_quantizer.designs.models import ChannelEstimation
from fewbit_trainer.task_quantizer.designs.theory import eta_opt, lloyd_max_target, mmse, rate

MODEL = ChannelEstimation()


# Reference: levels, rate, eta_opt, Lloyd-Max target, eta_sc.
@pytest.mark.parametrize(
    ("levels", "bits", "optimum", "target", "eta_sc"),
    [
        (2, 0.333, 0.1327, 0.1882, 0.2551),
        (3, 0.528, 0.0646, 0.1034, 0.1366),
        (4, 0.667, 0.0408, 0.0678, 0.0856),
        (6, 0.862, 0.0238, 0.0386, 0.0452),
        (8, 1.000, 0.0179, 0.0271, 0.0302),
        (12, 1.195, 0.0136, 0.0182, 0.0192),
        (16, 1.333, 0.0121, 0.0149, 0.0153),
    ],
)
def test_curves_have_the_reference_values(
    levels: int, bits: float, optimum: float, target: float, eta_sc: float
) -> None:
    assert rate(MODEL, levels) == pytest.approx(bits, abs=6e-4)
    assert eta_opt(MODEL, rate(MODEL, levels)) == pytest.approx(optimum, abs=6e-5)
    assert lloyd_max_target(MODEL, levels) == pytest.approx(target, abs=6e-5)
    found = hardware_limited(MODEL.second_order(), levels).predicted_mse
    assert found == pytest.approx(eta_sc, abs=6e-5)


def test_mmse_is_one_98th() -> None:
    assert mmse(MODEL) == pytest.approx(1 / 98, rel=1e-15)
    assert eta_opt(MODEL, 50.0) == pytest.approx(1 / 98)
    assert eta_opt(MODEL, 0.0) == pytest.approx(0.5)


@pytest.mark.parametrize("levels", [2, 8, 18])
def test_the_target_is_the_closed_form_s_exact_error(levels: int) -> None:
    moments = MODEL.second_order()
    exact = affine_mse(moments, closed_form(moments, [levels] * 80))
    assert exact == pytest.approx(lloyd_max_target(MODEL, levels), rel=1e-6)


def test_the_target_of_mixed_levels_is_their_mean() -> None:
    mixed = lloyd_max_target(MODEL, [2] * 40 + [4] * 40)
    both = (lloyd_max_target(MODEL, 2) + lloyd_max_target(MODEL, 4)) / 2
    assert mixed == pytest.approx(both)
    assert np.isfinite(lloyd_max_target(MODEL, 256))
