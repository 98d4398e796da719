# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Training beats LMMSE, survives quantization, resumes to the bit and leaves a bundle."""

import dataclasses

import numpy as np
import pytest

torch = pytest.importorskip("torch")
safetensors = pytest.importorskip("safetensors")

from fewbit_trainer.__main__ import main  # noqa: E402
from fewbit_trainer.config import config_from_dict  # noqa: E402
from fewbit_trainer.run import train  # noqa: E402
from fewbit_trainer.unfolded_detector import bundle_file, training  # noqa: E402
from fewbit_trainer.unfolded_detector.calibration import range_of  # noqa: E402
from fewbit_trainer.unfolded_detector.channels import draw  # noqa: E402
from fewbit_trainer.unfolded_detector.measuring import measure_at  # noqa: E402
from fewbit_trainer.unfolded_detector.symbols import level_bits, level_indices  # noqa: E402

TINY = {
    "kind": "unfolded_detector",
    "name": "tiny",
    "link": {"users": 4, "antennas": 4, "snr_db": [10, 20]},
    "network": {"layers": 4, "knots_db": [10, 20]},
    "schedule": {"epochs": 6, "steps": 25, "channels": 64, "vectors": 8, "learning_rate": 0.08,
                 "llr_iterations": 4, "llr_channels": 512},
    "measure": {"channels": 2048, "vectors": 4, "snr_db": [18]},
}  # fmt: skip


def tiny(**changes):
    data = {name: dict(v) if isinstance(v, dict) else v for name, v in TINY.items()}
    for name, values in changes.items():
        data[name] = {**data.get(name, {}), **values} if isinstance(values, dict) else values
    return config_from_dict(data)


def lmmse_ber(config, snr_db):
    """Unbiased, by numpy, over the vectors that the detector is measured on."""
    purpose = training.run_generator(config.seed, training.MEASURE, round(1000 * snr_db))
    wrong = []
    for _ in range(config.measure.channels // 256):
        received = draw(config.link, torch.full((256,), snr_db), config.measure.vectors, purpose)
        h, y = received.channel.double().numpy(), received.y.double().numpy()
        variance = 5.0 / 10 ** (snr_db / 10)
        inverse = np.linalg.inv(h.swapaxes(1, 2) @ h + variance / 5.0 * np.eye(h.shape[2]))
        gain = 1.0 - variance / 5.0 * np.diagonal(inverse, axis1=1, axis2=2)
        x = y @ h @ inverse.swapaxes(1, 2) / gain[:, None, :]
        found = level_bits(4)[level_indices(torch.from_numpy(x), 4)]
        wrong.append((found != level_bits(4)[received.levels]).double().mean())
    return float(np.mean(wrong))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    return train(tiny(quantization={"arithmetic": "int8"}), folder / "tiny.safetensors")


def test_training_beats_lmmse_in_int8(trained):
    figure = trained.measured[0]
    least = lmmse_ber(tiny(), 18.0)
    assert figure["ber"] + 3 * figure["ber_error"] < 0.7 * least


def test_int8_costs_little(trained):
    whole = trained.measured[0]["ber"]
    floating = measure_at(bundle_file.load(trained.bundle), 18.0, "float32")
    # Measured on other vectors: a third of the errors is three standard errors of both.
    assert whole < 1.35 * floating["ber"]


def test_the_bundle_measures_as_the_run_did(trained):
    detector = bundle_file.load(trained.bundle)
    detector.config = dataclasses.replace(detector.config, measure=tiny().measure)
    assert detector.mixture is not None
    again = measure_at(detector, 18.0)
    assert again["ber"] == trained.measured[0]["ber"]
    assert again["information"] == pytest.approx(trained.measured[0]["information"], abs=1e-5)
    assert "ber" in trained.summary[0] and trained.epochs == 6


def test_llrs_tell_no_more_than_all_bits(trained):
    assert 0.5 * 16 < trained.measured[0]["information"] < 16


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"schedule": {"samples": 256, "channels": 64, "vectors": 1, "loss": "mean_square"}},
        {
            "quantization": {"arithmetic": "int8", "training": "straight_through",
                             "float_epochs": 2, "dynamic_step": True, "mmd_weight": 0.1},
        },
    ],
)  # fmt: skip
def test_a_resumed_run_leaves_the_same_bytes(tmp_path, changes):
    measure = {"channels": 64, "snr_db": [18]}
    whole = tiny(**{**changes, "measure": measure})
    schedule = dataclasses.replace(whole.schedule, steps=4)
    whole = dataclasses.replace(whole, schedule=schedule)
    first = train(whole, tmp_path / "a.safetensors").bundle.read_bytes()

    path = tmp_path / "b.safetensors"
    state = training.new_state(whole)
    fixed = training.fixed_samples(whole)
    for _ in range(3):
        training.train_epoch(state, whole, fixed)
    training.save_checkpoint(path.with_name("b.checkpoint.pt"), state, whole)
    again = train(whole, path, resume=True).bundle.read_bytes()
    assert again == first


def test_another_seed_gives_another_network(tmp_path):
    config = tiny(schedule={"epochs": 1, "steps": 2}, measure={"channels": 16})
    a, b = (
        train(config, tmp_path / f"{seed}.safetensors", seed=seed).bundle.read_bytes()
        for seed in (1, 2)
    )
    assert a != b


def test_training_through_the_quantizers_repairs_their_steps():
    """Activations of 4 bits whose steps are four times too wide."""
    config = tiny(
        quantization={"arithmetic": "quantized", "training": "straight_through",
                      "activation_bits": 4},
        schedule={"channels": 32, "vectors": 4, "epochs": 10},
    )  # fmt: skip
    state = training.new_state(config)
    for _ in range(4):
        training.train_epoch(state, config, None)
    with torch.no_grad():
        state.model.gamma *= 4.0
    bers = [measure_at(state.model, 18.0)["ber"]]
    for _ in range(6):
        training.train_epoch(state, config, None)
    bers.append(measure_at(state.model, 18.0)["ber"])
    assert bers[1] < 0.95 * bers[0]


def test_the_mmd_term_is_reported_and_finite():
    config = tiny(
        quantization={"arithmetic": "quantized", "training": "straight_through",
                      "activation_bits": 4, "dynamic_step": True, "mmd_weight": 0.1},
        schedule={"epochs": 2, "steps": 3},
    )  # fmt: skip
    state = training.new_state(config)
    result = training.train_epoch(state, config, None)
    assert result.stage == "quantized"
    assert 0.0 < result.parts["mmd"] < 8.0
    assert all(p.isfinite().all() for p in state.model.parameters())


def test_a_step_reaches_the_stated_share_of_magnitudes():
    v = torch.linspace(-1.0, 1.0, 2001)
    assert range_of(v, "largest", 99.0) == 1.0
    assert range_of(v, "percentile", 90.0) == pytest.approx(0.9, abs=2e-3)


def test_learning_rates_fall_and_start_over():
    config = tiny(
        quantization={"arithmetic": "int8", "training": "straight_through", "float_epochs": 4},
        schedule={"epochs": 8},
    )
    factors = [training.learning_rate_factor(config, e) for e in (0, 2, 3.999, 4, 6, 7.999)]
    assert factors == pytest.approx([1, 0.505, 0.01, 1 / 3, 0.505 / 3, 0.01 / 3], abs=1e-3)
    halved = tiny(schedule={"decay": "halving", "halve_epochs": 2})
    found = [training.learning_rate_factor(halved, e) for e in (0, 1.9, 2, 5.5)]
    assert found == [1.0, 1.0, 0.5, 0.25]


def test_the_command_trains(tmp_path, capsys):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "kind: unfolded_detector\nname: mine\nlink: {users: 2, antennas: 2}\n"
        "network: {layers: 2}\nschedule: {epochs: 1, steps: 2, llr_channels: 64}\n"
        "measure: {channels: 8}\n"
    )
    assert main([str(path), "--output", str(tmp_path)]) == 0
    captured = capsys.readouterr()
    assert "25 dB  ber" in captured.out
    assert "fitting the LLRs to 64 fresh channels\n" in captured.err
    assert bundle_file.load(tmp_path / "mine.safetensors").config.link.users == 2
