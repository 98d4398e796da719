# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The C++ class runs every design's bundle as numpy does."""

import numpy as np
import pytest
from fewbit_trainer.task_quantizer.chain import decide
from fewbit_trainer.task_quantizer.designs import design
from fewbit_trainer.task_quantizer.designs.models import ChannelEstimation, SymbolDetection

fewbit = pytest.importorskip("gnuradio.fewbit", reason="the module is not installed")

ESTIMATION = [
    {"method": "closed_form", "levels": 8, "samples": 0},
    {"method": "closed_form", "rate": 0.5, "samples": 0},
    {
        "method": "closed_form",
        "levels": 8,
        "samples": 4000,
        "power_range": [1, 10],
        "measured_vectors": 500,
    },
    {"method": "hardware_limited", "levels": 4},
    {"method": "blmmse", "levels": 2},
    {"method": "phase_shifters", "levels": 8},
]
DETECTION = [
    {"method": "rotation_lookup", "levels": 8, "starts": 1},
    {"method": "quantized_map", "levels": 4},
]


@pytest.mark.parametrize("config", ESTIMATION, ids=lambda c: "-".join(map(str, c.values())))
def test_estimates_are_numpy_s(config: dict, tmp_path) -> None:
    """2,000 vectors: equal codes but where float32 puts an ADC input across its threshold."""
    made = design(config)
    deployed = fewbit.algorithms.task_quantizer(str(made.write(tmp_path / "x.safetensors")))
    x, _ = ChannelEstimation().draw(2000, np.random.default_rng(1))
    x = x.astype(np.float32)
    codes, gain = made.chain.codes(x)
    found, found_gain = deployed.codes((x[:, :120] + 1j * x[:, 120:]).astype(np.complex64))
    z, _ = made.chain.adc_inputs(x)
    for d, thresholds in enumerate(made.chain.thresholds):
        near = np.min(np.abs(z[:, d, None] - thresholds), axis=1) < 1e-5
        np.testing.assert_array_equal(found[~near, d], codes[~near, d])
    assert np.mean(found != codes) < 1e-4
    np.testing.assert_allclose(found_gain, gain, rtol=1e-5)
    same = np.all(found == codes, axis=1)
    assert np.mean(same) > 0.99
    np.testing.assert_allclose(
        deployed.estimate(x)[same], made.chain.outputs_of(codes, gain)[same], atol=2e-5
    )


@pytest.mark.parametrize("config", DETECTION, ids=lambda c: c["method"])
def test_decisions_are_numpy_s(config: dict, tmp_path) -> None:
    """20,000 vectors: equal classes but for float32 at a threshold and for equal classes."""
    made = design(config)
    deployed = fewbit.algorithms.task_quantizer(str(made.write(tmp_path / "x.safetensors")))
    x, _ = SymbolDetection(10.0).draw(20_000, np.random.default_rng(2))
    x = x.astype(np.float32)
    assert np.mean(deployed.classes(x) != decide(made.chain(x))) < 1e-3
    codes, _ = deployed.codes(x)
    assert np.mean(codes != made.chain.codes(x)[0]) < 1e-4
