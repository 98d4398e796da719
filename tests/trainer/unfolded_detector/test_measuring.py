# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""A detector's figures are what numpy makes of its decisions and LLRs on the same vectors."""

import dataclasses

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fewbit_trainer.unfolded_detector import training  # noqa: E402
from fewbit_trainer.unfolded_detector.channels import draw  # noqa: E402
from fewbit_trainer.unfolded_detector.config import (  # noqa: E402
    DetectorMeasureConfig,
    LinkConfig,
    NetworkConfig,
    UnfoldedDetectorConfig,
)
from fewbit_trainer.unfolded_detector.detection import bits_of, detect  # noqa: E402
from fewbit_trainer.unfolded_detector.measuring import measure_at  # noqa: E402
from fewbit_trainer.unfolded_detector.network import UnfoldedDetector  # noqa: E402
from fewbit_trainer.unfolded_detector.symbols import user_bits  # noqa: E402

CONFIG = UnfoldedDetectorConfig(
    link=LinkConfig(users=3, antennas=4),
    network=NetworkConfig(layers=3, knots_db=(0.0, 20.0)),
    measure=DetectorMeasureConfig(snr_db=(9.0,), channels=100, vectors=5),
)


def test_figures_are_means_over_channels_with_their_standard_errors():
    model = UnfoldedDetector(CONFIG)
    figure = measure_at(model, 9.0)
    stream = training.run_generator(CONFIG.seed, training.MEASURE, 9000)
    snr = torch.full((100,), 9.0)
    received = draw(CONFIG.link, snr, 5, stream)
    found = detect(model, received.channel, received.y, snr)
    sent = bits_of(received.levels, 4).numpy()
    wrong = (bits_of(found.indices, 4).numpy() != sent).mean((1, 2))
    llrs = user_bits(found.llrs).double().numpy()
    told = 12 - np.log2(1 + np.exp(-np.where(sent, llrs, -llrs))).sum(-1).mean(-1)
    for name, values in (("ber", wrong), ("information", told)):
        assert figure[name] == pytest.approx(values.mean(), rel=1e-4)
        error = values.std(ddof=1) / np.sqrt(100)
        assert figure[f"{name}_error"] == pytest.approx(error, rel=1e-4)
    assert figure["bits"] == 100 * 5 * 12


def test_llrs_are_clipped_as_the_classes_are():
    """40 dB: unclipped, many would be beyond 64."""
    config = dataclasses.replace(
        CONFIG, schedule=dataclasses.replace(CONFIG.schedule, loss="mean_square")
    )
    model = UnfoldedDetector(config)
    with torch.no_grad():
        model.scalars.tables["output_constant"].fill_(-12.0)
    snr = torch.full((20,), 40.0)
    received = draw(config.link, snr, 5, torch.Generator().manual_seed(1))
    llrs = detect(model, received.channel, received.y, snr).llrs
    assert float(llrs.abs().max()) == 64.0


def test_one_channel_has_no_standard_error():
    once = dataclasses.replace(CONFIG, measure=DetectorMeasureConfig((9.0,), 1, 5))
    figure = measure_at(UnfoldedDetector(once), 9.0)
    assert figure["ber_error"] == figure["information_error"] == 0.0
