# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two problems: exact moments against samples, agreements against docs/task_quantizer.md."""

import numpy as np
import pytest
from fewbit_trainer.task_quantizer.designs.models import (
    ChannelEstimation,
    SymbolDetection,
    bpsk_classes,
)
from fewbit_trainer.task_quantizer.designs.second_order import SecondOrder
from scipy.linalg import dft


def test_pilots_are_columns_of_the_dft_matrix() -> None:
    model = ChannelEstimation()
    np.testing.assert_allclose(model.pilot_matrix, dft(12)[:, :4], atol=1e-12)
    assert (model.inputs, model.outputs) == (240, 80)


def test_samples_have_the_exact_moments() -> None:
    """Each entry within 5.5 standard errors of 20,000 samples."""
    model = ChannelEstimation(antennas=2, users=2, pilots=3, power=2.5)
    exact = model.second_order()
    x, s = model.draw(20_000, np.random.default_rng(1))
    for a, b, expected in (
        (s, s, exact.signal),
        (s, x, exact.cross),
        (x, x, exact.observation),
    ):
        products = a[:, :, None] * b[:, None, :]
        error = products.std(axis=0) / np.sqrt(len(x))
        assert np.all(np.abs(products.mean(axis=0) - expected) < 5.5 * error)


def test_samples_follow_the_equation_of_the_observation() -> None:
    """With next to no noise, x = A s."""
    model = ChannelEstimation(antennas=3, users=2, pilots=4, power=1e8)
    x, s = model.draw(50, np.random.default_rng(2))
    np.testing.assert_allclose(x, s @ model.mixing.T, atol=5)
    assert np.std(x) > 5e3


def test_each_sample_may_have_its_own_power() -> None:
    model = ChannelEstimation()
    power = np.array([1.0, 1e6])
    x, _ = model.draw(2, np.random.default_rng(3), power)
    # E|y|^2 / 2 = (users P + 1) / 2; 240 entries, correlated, so within a factor of 2.
    np.testing.assert_array_less(np.mean(x**2, axis=1), 2 * (4 * power + 1) / 2)
    np.testing.assert_array_less((4 * power + 1) / 4, np.mean(x**2, axis=1))


def test_wiener_reaches_the_mmse() -> None:
    moments = ChannelEstimation().second_order()
    assert moments.mmse() == pytest.approx(1 / 98, rel=1e-12)
    x, s = ChannelEstimation().draw(4000, np.random.default_rng(4))
    errors = np.mean((x @ moments.wiener().T - s) ** 2, axis=1)
    assert abs(errors.mean() - 1 / 98) < 4 * errors.std() / np.sqrt(len(errors))


def test_bits_of_a_class_are_its_users_least_significant_first() -> None:
    np.testing.assert_array_equal(bpsk_classes(3)[[0, 1, 4]], [[1, 1, 1], [-1, 1, 1], [1, 1, -1]])


def test_detection_channel_and_noise() -> None:
    model = SymbolDetection(10.0)
    assert model.channel.shape == (12, 4)
    assert model.channel[4, 1] == pytest.approx(np.exp(-3))
    assert model.sigma**2 == pytest.approx(0.1)
    x, classes = model.draw(50_000, np.random.default_rng(5))
    noise = x - model.symbols[classes] @ model.channel.T
    # The variance of a variance: 2 / (t n).
    assert np.mean(noise**2) == pytest.approx(0.1, rel=5 * np.sqrt(2 / noise.size))
    assert np.min(np.bincount(classes, minlength=16)) > 2800


def test_uncertain_channels_have_the_relative_error() -> None:
    model = SymbolDetection(10.0)
    rng = np.random.default_rng(6)
    relative = np.array([model.uncertain_channel(rng) / model.channel - 1 for _ in range(2000)])
    assert np.var(relative) == pytest.approx(0.2, rel=5 * np.sqrt(2 / relative.size))
    assert abs(np.mean(relative)) < 5 * np.sqrt(0.2 / relative.size)


def test_each_frame_has_a_channel_of_its_own() -> None:
    model = SymbolDetection(60.0)
    x, classes = model.draw_uncertain(3, 40, np.random.default_rng(7))
    assert x.shape == (120, 12)
    fits = [
        np.linalg.lstsq(model.symbols[classes[i : i + 40]], x[i : i + 40], rcond=None)[0]
        for i in (0, 40, 80)
    ]
    residual = x[:40] - model.symbols[classes[:40]] @ fits[0]
    assert np.std(residual) < 0.002
    assert np.linalg.norm(fits[0] - fits[1]) > 0.1 and np.linalg.norm(fits[1] - fits[2]) > 0.1


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ({"users": 13}, "users is 13; use 1 to pilots, 12"),
        ({"antennas": 0}, "antennas is 0"),
        ({"power": 0.0}, "power is 0.0; use a positive number"),
        ({"power": float("nan")}, "power is nan"),
    ],
)
def test_refuses_a_problem_that_is_none(bad: dict, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        ChannelEstimation(**bad)


def test_refuses_channels_and_snrs_that_are_not_finite() -> None:
    with pytest.raises(ValueError, match="channel is no finite matrix"):
        SymbolDetection(10.0, np.full((12, 4), np.nan))
    with pytest.raises(ValueError, match="snr_db is inf"):
        SymbolDetection(float("inf"))


def test_refuses_samples_that_determine_no_moments() -> None:
    x, s = np.zeros((5, 8)), np.zeros((5, 2))
    with pytest.raises(ValueError, match="5 samples of 8 inputs; use more samples"):
        SecondOrder.of_samples(s, x)
    with pytest.raises(ValueError, match="have shapes"):
        SecondOrder.of_samples(s[:4], x)
    with pytest.raises(ValueError, match="not finite"):
        SecondOrder.of_samples(np.zeros((9, 2)), np.full((9, 8), np.inf))
