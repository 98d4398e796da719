# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drift of thresholds and gains, and the refit from pilots."""

import numpy as np
import pytest
from fewbit_trainer.task_quantizer.designs.closed_form import closed_form
from fewbit_trainer.task_quantizer.designs.drift import (
    drift_figures,
    drifted,
    refit_from_pilots,
)
from fewbit_trainer.task_quantizer.designs.gaussian_codes import affine_mse
from fewbit_trainer.task_quantizer.designs.models import ChannelEstimation

MODEL = ChannelEstimation()
MOMENTS = MODEL.second_order()
CHAIN = closed_form(MOMENTS, [8] * 80)
OFFSET = {"threshold_offset": 0.1}
GAIN = {"gain_error": 0.1}


@pytest.mark.parametrize(
    ("drift", "reference", "bar"), [(OFFSET, 0.0306, 0.031), (GAIN, 0.0280, 0.029)]
)
def test_a_refit_undoes_most_of_the_drift(drift: dict, reference: float, bar: float) -> None:
    """Exact errors of 4 drawn drifts, which differ by .0002."""
    figures = [drift_figures(MOMENTS, CHAIN, np.random.default_rng(i), **drift) for i in range(4)]
    refitted = np.mean([f.refitted for f in figures])
    assert refitted < bar
    assert refitted == pytest.approx(reference, abs=4e-4)
    for f in figures:
        assert f.designed < f.relevelled <= f.refitted < f.drifted


@pytest.mark.parametrize("levels_too", [False, True])
def test_pilots_lead_to_the_exact_refit(levels_too: bool) -> None:
    """4096 pilots for 81 unknowns: 2 % above the limit; with levels too, 4 % is allowed."""
    rng = np.random.default_rng(1)
    moved = drifted(CHAIN, rng, **OFFSET)
    limit = drift_figures(MOMENTS, CHAIN, np.random.default_rng(1), **OFFSET)
    found = affine_mse(MOMENTS, refit_from_pilots(moved, *MODEL.draw(4096, rng), levels_too))
    least = limit.relevelled if levels_too else limit.refitted
    assert least * 0.999 < found < least * (1.04 if levels_too else 1.03)


def test_drift_moves_the_analog_side_alone() -> None:
    moved = drifted(CHAIN, np.random.default_rng(2), **OFFSET, **GAIN)
    offsets = np.concatenate(moved.thresholds) - np.concatenate(CHAIN.thresholds)
    assert np.std(offsets) == pytest.approx(0.1, rel=5 / np.sqrt(2 * 560))
    assert np.std(moved.gain / CHAIN.gain) == pytest.approx(0.1, rel=5 / np.sqrt(160))
    assert all(np.all(np.diff(t) >= 0) for t in moved.thresholds)
    assert moved.digital is CHAIN.digital and moved.levels is CHAIN.levels


def test_refuses_too_few_pilots() -> None:
    with pytest.raises(ValueError, match="50 pilots for 81 unknowns"):
        refit_from_pilots(CHAIN, *MODEL.draw(50, np.random.default_rng(3)))
