# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Training reaches its targets, resumes to the bit, guards itself and leaves a bundle."""

import dataclasses
import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")
safetensors = pytest.importorskip("safetensors")

from fewbit_trainer.__main__ import main  # noqa: E402
from fewbit_trainer.config import ConfigError, config_from_dict  # noqa: E402
from fewbit_trainer.run import train  # noqa: E402
from fewbit_trainer.task_quantizer.chain import load_chain  # noqa: E402
from fewbit_trainer.task_quantizer.designs.models import (  # noqa: E402
    ChannelEstimation,
    SymbolDetection,
    exponential_channel,
)
from fewbit_trainer.task_quantizer.designs.rotation_lookup import rotation_lookup  # noqa: E402
from fewbit_trainer.task_quantizer.designs.theory import lloyd_max_target  # noqa: E402
from fewbit_trainer.task_quantizer.hardening import GainEscapeError  # noqa: E402
from fewbit_trainer.task_quantizer.training import (  # noqa: E402
    learning_rate_factor,
    load_data,
    new_state,
    run_training,
    sharpness_at,
)


def merged(base, changes):
    data = dict(base)
    for name, values in changes.items():
        data[name] = {**data.get(name, {}), **values} if isinstance(values, dict) else values
    return config_from_dict(data)


ESTIMATION = {
    "kind": "task_quantizer",
    "name": "tiny",
    "task": {"samples": 4000, "antennas": 2, "users": 2, "pilots": 4},
    "adc": {"adcs": 8, "levels": [4], "sharpness": [10, 30], "dither": 0.2},
    "schedule": {"epochs": 12, "batch": 128, "learning_rate": 0.03},
    "measure": {"vectors": 16384},
}
DETECTION = {
    "kind": "task_quantizer",
    "name": "tiny",
    "task": {"problem": "symbol_detection", "samples": 3000, "antennas": 6, "users": 2,
             "snr_db": 6.0},
    "adc": {"adcs": 2, "levels": [6]},
    "digital": {"kind": "network", "hidden": [16]},
    "schedule": {"epochs": 10, "batch": 64, "learning_rate": 0.01, "augment": "residuals"},
    "refit": {"method": "cells"},
    "measure": {"vectors": 65536},
}  # fmt: skip


def estimation(**changes):
    return merged(ESTIMATION, changes)


def detection(**changes):
    return merged(DETECTION, changes)


# -- targets -----------------------------------------------------------------------------------


@pytest.mark.parametrize("start", ["random", "closed_form"])
@pytest.mark.parametrize("levels", [2, 8])
def test_estimation_comes_near_the_lloyd_max_target(tmp_path, start, levels):
    schedule = {"epochs": 40} if start == "random" else {"epochs": 5, "learning_rate": 1e-4}
    config = estimation(analog={"start": start}, adc={"levels": [levels]}, schedule=schedule)
    figure = train(config, tmp_path / "m.safetensors").measured[0]
    target = lloyd_max_target(ChannelEstimation(2, 2, 4, 4.0), levels)
    # 4000 samples of 16 inputs: estimation costs .4 % and training some more.
    assert figure["mse"] < 1.04 * target + 2 * figure["mse_error"]
    assert figure["mse"] > 0.99 * target - 2 * figure["mse_error"]


def test_detection_comes_near_the_best_rotation(tmp_path):
    figure = train(detection(schedule={"epochs": 20, "batch": 32}), tmp_path / "m.safetensors")
    ber, error = (figure.measured[0][name] for name in ("ber", "ber_error"))
    best = rotation_lookup(SymbolDetection(6.0, exponential_channel(6, 2)), [6, 6], starts=8)
    assert ber > best.exact_error_rate() - 3 * error
    assert ber < 1.2 * best.exact_error_rate()


@pytest.mark.parametrize("method", ["cells", "counts", "logistic", "network", "none"])
def test_every_refit_gives_a_detector(tmp_path, method):
    config = detection(refit={"method": method})
    figure = train(config, tmp_path / "m.safetensors").measured[0]
    assert figure["ber"] < 0.05  # MAP: .030


def test_three_bit_phases_found_by_search_keep_near_the_target(tmp_path):
    config = estimation(
        analog={"kind": "phase_shifters", "phase_bits": 3, "start": "subspace"},
        adc={"levels": [8]},
        schedule={"learning_rate": 1e-3, "phase_learning_rate": 1e-3, "epochs": 4},
    )
    result = train(config, tmp_path / "m.safetensors")
    turns = result.deployed.phases / (2 * np.pi) * 8
    np.testing.assert_allclose(turns, np.round(turns), atol=1e-4)
    target = lloyd_max_target(ChannelEstimation(2, 2, 4, 4.0), 8)
    assert result.measured[0]["mse"] < 1.15 * target


def test_passing_gradient_and_uniform_thresholds_train(tmp_path):
    uniform = {"thresholds": "uniform", "load": 0.9}
    noise = {"quantizer": "noise", "agc": "none"}
    for adc in (uniform, noise):
        config = detection(adc=adc, guard={"ratio": 0.0})
        chain = train(config, tmp_path / "m.safetensors").deployed
        for thresholds in chain.thresholds:
            np.testing.assert_allclose(thresholds, -2.0 + 4.0 * np.arange(1, 6) / 6, atol=1e-6)


# -- the guard ---------------------------------------------------------------------------------


def escaping(**more):
    """No AGC, fixed soft tanh, a combiner that may shrink: the gain escapes."""
    return estimation(
        adc={"agc": "none", "sharpness": [1, 1], "levels": [4], "dither": 0.0},
        schedule={"epochs": 40, "learning_rate": 0.01},
        refit={"method": "none"},
        **more,
    )


def test_the_guard_fails_a_run_whose_gain_escaped(tmp_path):
    path = tmp_path / "m.safetensors"
    with pytest.raises(GainEscapeError) as caught:
        train(escaping(), path)
    message = str(caught.value)
    assert "tiny: the hardened chain has a MSE of" in message
    assert "set adc.agc to fixed, or guard.ratio to 0 to accept it" in message
    assert "\n" not in message
    assert not path.exists()


def test_what_the_guard_would_have_stopped_is_worthless(tmp_path):
    config = escaping(guard={"ratio": 0.0})
    result = train(config, tmp_path / "m.safetensors")
    target = lloyd_max_target(ChannelEstimation(2, 2, 4, 4.0), 4)
    state, data = run_training(config, tmp_path / "again.pt")
    with torch.no_grad():
        soft = float((state.model(data.x, 1.0) - data.target).square().mean())
    assert soft < 0.5 * target  # below what any such quantizer can do
    assert result.measured[0]["mse"] > 1.5 * target


def test_the_command_says_in_one_line_that_the_gain_escaped(tmp_path, capsys):
    import yaml
    from fewbit_trainer.config import config_to_dict

    path = tmp_path / "run.yaml"
    path.write_text(yaml.safe_dump(config_to_dict(escaping())))
    assert main([str(path), "--output", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "training found a way past the ADCs" in said.splitlines()[-1]
    assert "Traceback" not in said


# -- resuming ----------------------------------------------------------------------------------


class _InterruptError(Exception):
    pass


def _stop_after(epochs):
    def report(progress):
        if progress.epoch == epochs:
            raise _InterruptError

    return report


PHASES = {"analog": {"kind": "phase_shifters", "phase_bits": 2}}
MIXED = {"adc": {"levels": [2, 2, 3, 3, 4, 4, 5, 5], "identical": False, "agc": "block"},
         "digital": {"powers": 2}}  # fmt: skip


@pytest.mark.parametrize(
    "config",
    [estimation(schedule={"epochs": 4}), estimation(schedule={"epochs": 4}, **PHASES),
     estimation(schedule={"epochs": 4}, **MIXED),
     estimation(schedule={"epochs": 4}, analog={"start": "closed_form"}),
     detection(schedule={"epochs": 4}), detection(schedule={"epochs": 4},
                                                  refit={"method": "network"})],
    ids=["estimation", "phases", "mixed", "closed form", "detection", "network refit"],
)  # fmt: skip
def test_a_resumed_run_equals_an_uninterrupted_one(tmp_path, config, monkeypatch):
    # Checkpoints are at least a second apart; here every epoch writes one.
    clock = iter(range(10**6))
    monkeypatch.setattr("fewbit_trainer.epochs.time.monotonic", lambda: 2.0 * next(clock))
    whole = train(config, tmp_path / "whole.safetensors")
    with pytest.raises(_InterruptError):
        train(config, tmp_path / "broken.safetensors", report=_stop_after(2))
    resumed = train(config, tmp_path / "broken.safetensors", resume=True)
    assert whole.bundle.read_bytes() == resumed.bundle.read_bytes()


def test_equal_seeds_give_equal_runs_and_others_do_not(tmp_path):
    config = detection(schedule={"epochs": 2})
    first = train(config, tmp_path / "a.safetensors").bundle.read_bytes()
    assert train(config, tmp_path / "b.safetensors").bundle.read_bytes() == first
    assert train(config, tmp_path / "c.safetensors", seed=2).bundle.read_bytes() != first


def test_refuses_to_resume_another_configuration(tmp_path):
    run_training(estimation(schedule={"epochs": 1}), tmp_path / "own.pt")
    other = estimation(schedule={"epochs": 1}, adc={"levels": [3]})
    with pytest.raises(ConfigError, match="belongs to another configuration or seed"):
        run_training(other, tmp_path / "own.pt", resume=True)


def test_reports_say_how_sharp_the_adcs_are(tmp_path):
    reports = []
    run_training(estimation(schedule={"epochs": 2}), tmp_path / "m.pt", report=reports.append)
    assert [r.epoch for r in reports] == [1, 2]
    assert reports[1].parts["sharpness"] == pytest.approx(30.0)
    assert reports[1].remaining_s == 0.0


def test_the_schedule_by_hand():
    config = estimation(adc={"sharpness": [3, 30]})
    assert [sharpness_at(config, f) for f in (0.0, 0.5, 1.0)] == pytest.approx([3, 90**0.5, 30])
    assert learning_rate_factor(config, 0.5, 10_000) == pytest.approx(0.501)
    assert learning_rate_factor(config, 0.0, 10_000) == pytest.approx(0.021)
    constant = estimation(schedule={"decay": "constant"})
    assert learning_rate_factor(constant, 0.9, 10_000) == 1.0


# -- data and bundle ---------------------------------------------------------------------------


def test_exchanged_residuals_keep_what_depends_on_the_class():
    data = load_data(detection())
    generator = torch.Generator().manual_seed(1)
    x = data.epoch(generator)
    assert not torch.equal(x, data.x)
    for label in range(4):
        mine = data.target == label
        # Means of 750 samples differ by their noise: .5 / sqrt(750) = .018.
        assert (x[mine].mean(dim=0) - data.x[mine].mean(dim=0)).abs().max() < 0.1
    torch.testing.assert_close(x.sum(dim=0), data.x.sum(dim=0), rtol=1e-3, atol=1e-2)
    plain = load_data(detection(schedule={"augment": "none"}))
    assert plain.epoch(generator) is plain.x


@pytest.mark.parametrize("config", [estimation(schedule={"epochs": 1}, **MIXED),
                                    estimation(schedule={"epochs": 1}, **PHASES),
                                    detection(schedule={"epochs": 1})])  # fmt: skip
def test_the_bundle_holds_the_chain_and_says_how_it_was_made(tmp_path, config):
    result = train(config, tmp_path / "m.safetensors", seed=7)
    x = np.random.default_rng(3).normal(size=(50, result.deployed.inputs))
    np.testing.assert_array_equal(load_chain(result.bundle)(x), result.deployed(x))
    with safetensors.safe_open(result.bundle, "numpy") as file:
        metadata = file.metadata()
    written = json.loads(metadata["fewbit.config"])
    assert metadata["fewbit.kind"] == "task_quantizer"
    assert written["seed"] == 7
    assert written["measured"] == result.measured
    assert config_from_dict(written["training"]) == dataclasses.replace(config, seed=7)


def test_the_cpp_reader_reads_what_training_wrote(tmp_path):
    algorithms = pytest.importorskip("gnuradio.fewbit").algorithms
    config = detection(schedule={"epochs": 1})
    result = train(config, tmp_path / "m.safetensors")
    model = algorithms.bundle.load(result.bundle, "task_quantizer")
    assert model.config["levels"] == [6, 6]


def test_a_recording_is_trained_on_and_measured(tmp_path):
    rng = np.random.default_rng(1)
    bits = rng.integers(0, 2, (2000, 1))
    x = (1 - 2 * bits) * np.array([1.0, 0.5]) + 0.3 * rng.standard_normal((2000, 2))
    np.savez(tmp_path / "r.npz", x=x, bits=bits)
    task = {"problem": "recording", "file": str(tmp_path / "r.npz"), "antennas": 6, "users": 2}
    config = detection(task=task, adc={"adcs": 1, "levels": [4]})
    figure = train(config, tmp_path / "m.safetensors").measured[0]
    assert figure["vectors"] == 400
    assert figure["ber"] < 0.02


def test_refuses_what_does_not_fit_a_recording(tmp_path):
    rng = np.random.default_rng(1)
    x, s = rng.normal(size=(100, 4)), rng.normal(size=(100, 2))
    np.savez(tmp_path / "s.npz", x=x, s=s)
    np.savez(tmp_path / "bits.npz", x=x, bits=(s > 0).astype(int))
    recording = {"problem": "recording", "file": str(tmp_path / "s.npz")}
    for base, changes, sentence in (
        (detection, {"task": recording}, "refit.method is cells, expected that for a recording of"),
        (estimation, {"task": {**recording, "file": str(tmp_path / "bits.npz")}},
         "digital.kind is affine, expected network for a recording of bits"),
        (estimation, {"task": recording, **PHASES}, "expected layers where x is real"),
        (estimation, {"task": recording, "analog": {"start": "closed_form"}},
         "adc.adcs is 8, expected one for each output, 2"),
    ):  # fmt: skip
        with pytest.raises(ConfigError, match=sentence):
            config = base(**changes)
            new_state(config, load_data(config))
    few = estimation(task={"samples": 10}, analog={"start": "closed_form"})
    with pytest.raises(ConfigError, match="analog.start is closed_form: 10 samples of 16 inputs"):
        new_state(few, load_data(few))


def test_the_command_trains_and_reports(tmp_path, capsys):
    path = tmp_path / "run.yaml"
    path.write_text(
        "kind: task_quantizer\ntask: {samples: 500, antennas: 2, users: 2, pilots: 4}\n"
        "adc: {adcs: 8}\nschedule: {epochs: 2}\nmeasure: {vectors: 100}\n"
    )
    output = tmp_path / "out"
    words = [str(path), "--output", str(output), "--set", "name=mine", "--set", "adc.levels=[3]"]
    assert main(words) == 0
    printed = capsys.readouterr()
    assert load_chain(output / "mine.safetensors").level_counts == [3] * 8
    assert "power 4  mse" in printed.out and "hardened" in printed.out
    assert "sharpness" in printed.err
    assert main([str(path), "--set", "adc.level=3"]) == 2
    assert "adc.level is no known setting" in capsys.readouterr().err
