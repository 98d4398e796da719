# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Phases found from moments lose what rounding must lose, and little more."""

import numpy as np
import pytest

pytest.importorskip("safetensors")

from fewbit_trainer.task_quantizer.chain import phase_shifter_weight
from fewbit_trainer.task_quantizer.designs.gaussian_codes import quantized_wiener
from fewbit_trainer.task_quantizer.designs.models import ChannelEstimation
from fewbit_trainer.task_quantizer.designs.second_order import SecondOrder
from fewbit_trainer.task_quantizer.designs.theory import lloyd_max_target
from fewbit_trainer.task_quantizer.lloyd_max import lloyd_max
from fewbit_trainer.task_quantizer.phase_search import search_phases

MODEL = ChannelEstimation(antennas=4, users=2, pilots=6)
LEVELS = [8] * MODEL.outputs


def loss(phases):
    """Exact error behind the phases, relative to the combiner without a constraint."""
    quantizers = [lloyd_max(m) for m in LEVELS]
    weight = phase_shifter_weight(phases)
    error = quantized_wiener(MODEL.second_order(), weight, quantizers).mse
    return error / lloyd_max_target(MODEL, 8) - 1.0


@pytest.mark.parametrize(("bits", "most"), [(0, 0.005), (3, 0.03), (2, 0.12)])
def test_finds_phases_that_lose_little(bits, most):
    phases = search_phases(MODEL.second_order(), LEVELS, bits, seed=1)
    assert phases.shape == (8, 24)
    assert 0.0 <= loss(phases) + 1e-6
    assert loss(phases) < most
    if bits:
        turns = phases / (2 * np.pi) * 2**bits
        np.testing.assert_allclose(turns, np.round(turns), atol=1e-9)


def test_samples_do_as_well_as_exact_moments():
    x, s = MODEL.draw(4000, np.random.default_rng(2))
    phases = search_phases(SecondOrder.of_samples(s, x), LEVELS, 3, seed=1)
    assert loss(phases) < 0.03


def test_random_phases_lose_much():
    rng = np.random.default_rng(3)
    assert loss(rng.uniform(0, 2 * np.pi, (8, 24))) > 0.3


def test_equal_seeds_find_equal_phases():
    moments = MODEL.second_order()
    one, two, other = (search_phases(moments, LEVELS, 3, seed, sweeps=5) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, two)
    assert not np.array_equal(one, other)


def test_more_adcs_than_directions_still_give_phases():
    phases = search_phases(MODEL.second_order(), [4] * (MODEL.outputs + 4), 2, seed=1, sweeps=5)
    assert phases.shape == (10, 24)
    assert np.isfinite(phases).all()
