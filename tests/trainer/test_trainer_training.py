# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Training improves the hardened codec, resumes to the bit, and leaves a bundle."""

import dataclasses
import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")
safetensors = pytest.importorskip("safetensors")

from fewbit_trainer.config import ConfigError, config_from_dict  # noqa: E402
from fewbit_trainer.hardening import harden, measure  # noqa: E402
from fewbit_trainer.run import train  # noqa: E402
from fewbit_trainer.training import (  # noqa: E402
    alpha_at,
    cosine_span,
    learning_rate,
    new_state,
    run_training,
)


def _tiny(**changes):
    """A run of seconds; ``changes`` replace whole sections."""
    data = {
        "name": "tiny",
        "link": {"bits_per_symbol": 4, "profiles": ["epa", "iid"], "subcarriers": 27},
        "codec": {"contexts": 9},
        "warm_start": {"epochs": 2, "gain_centre_db": 6, "symbol_step": 0.14},
        "schedule": {"packets": 200, "epochs": 5, "batch_packets": 20, "hard_epochs": 2},
        "hardening": {"packets": 100, "measure_packets": 20, "measure_snr_db": [7]},
    }
    data.update(changes)
    return config_from_dict(data)


PAPER_LOSS = {
    "distortion": "weighted_square",
    "rate": "soft_entropy",
    "quantizer": "straight_through",
    "alpha": 0.01,
}


class _InterruptError(Exception):
    pass


def _stop_after(epochs):
    def report(progress):
        if progress.epoch == epochs:
            raise _InterruptError

    return report


@pytest.mark.parametrize("loss", [{}, PAPER_LOSS], ids=["default", "paper"])
@pytest.mark.parametrize("stop", [1, 3])
def test_a_resumed_run_equals_an_uninterrupted_one(tmp_path, loss, stop, monkeypatch):
    # Checkpoints are at least a second apart; here every epoch writes one.
    clock = iter(range(10**6))
    monkeypatch.setattr("fewbit_trainer.epochs.time.monotonic", lambda: 2.0 * next(clock))
    config = _tiny(loss=loss)
    whole = run_training(config, tmp_path / "whole.pt")
    with pytest.raises(_InterruptError):
        run_training(config, tmp_path / "broken.pt", report=_stop_after(stop))
    resumed = run_training(config, tmp_path / "broken.pt", resume=True)
    assert resumed.epoch == whole.epoch == config.schedule.epochs
    for name, value in whole.model.state_dict().items():
        assert torch.equal(value, resumed.model.state_dict()[name]), name
    assert torch.equal(whole.rate.counts, resumed.rate.counts)


def test_equal_seeds_give_equal_runs_and_others_do_not(tmp_path):
    config = _tiny()
    first = run_training(config, tmp_path / "a.pt").model.state_dict()
    second = run_training(config, tmp_path / "b.pt").model.state_dict()
    other = run_training(dataclasses.replace(config, seed=2), tmp_path / "c.pt")
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not torch.equal(first["encoder.0.weight"], other.model.encoder[0].weight)


def test_the_schedule_by_hand():
    config = _tiny(
        loss={"alpha": 0.1, "earlier_alpha": [0.4, 0.2], "alpha_epochs": [3, 10]},
        warm_start={"epochs": 2, "learning_rate": 0.5},
        schedule={"epochs": 30, "restarts": [10], "learning_rate": 1.0},
    )
    assert [alpha_at(config, e) for e in (0, 2, 3, 9, 10, 29)] == [0.4, 0.4, 0.2, 0.2, 0.1, 0.1]
    assert cosine_span(config, 2) == cosine_span(config, 9.9) == (2, 10)
    assert cosine_span(config, 10) == cosine_span(config, 29) == (10, 30)
    assert learning_rate(config, 1.0) == pytest.approx(0.5 * 0.51)
    for half_way in (6.0, 20.0):
        assert learning_rate(config, half_way) == pytest.approx(0.501)
    constant = _tiny(schedule={"epochs": 30, "learning_rate": 0.7, "decay": "constant"})
    assert learning_rate(constant, 25.0) == 0.7


def test_refuses_to_resume_what_is_not_its_own(tmp_path):
    config = _tiny()
    with pytest.raises(ConfigError, match="there is no checkpoint to resume"):
        run_training(config, tmp_path / "none.pt", resume=True)
    (tmp_path / "damaged.pt").write_bytes(b"\x80\x02nonsense")
    with pytest.raises(ConfigError, match="is no readable checkpoint"):
        run_training(config, tmp_path / "damaged.pt", resume=True)
    run_training(config, tmp_path / "own.pt")
    with pytest.raises(ConfigError, match="belongs to another configuration"):
        run_training(dataclasses.replace(config, seed=9), tmp_path / "own.pt", resume=True)


def test_a_time_budget_ends_a_run_that_can_be_resumed(tmp_path):
    hurried = _tiny(schedule={"packets": 200, "epochs": 500, "time_budget_s": 1e-3})
    state = run_training(hurried, tmp_path / "short.pt")
    assert state.epoch == 1
    assert run_training(hurried, tmp_path / "short.pt", resume=True).epoch == 2


def test_seconds_of_training_lower_the_hardened_loss(tmp_path):
    config = _tiny(
        schedule={"packets": 1500, "epochs": 10}, warm_start={"epochs": 7, "gain_centre_db": 6,
                                                              "symbol_step": 0.14}
    )  # fmt: skip
    untrained = measure(harden(new_state(config).model, config), config)[0]
    reports = []
    result = train(config, tmp_path / "model.safetensors", report=reports.append)
    trained = result.measured[0]
    assert trained["information_loss"] < 0.25 * untrained["information_loss"]
    assert trained["ideal_bits_per_llr"] < 5.0
    assert [r.epoch for r in reports] == list(range(1, 11))
    # The warm start has a loss of its own: distortion and rate are not known there.
    assert all(not r.parts and r.stage == "warm start" for r in reports[:7])
    assert all(r.parts["distortion"] > 0.0 and r.parts["rate"] > 0.0 for r in reports[7:])
    assert reports[-1].remaining_s == 0.0


def _softbits_from_bundle(path, llrs):
    """Indices and LLRs by numpy alone, from the file alone, as docs/architecture.md says."""
    from safetensors.numpy import load_file

    tensors = load_file(path)
    value = np.tanh(llrs.astype(np.float64) / 2.0)
    for layer in range(5):
        value = value @ tensors[f"encoder.{layer}.weight"].T + tensors[f"encoder.{layer}.bias"]
        value = np.tanh(value) if layer == 4 else np.maximum(value, 0.0)
    distance = np.abs(value[..., None] - tensors["codebook"].astype(np.float64))
    indices = distance.argmin(axis=-1)
    near_tie = np.partition(distance, 1, axis=-1)
    clear = (near_tie[..., 1] - near_tie[..., 0]) > 1e-5
    value = tensors["codebook"][indices].astype(np.float64)
    for layer in range(5):
        value = value @ tensors[f"decoder.{layer}.weight"].T + tensors[f"decoder.{layer}.bias"]
        value = value if layer == 4 else np.maximum(value, 0.0)
    return indices, clear, 2.0 * value


def test_the_bundle_alone_gives_the_same_indices_and_llrs(tmp_path):
    config = _tiny()
    result = train(config, tmp_path / "model.safetensors")
    llrs = np.random.default_rng(3).normal(0.0, 8.0, (30, 27, 4))
    indices, clear, decoded = _softbits_from_bundle(result.bundle, llrs)
    ours = result.deployed.encode(llrs)
    assert clear.mean() > 0.99
    np.testing.assert_array_equal(ours[clear], indices[clear])
    same = clear.all(axis=-1)
    clip = result.deployed.llr_clip
    np.testing.assert_allclose(
        result.deployed.decode(ours)[same], decoded[same].clip(-clip, clip), atol=1e-4
    )


def test_the_bundle_says_how_it_was_made(tmp_path):
    config = _tiny()
    result = train(config, tmp_path / "model.safetensors", seed=7)
    with safetensors.safe_open(result.bundle, "numpy") as file:
        metadata = file.metadata()
        shapes = {name: file.get_tensor(name).shape for name in file.keys()}
    assert metadata["fewbit.kind"] == "softbit_codec"
    written = json.loads(metadata["fewbit.config"])
    assert written["bits_per_symbol"] == 4
    assert written["seed"] == 7
    assert written["llr_sign"] == "positive_is_1"
    assert written["measured"] == result.measured
    assert config_from_dict(written["training"]).seed == 7
    assert shapes["cdf"] == (3, written["contexts"], 65)
    assert shapes["context_table"] == (3, 6, 64)
    assert shapes["context_thresholds"] == (3, written["contexts"] - 1)
