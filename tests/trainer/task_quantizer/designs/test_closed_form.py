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
def test_training_samples_lose_half_a_percent_at_most(levels: int) -> None:
    """From 2^15 samples, measured exactly."""
    x, s = MODEL.draw(1 << 15, np.random.default_rng(2))
    exact = affine_mse(MODEL.second_order(), closed_form_from_samples(x, s, [levels] * 80))
    assert 1 <= exact / lloyd_max_target(MODEL, levels) < 1.0055


def test_training_samples_do_as_well_as_the_authors_own_results() -> None:
    """Theirs, to four decimals, are .0679 at 4 levels and .0387 at 6; the targets .06775, .0386."""
    x, s = MODEL.draw(1 << 15, np.random.default_rng(2))
    for levels, authors in ((4, 0.0679), (6, 0.0387)):
        chain = closed_form_from_samples(x, s, [levels] * 80)
        assert affine_mse(MODEL.second_order(), chain) <= authors


def test_outputs_that_tell_of_one_another_keep_least_squares() -> None:
    """Four correlated numbers behind one bit each: the others' bits help."""
    rng = np.random.default_rng(5)
    root = np.linalg.cholesky(0.3 * np.eye(4) + 0.7)
    s = rng.standard_normal((20_000, 4)) @ root.T
    x = s + 0.5 * rng.standard_normal(s.shape)
    chain = closed_form_from_samples(x, s, [2] * 4)
    off_diagonal = chain.digital.weight[0] - np.diag(np.diag(chain.digital.weight[0]))
    assert np.abs(off_diagonal).max() > 0.02
    columns = np.column_stack([chain.values(chain.codes(x)[0]), np.ones(len(x))])
    residual = np.linalg.lstsq(columns, s, rcond=None)[1].sum()
    assert np.sum((chain(x) - s) ** 2) == pytest.approx(residual, rel=1e-6)


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
