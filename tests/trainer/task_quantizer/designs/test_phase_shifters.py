# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Combiners of phase shifters: phases on the grid, what they lose, orthogonal mixing."""

import numpy as np
import pytest
from fewbit_trainer.task_quantizer.chain import phase_shifter_weight
from fewbit_trainer.task_quantizer.designs.gaussian_codes import affine_mse
from fewbit_trainer.task_quantizer.designs.measure import measure_mse
from fewbit_trainer.task_quantizer.designs.models import ChannelEstimation
from fewbit_trainer.task_quantizer.designs.phase_shifters import (
    complex_hadamard,
    phase_shifters,
    round_phases,
)
from fewbit_trainer.task_quantizer.designs.theory import lloyd_max_target

MODEL = ChannelEstimation()


def loss(model: ChannelEstimation, levels: int, bits: int | None) -> float:
    chain = phase_shifters(model, [levels] * model.outputs, bits)
    assert chain.phases is not None
    np.testing.assert_allclose(chain.analog[0][0], phase_shifter_weight(chain.phases), atol=1e-6)
    if bits is not None:
        steps = chain.phases * 2**bits / (2 * np.pi)
        np.testing.assert_allclose(steps, np.round(steps), atol=1e-4)
    return affine_mse(model.second_order(), chain) / lloyd_max_target(model, levels) - 1


def test_any_phase_loses_nothing() -> None:
    assert abs(loss(MODEL, 8, None)) < 1e-5


@pytest.mark.parametrize(("bits", "most"), [(4, 0.0025), (3, 0.009), (2, 0.04)])
def test_few_bits_of_phase_lose_little(bits: int, most: float) -> None:
    assert 0 <= loss(MODEL, 8, bits) < most


def test_other_numbers_of_antennas_are_searched() -> None:
    """9 antennas have no Hadamard matrix of 4 phases: found 3.4 % by alternating projections."""
    assert loss(ChannelEstimation(antennas=9), 8, 3) < 0.05


def test_the_chain_simulates_to_its_exact_error() -> None:
    """2^12 vectors, 4 standard errors."""
    chain = phase_shifters(MODEL, [8] * 80, 3)
    found = measure_mse(chain, MODEL, 1 << 12, np.random.default_rng(1))
    assert abs(found.value - affine_mse(MODEL.second_order(), chain)) < 4 * found.error


@pytest.mark.parametrize(
    ("size", "bits"), [(1, 1), (2, 1), (4, 1), (8, 1), (6, 2), (10, 2), (20, 3)]
)
def test_hadamard_matrices_are_orthogonal(size: int, bits: int) -> None:
    found = complex_hadamard(size, bits)
    assert found is not None
    np.testing.assert_allclose(found @ found.conj().T, size * np.eye(size), atol=1e-9)
    np.testing.assert_allclose(found ** (2 if bits == 1 else 4), 1, atol=1e-9)


def test_says_where_there_is_no_hadamard_matrix() -> None:
    assert complex_hadamard(9, 2) is None
    assert complex_hadamard(10, 1) is None


def test_rounding_is_to_the_nearest_multiple() -> None:
    np.testing.assert_allclose(
        round_phases(np.array([0.3, 0.5, -0.4]), 3), [0, np.pi / 4, -np.pi / 4]
    )
    with pytest.raises(ValueError, match="phase bits is 0; use 1 to 16"):
        round_phases(np.zeros(1), 0)


def test_refuses_another_number_of_levels() -> None:
    with pytest.raises(ValueError, match="levels has 3 entries"):
        phase_shifters(MODEL, [8] * 3, 3)
