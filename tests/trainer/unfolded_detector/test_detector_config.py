# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every mistake in an unfolded detector's configuration is one sentence that names its place."""

from pathlib import Path

import fewbit_trainer
import pytest
from fewbit_trainer.config import (
    ConfigError,
    config_from_dict,
    config_to_dict,
    load_config,
    with_seed,
)
from fewbit_trainer.unfolded_detector.config import UnfoldedDetectorConfig

CONFIGS = sorted((Path(fewbit_trainer.__file__).parent / "configs").glob("kaq_*.yaml"))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda p: p.stem)
def test_shipped_configurations_load(path):
    config = load_config(path)
    assert isinstance(config, UnfoldedDetectorConfig)
    assert config.name == path.stem
    assert config_from_dict(config_to_dict(config)) == config
    assert with_seed(config, 9).seed == 9


def test_there_are_shipped_configurations():
    assert len(CONFIGS) >= 3


def test_the_papers_own_is_the_papers():
    config = load_config(next(path for path in CONFIGS if path.stem == "kaq_pgd_paper"))
    network, schedule, link = config.network, config.schedule, config.link
    assert (network.kind, network.layers, network.denoiser) == ("pgd", 5, "soft_threshold")
    assert (network.eta, network.width, network.scale) == (0.1, 0.05, "linear")
    assert (schedule.samples, schedule.epochs, schedule.channels) == (50000, 50, 128)
    assert (schedule.learning_rate, schedule.decay, schedule.halve_epochs) == (1e-3, "halving", 10)
    assert schedule.loss == "mean_square"
    assert (link.users, link.antennas, link.bits_per_symbol) == (16, 16, 4)
    assert link.snr_points_db == (0, 5, 10, 15, 20, 25)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"layers": 3}, "layers is no known setting, expected one of kind, name, seed, link"),
        ({"link": {"users": 0}}, "link.users is 0, expected 1 to 128"),
        ({"link": {"antennas": 129}}, "link.antennas is 129, expected 1 to 128"),
        ({"link": {"bits_per_symbol": 3}}, "link.bits_per_symbol is 3, expected one of 2, 4"),
        ({"link": {"snr_db": [9, 3]}}, "link.snr_db is (9.0, 3.0), expected [lowest, highest]"),
        ({"link": {"receive_correlation": 1.0}}, "link.receive_correlation is 1.0, expected from"),
        ({"network": {"kind": "cg"}}, "network.kind is 'cg', expected one of admm, pgd"),
        ({"network": {"layers": 1}}, "network.layers is 1, expected 2 to 32"),
        ({"network": {"knots_db": []}}, "network.knots_db is (), expected rising SNRs"),
        ({"network": {"knots_db": [3, 3]}}, "network.knots_db is (3.0, 3.0), expected rising"),
        ({"network": {"scale": "linear"}}, "network.scale is linear, expected logarithmic where"),
        ({"network": {"eta": 0}}, "network.eta is 0.0, expected more than 0"),
        ({"network": {"width": -1}}, "network.width is -1.0, expected 0 or more"),
        ({"quantization": {"matrix_bits": 3}}, "quantization.matrix_bits is 3, expected 4"),
        (
            {"quantization": {"arithmetic": "int8", "activation_bits": 0}},
            "quantization.activation_bits is 0, expected 4 to 8",
        ),
        (
            {"quantization": {"arithmetic": "int8", "input_bits": 8}},
            "quantization.input_bits is 8, expected 0 for int8, which has 16 bits there",
        ),
        (
            {"quantization": {"arithmetic": "int8", "filter_bits": 4}},
            "quantization.filter_bits is 4, expected 0 for int8, which has 16 bits there",
        ),
        ({"quantization": {"filter_bits": 3}}, "quantization.filter_bits is 3, expected 4 to 8"),
        (
            {"quantization": {"arithmetic": "int8"}, "network": {"denoiser": "posterior_mean"}},
            "network.denoiser is posterior_mean, expected another for int8",
        ),
        (
            {"quantization": {"arithmetic": "int8", "fraction_bits": 12},
             "link": {"bits_per_symbol": 8}},
            "quantization.fraction_bits is 12, expected less, so that 15 fits 16 bits",
        ),
        ({"quantization": {"fraction_bits": 13}}, "quantization.fraction_bits is 13, expected 6"),
        ({"quantization": {"percentile": 50}}, "quantization.percentile is 50.0, expected above"),
        (
            {"quantization": {"training": "straight_through"}},
            "quantization.training is straight_through, expected none where",
        ),
        (
            {"quantization": {"training": "straight_through", "arithmetic": "int8",
                              "float_epochs": 40}},
            "quantization.float_epochs is 40, expected less than schedule.epochs",
        ),
        (
            {"quantization": {"diagonal": "apart"}, "network": {"kind": "pgd"}},
            "quantization.diagonal is apart, expected inside for pgd",
        ),
        ({"schedule": {"samples": 10}}, "schedule.samples is 10, expected 0, or at least"),
        ({"schedule": {"samples": 99}}, "schedule.vectors is 32, expected 1 where"),
        ({"schedule": {"llr_channels": 0}}, "schedule.llr_channels is 0, expected more than 0"),
        ({"schedule": {"llr_iterations": -1}}, "schedule.llr_iterations is -1, expected 0 or"),
        ({"measure": {"snr_db": []}}, "measure.snr_db is an empty list"),
        ({"seed": -1}, "seed is -1, expected 0 to 2^31 - 1"),
    ],
)  # fmt: skip
def test_refuses_in_one_sentence(data, sentence):
    with pytest.raises(ConfigError) as caught:
        config_from_dict({"kind": "unfolded_detector", **data})
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)
