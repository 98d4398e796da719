# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""On a GPU: a recorded step does what the step itself does, and leaves no trace of rehearsals."""

import pytest

torch = pytest.importorskip("torch")
if not torch.cuda.is_available():
    pytest.skip("there is no GPU", allow_module_level=True)

from fewbit_trainer import training  # noqa: E402
from fewbit_trainer.config import config_from_dict  # noqa: E402

PAPER = {
    "name": "tiny",
    "link": {"bits_per_symbol": 4, "profiles": ["iid"], "subcarriers": 27},
    "loss": {
        "distortion": "weighted_square",
        "rate": "soft_entropy",
        "quantizer": "straight_through",
        "alpha": 0.01,
    },
    # The last batch of an epoch is a short one.
    "schedule": {"packets": 210, "epochs": 4, "batch_packets": 20, "hard_epochs": 0},
}


def _weights(state):
    return {name: value.cpu() for name, value in state.model.state_dict().items()}


def test_a_replayed_run_equals_one_of_single_steps(tmp_path, monkeypatch):
    config = config_from_dict(PAPER)
    assert training.is_captured(config, "cuda")
    replayed = _weights(training.run_training(config, tmp_path / "replayed.pt", device="cuda"))
    monkeypatch.setattr(training, "is_captured", lambda config, device: False)
    stepped = _weights(training.run_training(config, tmp_path / "stepped.pt", device="cuda"))
    start = _weights(training.new_state(config))
    for name in stepped:
        assert torch.allclose(replayed[name], stepped[name], atol=2e-4), name
    moved = (stepped["encoder.0.weight"] - start["encoder.0.weight"]).abs().max()
    assert moved > 5e-3  # 44 steps of Adam at 1e-3


def test_a_replayed_run_can_be_resumed(tmp_path):
    config = config_from_dict(PAPER)
    whole = _weights(training.run_training(config, tmp_path / "whole.pt", device="cuda"))

    class Stop(Exception):  # noqa: N818
        pass

    def stop(progress):
        if progress.epoch == 2:
            raise Stop

    clock = iter(range(10**6))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fewbit_trainer.epochs.time.monotonic", lambda: 2.0 * next(clock))
        with pytest.raises(Stop):
            training.run_training(config, tmp_path / "broken.pt", report=stop, device="cuda")
    resumed = training.run_training(config, tmp_path / "broken.pt", resume=True, device="cuda")
    for name, value in _weights(resumed).items():
        assert torch.allclose(value, whole[name], atol=2e-4), name


def test_a_recipe_that_draws_noise_is_not_replayed():
    config = config_from_dict({**PAPER, "loss": {}})
    assert not training.is_captured(config, "cuda")
    assert not training.is_captured(config_from_dict(PAPER), "cpu")
