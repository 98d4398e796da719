# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The closed-form design: at the target from the model, near it from samples, its AGC."""

import numpy as np
import pytest
from fewbit_trainer.task_quantizer.designs.closed_form import (
    closed_form,
    closed_form_from_samples,
)
from fewbit_trainer.task_quantizer.designs.gaussian_codes import affine_mse
from fewbit_trainer.task_quantizer.designs.measure import measure_mse
from fewbit_trainer.task_quantizer.designs.models import ChannelEstimation
from fewbit_trainer.task_quantizer.designs.theory import lloyd_max_target

MODEL = ChannelEstimation()


def test_the_hardened_chain_simulates_to_its_exact_error() -> None:
    """2^13 fresh realisations, 4 standard errors (.7 %)."""
    chain = closed_form(MODEL.second_order(), [8] * 80)
    found = measure_mse(chain, MODEL, 1 << 13, np.random.default_rng(1))
    assert abs(found.value - lloyd_max_target(MODEL, 8)) < 4 * found.error
    assert found.error < 0.003 * found.value


@pytest.mark.parametrize("levels", [2, 8, 16])
def test_training_samples_lose_less_than_a_percent(levels: int) -> None:
    """From 2^15 samples, measured exactly."""
    x, s = MODEL.draw(1 << 15, np.random.default_rng(2))
    exact = affine_mse(MODEL.second_order(), closed_form_from_samples(x, s, [levels] * 80))
    assert 1 <= exact / lloyd_max_target(MODEL, levels) < 1.007


@pytest.mark.parametrize(("levels", "bar", "reference"), [(8, 0.030, 0.0294), (16, 0.018, 0.0176)])
def test_block_agc_holds_where_the_snr_differs(levels: int, bar: float, reference: float) -> None:
    """Trained on P in [1, 10], measured at P = 4 on 2^13 vectors, standard error .4 %."""
    rng = np.random.default_rng(3)
    x, s = MODEL.draw(1 << 15, rng, rng.uniform(1, 10, 1 << 15))
    chain = closed_form_from_samples(x, s, [levels] * 80, block_agc=True)
    assert chain.agc == "block" and chain.digital.weight.shape == (2, 80, 80)
    found = measure_mse(chain, MODEL, 1 << 13, rng)
    assert found.value + 2 * found.error < bar
    assert found.value == pytest.approx(reference, rel=0.015)


def test_adc_inputs_have_unit_variance() -> None:
    chain = closed_form(MODEL.second_order(), [4] * 80)
    x, _ = MODEL.draw(20_000, np.random.default_rng(4))
    z, _ = chain.adc_inputs(x)
    np.testing.assert_allclose(np.var(z, axis=0), 1, atol=5 * np.sqrt(2 / 20_000))


def test_refuses_another_number_of_levels_than_outputs() -> None:
    with pytest.raises(ValueError, match="levels has 3 entries; expected one for each output, 80"):
        closed_form(MODEL.second_order(), [4] * 3)
