# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""BLMMSE: the reference constant, the one-bit formula, simulation."""

import numpy as np
import pytest
from fewbit_trainer.task_quantizer.designs.blmmse import blmmse, blmmse_mse, levels_at_rate
from fewbit_trainer.task_quantizer.designs.measure import measure_mse
from fewbit_trainer.task_quantizer.designs.models import ChannelEstimation

MODEL = ChannelEstimation()


@pytest.mark.parametrize("rate", [1.0, 1.107, 1.195, 1.333, 1.4])
def test_is_the_reference_constant_up_to_1_4_bits(rate: float) -> None:
    found = blmmse_mse(MODEL.second_order(), levels_at_rate(rate))
    assert found == pytest.approx(0.10174, abs=1e-5)


def test_one_bit_is_equation_15() -> None:
    """With the arcsine law and Bussgang's gain, written out."""
    moments = MODEL.second_order()
    deviation = np.sqrt(np.diag(moments.observation))
    correlation = moments.observation / np.outer(deviation, deviation)
    codes = 2 / np.pi * np.arcsin(np.clip(correlation, -1, 1))
    cross = np.sqrt(2 / np.pi) * moments.cross / deviation
    error = np.trace(moments.signal - cross @ np.linalg.solve(codes, cross.T)) / 80
    assert blmmse_mse(moments, 2) == pytest.approx(error, rel=1e-8)


@pytest.mark.parametrize("levels", [2, 4])
def test_simulates_to_its_exact_error(levels: int) -> None:
    """2^12 vectors, 4 standard errors."""
    chain = blmmse(MODEL.second_order(), levels)
    found = measure_mse(chain, MODEL, 1 << 12, np.random.default_rng(levels))
    assert abs(found.value - blmmse_mse(MODEL.second_order(), levels)) < 4 * found.error


def test_whole_rates_have_their_levels() -> None:
    assert [levels_at_rate(r) for r in (1, 1.58, 1.585, 2, 3)] == [2, 2, 3, 4, 8]


def test_refuses_rates_below_one_bit_an_input() -> None:
    with pytest.raises(ValueError, match="bits_per_input is 0.9"):
        levels_at_rate(0.9)
