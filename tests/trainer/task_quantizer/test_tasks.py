# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where training samples come from, recordings included."""

import numpy as np
import pytest
from fewbit_trainer.config import ConfigError, config_from_dict
from fewbit_trainer.task_quantizer.tasks import (
    describe,
    fresh_samples,
    snr_range_db,
    training_samples,
)


def a_config(**task):
    data = {"kind": "task_quantizer", "task": task, "measure": {"vectors": 500}}
    if task.get("problem") != "channel_estimation":
        data |= {"digital": {"kind": "network"}, "refit": {"method": "none"}}
    return config_from_dict(data)


def test_channel_estimation_is_the_paper_s():
    config = a_config(problem="channel_estimation", samples=3000)
    samples = training_samples(config)
    assert (samples.x.shape, samples.signals.shape) == ((3000, 240), (3000, 80))
    assert samples.complex_inputs and not samples.detection
    # E|y|^2 = P users + 1 = 17, and half of it in each part.
    assert np.mean(samples.x**2) == pytest.approx(8.5, rel=0.02)
    # h from the pilots: correlating with them gives tau sqrt(P) h + noise.
    y = (samples.x[:, :120] + 1j * samples.x[:, 120:]).reshape(-1, 12, 10)
    h = (samples.signals[:, :40] + 1j * samples.signals[:, 40:]).reshape(-1, 4, 10)
    phi = np.exp(-2j * np.pi * np.outer(np.arange(12), np.arange(4)) / 12)
    error = np.einsum("tu,nta->nua", phi.conj(), y) / 24.0 - h
    # Noise of variance 12 / 24^2; relative standard error .003.
    assert np.mean(np.abs(error) ** 2) == pytest.approx(1 / 48, rel=0.015)


def test_snr_uncertainty_draws_a_power_for_each_sample():
    config = a_config(problem="channel_estimation", samples=4000, power=[1, 10])
    power = np.mean(training_samples(config).x ** 2, axis=1)
    # (4 P + 1) / 2 on average over P in [1, 10], with h's own fluctuation.
    assert power.mean() == pytest.approx(11.5, rel=0.05)
    assert power.max() / power.min() > 8.0
    assert snr_range_db(config.task) == (0.0, 10.0)
    assert "P uniform in [1, 10]" in describe(config.task)


def test_csi_uncertainty_changes_the_channel_by_frames():
    config = a_config(problem="symbol_detection", samples=5000, antennas=12, csi_variance=0.2,
                      snr_db=60.0)  # fmt: skip
    samples = training_samples(config)
    symbols = 1.0 - 2.0 * ((samples.classes[:, None] >> np.arange(4)) & 1)
    channels = [
        np.linalg.lstsq(symbols[f], samples.x[f], rcond=None)[0].T
        for f in np.array_split(np.arange(5000), 10)
    ]
    true = np.exp(-np.abs(np.arange(12)[:, None] - np.arange(4)))
    relative = (np.array(channels) / true - 1.0)[:, true > 1e-2]
    assert relative.std() == pytest.approx(np.sqrt(0.2), rel=0.1)
    assert np.abs(channels[0] - channels[1]).max() > 0.1
    # What is measured is over the true channel.
    fresh = fresh_samples(config)[0].samples
    symbols = 1.0 - 2.0 * ((fresh.classes[:, None] >> np.arange(4)) & 1)
    np.testing.assert_allclose(np.linalg.lstsq(symbols, fresh.x, rcond=None)[0].T, true, atol=1e-3)


@pytest.mark.parametrize("problem", ["channel_estimation", "symbol_detection"])
def test_fresh_samples_are_not_the_training_s(problem):
    config = a_config(problem=problem, samples=500)
    fresh = fresh_samples(config)[0].samples
    assert not np.isin(fresh.x[:, 0], training_samples(config).x[:, 0]).any()
    again = fresh_samples(config)[0].samples
    np.testing.assert_array_equal(again.x, fresh.x)


def record(path, **arrays):
    np.savez(path, **arrays)
    return str(path)


def test_a_complex_recording_is_stacked_and_its_end_held_out(tmp_path):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(50, 3)) + 1j * rng.normal(size=(50, 3))
    file = record(tmp_path / "r.npz", x=x, s=x[:, :1])
    config = a_config(problem="recording", file=file)
    train, fresh = training_samples(config), fresh_samples(config)[0].samples
    np.testing.assert_array_equal(train.x[:, 3:], x.imag[:40])
    np.testing.assert_array_equal(fresh.x[:, :3], x.real[40:])
    assert train.complex_inputs and train.outputs == 2 and not train.detection
    assert describe(config.task) == "recording r.npz"


def test_a_recording_of_bits_becomes_classes(tmp_path):
    bits = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 1], [1, 1, 1]] * 5)
    file = record(tmp_path / "r.npz", x=np.ones((20, 2)), bits=bits)
    train = training_samples(a_config(problem="recording", file=file))
    assert train.classes[:4].tolist() == [0, 1, 6, 7]
    assert train.detection and not train.complex_inputs


GOOD = {"x": np.ones((9, 2)), "s": np.ones((9, 1))}


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"x": GOOD["x"]}, "holds x, expected x, and either s or bits"),
        ({"s": GOOD["s"]}, "holds s, expected x"),
        ({**GOOD, "bits": np.ones((9, 1))}, "holds x, s, bits, expected x, and either s or bits"),
        ({**GOOD, "x": np.ones(9)}, r"x is float64 \[9\], expected numbers \[t, n\]"),
        ({**GOOD, "x": np.ones((0, 2))}, r"x is float64 \[0, 2\], expected numbers"),
        ({**GOOD, "x": np.full((9, 2), "a")}, r"x is <U1 \[9, 2\], expected numbers"),
        ({**GOOD, "x": np.full((9, 2), np.nan)}, "x holds a value that is not finite"),
        ({**GOOD, "s": np.full((9, 1), np.inf)}, "s holds a value that is not finite"),
        ({**GOOD, "s": np.ones((8, 1))}, "x has 9 samples and s 8"),
        ({"x": GOOD["x"], "bits": np.full((9, 1), 2)}, "bits is no array of at most 8 columns"),
        ({"x": GOOD["x"], "bits": np.ones((9, 9))}, "bits is no array of at most 8 columns"),
        ({"x": np.ones((1, 2)), "s": np.ones((1, 1))}, "has 1 samples, expected more than are"),
    ],
)
def test_refuses_a_recording_that_cannot_be_used(tmp_path, arrays, sentence):
    file = record(tmp_path / "r.npz", **arrays)
    with pytest.raises(ConfigError, match=sentence) as caught:
        training_samples(a_config(problem="recording", file=file))
    assert "\n" not in str(caught.value)


def test_refuses_a_file_that_is_no_recording(tmp_path):
    text = tmp_path / "r.npz"
    for content in (b"", b"hello", b"PK\x03\x04broken"):
        text.write_bytes(content)
        with pytest.raises(ConfigError, match="task.file is") as caught:
            training_samples(a_config(problem="recording", file=str(text)))
        assert "\n" not in str(caught.value)
    with pytest.raises(ConfigError, match="cannot be read"):
        training_samples(a_config(problem="recording", file=str(tmp_path / "none.npz")))
    np.save(tmp_path / "plain.npy", np.ones((4, 2)))
    with pytest.raises(ConfigError, match=r"expected a \.npz file"):
        training_samples(a_config(problem="recording", file=str(tmp_path / "plain.npy")))
    np.savez(text, x=np.array([{}], dtype=object), s=np.ones((1, 1)))
    with pytest.raises(ConfigError, match=r"expected a \.npz file of plain arrays"):
        training_samples(a_config(problem="recording", file=str(text)))
