# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fig. 5's theory curves against the reference values, and the target against simulation."""

import numpy as np
import pytest
from fewbit_lab import task_reference
from fewbit_trainer.task_quantizer.designs.closed_form import closed_form
from fewbit_trainer.task_quantizer.designs.gaussian_codes import affine_mse
from fewbit_trainer.task_quantizer.designs.hardware_limited import hardware_limited
from fewbit_trainer.task_quantizer.designs.models import ChannelEstimation
from fewbit_trainer.task_quantizer.designs.theory import eta_opt, lloyd_max_target, mmse, rate

MODEL = ChannelEstimation()


@pytest.mark.parametrize("row", task_reference.ESTIMATION, ids=lambda row: f"M={row.levels}")
def test_curves_have_the_reference_values(row: task_reference.EstimationRow) -> None:
    """To the reference's four digits."""
    assert rate(MODEL, row.levels) == pytest.approx(row.rate, abs=6e-4)
    assert eta_opt(MODEL, rate(MODEL, row.levels)) == pytest.approx(row.eta_opt, abs=6e-5)
    assert lloyd_max_target(MODEL, row.levels) == pytest.approx(row.lloyd_max, abs=6e-5)
    found = hardware_limited(MODEL.second_order(), row.levels).predicted_mse
    assert found == pytest.approx(row.eta_sc, abs=6e-5)


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
