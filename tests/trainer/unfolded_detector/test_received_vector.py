# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The received vector's and the filter's 16 bits: the step follows the channel, sums stay exact."""

import dataclasses

import numpy as np
import pytest
import unfolded_oracle as oracle

torch = pytest.importorskip("torch")

from fewbit_trainer.unfolded_detector.channels import draw, real_form  # noqa: E402
from fewbit_trainer.unfolded_detector.config import (  # noqa: E402
    LinkConfig,
    QuantizationConfig,
    UnfoldedDetectorConfig,
)
from fewbit_trainer.unfolded_detector.detection import detect  # noqa: E402
from fewbit_trainer.unfolded_detector.integer import (  # noqa: E402
    IntegerMatrix,
    detect_integer,
    filtered,
    largest_filter_code,
    prepare_integer,
    received_exponent,
)
from fewbit_trainer.unfolded_detector.network import UnfoldedDetector  # noqa: E402


def exponent(rows, noise_variance, bits_per_symbol=4):
    """e of one complex channel."""
    channel = real_form(torch.tensor([rows], dtype=torch.complex64))
    found = received_exponent(channel, torch.tensor([noise_variance]), bits_per_symbol)
    assert found.dtype == torch.int32 and found.shape == (1,)
    return int(found)


@pytest.mark.parametrize(
    ("rows", "noise_variance", "bits", "e"),
    [
        # QPSK: E is the strongest antenna's |H|^2 + sigma^2. E = 1, k = 0: 23 / 2 down.
        ([[1.0]], 0.0, 2, 11),
        ([[0.6 + 0.8j], [0.1]], 0.0, 2, 11),
        # 2^-1 .. 1: k = -1, 24 / 2; up to 4: k = 1, 22 / 2; from 4 on k = 2, 21 / 2 down.
        ([[0.75]], 0.0, 2, 12),
        ([[1.0, 1.0]], 1.5, 2, 11),
        ([[1.0, 1.0]], 2.0, 2, 10),
        # 16-QAM has 5 times the energy, 64-QAM 21, 256-QAM 85: k = 2, 4, 6.
        ([[1.0]], 0.0, 4, 10),
        ([[1.0]], 0.0, 6, 9),
        ([[1.0]], 0.0, 8, 8),
        # Noise alone; nothing at all; what float32 just holds.
        ([[0.0]], 0.25, 4, 12),
        ([[0.0]], 0.0, 4, 40),
        ([[1e-30]], 0.0, 4, 40),
        ([[1e18j]], 0.0, 2, -40),
        ([[3e38, 3e38]], 0.0, 8, -40),
        ([[1e-9]], 0.0, 2, 40),
        ([[1e9]], 0.0, 2, -18),
    ],
)
def test_the_step_is_what_a_hand_finds(rows, noise_variance, bits, e):
    assert exponent(rows, noise_variance, bits) == e


def test_the_step_is_the_exact_one_next_to_powers_of_four():
    rng = np.random.default_rng(4)
    for _ in range(300):
        rows = rng.standard_normal((3, 2)) + 1j * rng.standard_normal((3, 2))
        rows = (rows * 2.0 ** rng.integers(-30, 30)).astype(np.complex64)
        assert exponent(rows.tolist(), 0.5) == oracle.exponent_of(rows, 0.5, 4)
    for power in range(-20, 20):
        for side in (np.nextafter(np.float32(2.0**power), np.float32(0)), np.float32(2.0**power)):
            rows = np.array([[side]], np.complex64)
            assert exponent(rows.tolist(), 0.0, 2) == oracle.exponent_of(rows, 0.0, 2)


def test_a_sum_of_a_row_of_the_filter_stays_within_32_bits():
    for columns in range(2, 257, 2):
        assert columns * largest_filter_code(columns) * 32768 < 1 << 31
    found = [largest_filter_code(columns) for columns in (2, 32, 64, 256)]
    assert found == [32704, 2044, 1022, 255]


def model_of(link, **settings):
    return UnfoldedDetector(
        UnfoldedDetectorConfig(
            link=link, quantization=QuantizationConfig(arithmetic="int8", **settings)
        )
    )


def test_sums_beyond_2_24_are_rounded_half_to_even():
    """32704 * 512 + 10923 * 3 = 2^24 + 1, whose float32 is 2^24: half a unit decides the rest."""
    model = model_of(LinkConfig(users=1, antennas=1))
    channel, snr = real_form(torch.tensor([[[1.0]]], dtype=torch.complex64)), torch.tensor([20.0])
    prepared = dataclasses.replace(
        prepare_integer(model, channel, snr),
        filter=IntegerMatrix(
            torch.tensor([[[32704.0, 10923.0]]]), torch.tensor([[32769 * 2.0**-25]])
        ),
        exponent=torch.tensor([11], dtype=torch.int32),
    )
    for last, expected in ((3, 16384), (4, 16395), (-3, 16320)):
        y = torch.tensor([[[512.0, float(last)]]]) * 2.0**-11
        assert filtered(prepared, y, fraction_bits=11).tolist() == [[[expected]]]


def test_inputs_saturate_at_32767_on_both_sides():
    model = model_of(LinkConfig(users=2, antennas=2))
    snr = torch.tensor([10.0])
    received = draw(model.config.link, snr, 1, torch.Generator().manual_seed(1))
    prepared = prepare_integer(model, received.channel, snr)
    edge = 32767.0 * 2.0 ** -int(prepared.exponent)
    for sign in (1.0, -1.0):
        found = [
            detect_integer(prepared, torch.full((1, 1, 4), sign * y), model.config).tolist()
            for y in (edge, 1.5 * edge, 1e38)
        ]
        assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("arithmetic", ["float32", "quantized", "int8"])
def test_a_vector_that_is_not_finite_has_llrs_of_zero_and_spoils_no_other(value, arithmetic):
    model = model_of(LinkConfig(users=2, antennas=3))
    snr = torch.tensor([10.0, 20.0])
    received = draw(model.config.link, snr, 3, torch.Generator().manual_seed(1))
    clean = detect(model, received.channel, received.y, snr, arithmetic)
    y = received.y.clone()
    y[1, 2, 4] = value
    found = detect(model, received.channel, y, snr, arithmetic)
    assert not found.llrs[1, 2].any()
    found.llrs[1, 2] = clean.llrs[1, 2]
    assert torch.allclose(found.llrs, clean.llrs)
