# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accuracy over training epochs: what is trained, when its quantizers come in, what counts."""

import dataclasses

import pytest
import torch
from fewbit_trainer.config import config_from_dict
from fewbit_trainer.unfolded_detector import learning_curve
from fewbit_trainer.unfolded_detector.learning_curve import figure_curve
from fewbit_trainer.unfolded_detector.training import run_training


def small(**quantization):
    return config_from_dict(
        {
            "kind": "unfolded_detector",
            "name": "small",
            "link": {"users": 4, "antennas": 4, "snr_db": [10, 20]},
            "network": {"layers": 3, "knots_db": [15]},
            "quantization": {"arithmetic": "int8", **quantization},
            "schedule": {"epochs": 4, "steps": 3, "channels": 16, "vectors": 4},
            "measure": {"snr_db": [10, 20]},
        }
    )


@pytest.fixture(autouse=True)
def few_channels(monkeypatch):
    monkeypatch.setattr(learning_curve, "CHANNELS", 64)


def test_a_curve_begins_before_training_and_knows_when_quantizers_come_in():
    config = small(training="straight_through", float_epochs=2, matrix_bits=4)
    points = learning_curve.learning_curve(config)
    assert [point.epoch for point in points] == [0, 1, 2, 3, 4]
    assert [point.quantized for point in points] == [False, False, False, True, True]
    assert all(0.5 < point.accuracy < 1.0 for point in points)


def test_it_measures_every_so_many_epochs_and_the_last():
    points = learning_curve.learning_curve(small(), every=3)
    assert [point.epoch for point in points] == [0, 3, 4]
    assert points == [learning_curve.learning_curve(small())[i] for i in (0, 3, 4)]


def test_it_ends_with_the_network_that_training_gives(tmp_path):
    config = small(training="straight_through", float_epochs=2)
    last = learning_curve.learning_curve(config)[-1]
    model = run_training(config, tmp_path / "checkpoint.pt").model
    received = learning_curve._measured(config)
    assert last.accuracy == learning_curve._accuracy(model, received, True)


def test_right_bits_are_counted_by_nearest_levels_and_the_gray_map():
    """16-QAM's axis: -3, -1, 1, 3 are bits (1,1), (1,0), (0,0), (0,1), first bit the sign."""
    config = small()
    (part, _) = learning_curve._measured(config)
    model = learning_curve.new_state(config).model
    o = model(part.channel, part.y, part.snr_db, False).o.detach()
    found, sent = (torch.round((v.clamp(-3, 3) + 3) / 2).long() for v in (o, 2.0 * part.levels - 3))
    bits = torch.tensor([[1, 1], [1, 0], [0, 0], [0, 1]])
    right = float((bits[found] == bits[sent]).double().mean())
    assert learning_curve._accuracy(model, [part], False) == pytest.approx(right, abs=1e-9)


def test_a_shortened_schedule_keeps_its_share_of_epochs_in_float(monkeypatch):
    asked = []
    monkeypatch.setattr(learning_curve, "learning_curve", lambda config, _: asked.append(config))
    figure_curve("kaq_admm5_w4a8_kaq", seed=7, epochs=8)
    (config,) = asked
    assert (config.seed, config.schedule.epochs, config.quantization.float_epochs) == (7, 8, 4)
    whole = dataclasses.replace(config, seed=1)
    assert whole.quantization.mmd_weight > 0 and whole.quantization.matrix_bits == 4
