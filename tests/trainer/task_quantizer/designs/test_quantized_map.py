# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Quantized MAP and MAP against the reference table and simulation."""

import numpy as np
import pytest
from fewbit_trainer.task_quantizer.designs.measure import (
    chain_detector,
    map_decisions,
    map_error_rate,
    map_error_rate_uncertain,
    measure_ber,
)
from fewbit_trainer.task_quantizer.designs.models import SymbolDetection
from fewbit_trainer.task_quantizer.designs.quantized_map import (
    quantized_map,
    quantized_map_error_rate,
)


@pytest.mark.parametrize(
    ("snr", "one_bit", "two_bits"),
    [(8.0, 0.055, 0.033), (12.0, 0.027, 0.0053), (14.0, 0.018, 0.0018)],
)
def test_exact_rates_are_the_reference_s(snr: float, one_bit: float, two_bits: float) -> None:
    """The reference was simulated; it is held to 6 %."""
    model = SymbolDetection(snr)
    assert quantized_map_error_rate(model, 2) == pytest.approx(one_bit, rel=0.06)
    assert quantized_map_error_rate(model, 4) == pytest.approx(two_bits, rel=0.06)


@pytest.mark.parametrize("levels", [2, 4])
def test_simulates_to_its_exact_rate(levels: int) -> None:
    """60,000 vectors, 4 standard errors."""
    model = SymbolDetection(10.0)
    detector = chain_detector(quantized_map(model, levels))
    found = measure_ber(detector, model, 60_000, np.random.default_rng(levels))
    assert abs(found.value - quantized_map_error_rate(model, levels)) < 4 * found.error


@pytest.mark.parametrize(("snr", "reference"), [(8.0, 0.0089), (10.0, 0.0012), (10.16, 1e-3)])
def test_map_has_the_reference_rate(snr: float, reference: float) -> None:
    """400,000 vectors: standard error 3 % at 10 dB; the reference is rounded to 4 %."""
    found = map_error_rate(SymbolDetection(snr), 400_000, np.random.default_rng(1))
    assert abs(found.value - reference) < 4 * found.error + 5e-5


def test_map_is_the_nearest_point() -> None:
    model = SymbolDetection(6.0)
    x, _ = model.draw(300, np.random.default_rng(2))
    distance = ((x[:, None] - model.means[None]) ** 2).sum(axis=2)
    np.testing.assert_array_equal(map_decisions(x, model), np.argmin(distance, axis=1))


def test_map_does_not_forgive_an_uncertain_channel() -> None:
    """At 10 dB: reference .044; 2,000 frames, whose standard error is .0014."""
    found = map_error_rate_uncertain(SymbolDetection(10.0), 2000, 200, np.random.default_rng(3))
    assert abs(found.value - 0.044) < 4 * found.error


def test_refuses_a_support_that_is_none() -> None:
    with pytest.raises(ValueError, match="support is 0"):
        quantized_map(SymbolDetection(10.0), 2, 0.0)
