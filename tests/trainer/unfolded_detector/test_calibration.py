# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""First steps of quantizers: what range they have, and how it follows the SNR."""

import dataclasses

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fewbit_trainer.unfolded_detector.calibration import _range_line, calibrate  # noqa: E402
from fewbit_trainer.unfolded_detector.channels import draw  # noqa: E402
from fewbit_trainer.unfolded_detector.config import (  # noqa: E402
    LinkConfig,
    NetworkConfig,
    QuantizationConfig,
    UnfoldedDetectorConfig,
)
from fewbit_trainer.unfolded_detector.kernel_distance import kde_bandwidth  # noqa: E402
from fewbit_trainer.unfolded_detector.network import UnfoldedDetector  # noqa: E402

LINK = LinkConfig(users=3, antennas=4)


def calibrated(snr_db, **quantization):
    settings = QuantizationConfig(
        arithmetic="quantized", activation_bits=6, steps="largest", **quantization
    )
    network = NetworkConfig(layers=4, knots_db=(0.0, 20.0))
    model = UnfoldedDetector(
        UnfoldedDetectorConfig(link=LINK, network=network, quantization=settings)
    )
    received = draw(LINK, snr_db, 4, torch.Generator().manual_seed(1))
    calibrate(model, received)
    with torch.no_grad():
        output = model(received.channel, received.y, received.snr_db, quantized=False)
    return model, [v for v, _ in output.activations]


def test_the_largest_code_stands_for_the_largest_magnitude():
    model, before = calibrated(torch.linspace(0, 20, 40))
    expected = [float(v.abs().max()) / 31 for v in before]
    assert model.gamma.tolist() == pytest.approx(expected, rel=1e-5)
    assert not model.alpha.any()
    assert float(model.step_scale) == pytest.approx(np.mean(expected), rel=1e-5)


def test_each_layers_bandwidth_is_that_of_its_vectors():
    model, before = calibrated(torch.linspace(0, 20, 40))
    expected = [float(kde_bandwidth(v.flatten(0, -2)[:256])) for v in before]
    assert model.kde_bandwidth.tolist() == pytest.approx(expected, rel=1e-5)


def test_steps_by_snr_cover_what_each_snr_has():
    """A straight line through eight classes' largest magnitudes lies within a third of them."""
    snr = torch.linspace(0, 20, 400)
    model, before = calibrated(snr, training="straight_through", dynamic_step=True)
    steps = model.steps(model.scalars.at(snr)).detach()
    assert model.alpha.all()
    for k, v in enumerate(before):
        for some in torch.arange(400).chunk(8):
            largest = float(v[some].abs().max())
            assert 31 * float(steps[some, k].mean()) == pytest.approx(largest, rel=0.34)


def test_a_line_is_found_where_ranges_lie_on_one():
    root_snr = torch.linspace(0.1, 1.0, 80)
    v = (2.0 * root_snr + 0.5)[:, None, None] * torch.ones(1, 2, 3)
    alpha, gamma = _range_line(v, root_snr, "percentile", 100.0)
    # A class's largest is that of its last member, .05 beyond the mean of its places.
    assert (alpha, gamma) == pytest.approx((2.0, 0.6), abs=0.02)


def test_a_line_that_would_pass_zero_gives_way_to_one_step():
    root_snr = torch.linspace(0.1, 1.0, 80)
    v = (root_snr**3)[:, None, None] * torch.ones(1, 2, 3)
    alpha, gamma = _range_line(v, root_snr, "largest", 100.0)
    expected = [float(part.max()) ** 3 for part in root_snr.chunk(8)]
    assert alpha == 0.0 and gamma == pytest.approx(np.mean(expected), rel=1e-5)


def test_without_activation_bits_nothing_changes():
    settings = QuantizationConfig(arithmetic="quantized", activation_bits=0)
    model = UnfoldedDetector(UnfoldedDetectorConfig(link=LINK, quantization=settings))
    before = dataclasses.replace(model.config), model.gamma.clone()
    calibrate(model, draw(LINK, torch.zeros(4), 2, torch.Generator().manual_seed(1)))
    assert torch.equal(model.gamma, before[1]) and model.config == before[0]
