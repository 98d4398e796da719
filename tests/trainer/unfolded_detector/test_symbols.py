# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Levels, their 3GPP bits, decisions and LLRs, against tables and sums written out."""

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fewbit_trainer.unfolded_detector import symbols  # noqa: E402

# TS 38.211, 5.1, one axis: level by its bits.
MAPS = {
    2: {(0,): 1, (1,): -1},
    4: {(0, 0): 1, (0, 1): 3, (1, 0): -1, (1, 1): -3},
    6: {
        (0, 0, 0): 3, (0, 0, 1): 1, (0, 1, 0): 5, (0, 1, 1): 7,
        (1, 0, 0): -3, (1, 0, 1): -1, (1, 1, 0): -5, (1, 1, 1): -7,
    },
}  # fmt: skip


@pytest.mark.parametrize("bits", MAPS)
def test_each_level_has_its_3gpp_bits(bits):
    found = symbols.level_bits(bits).tolist()
    levels = symbols.level_values(bits).tolist()
    assert {tuple(b): level for b, level in zip(found, levels, strict=True)} == MAPS[bits]


def test_256_qam_is_gray_and_has_all_labels():
    found = symbols.level_bits(8).int()
    assert len({tuple(row) for row in found.tolist()}) == 16
    assert ((found[1:] != found[:-1]).sum(1) == 1).all()


@pytest.mark.parametrize("bits", [2, 4, 6, 8])
def test_the_levels_have_the_stated_energy(bits):
    levels = symbols.level_values(bits)
    assert symbols.level_energy(bits) == pytest.approx(float(levels.square().mean()))
    variance = symbols.noise_variance(torch.tensor([13.0]), bits)
    assert float(variance) == pytest.approx(symbols.level_energy(bits) / 10**1.3, rel=1e-6)


def test_decisions_take_the_nearest_level_and_the_upper_one_of_two():
    o = torch.tensor([-100.0, -2.0, -1.9, -0.1, 0.0, 1.99, 2.0, 100.0])
    assert symbols.level_indices(o, 4).tolist() == [0, 1, 1, 1, 2, 2, 3, 3]


def test_bits_stand_user_by_user_the_axes_in_turn():
    # Two users of 16-QAM: I of both, then Q of both.
    values = torch.tensor([[10, 11], [20, 21], [30, 31], [40, 41]])
    assert symbols.user_bits(values).tolist() == [10, 30, 11, 31, 20, 40, 21, 41]
    assert symbols.user_bits(values.expand(3, 5, 4, 2)).shape == (3, 5, 8)


@pytest.mark.parametrize("bits", [2, 4, 6])
def test_llrs_are_the_logarithm_of_the_sums_of_densities(bits):
    rng = np.random.default_rng(1)
    for _ in range(50):
        o, variance = rng.uniform(-8, 8), rng.uniform(0.05, 3)
        density = {b: math.exp(-((o - x) ** 2) / (2 * variance)) for b, x in MAPS[bits].items()}
        for position in range(bits // 2):
            sums = [
                sum(d for b, d in density.items() if b[position] == bit) for bit in (0, 1)
            ]
            if min(sums) < 1e-200:
                continue
            llr = symbols.axis_llrs(
                torch.tensor([o], dtype=torch.float64),
                torch.tensor([variance], dtype=torch.float64),
                bits,
            )[0, position]
            assert float(llr) == pytest.approx(math.log(sums[1] / sums[0]), rel=1e-6, abs=1e-6)


def test_doubt_is_added_to_both_probabilities():
    for llr in (-50.0, -3.0, 0.0, 0.7, 9.0, 800.0):
        one, zero = 1 / (1 + math.exp(-llr)), 1 / (1 + math.exp(min(llr, 700.0)))
        for doubt in (1e-5, 0.01, 0.3):
            found = symbols.doubted(torch.tensor([llr], dtype=torch.float64), torch.tensor(doubt))
            expected = math.log((one + doubt) / (zero + doubt))
            assert float(found) == pytest.approx(expected, rel=1e-5, abs=1e-9)
    llrs = torch.tensor([-30.0, 0.0, 5.0])
    assert torch.allclose(symbols.doubted(llrs, torch.tensor(0.0)), llrs, atol=1e-4)


def test_the_mean_of_levels_is_their_posterior_mean():
    for r, variance in ((0.3, 0.4), (-2.7, 2.0), (9.0, 0.1), (0.0, 50.0)):
        weights = {x: math.exp(-((r - x) ** 2 - (abs(r) - 3) ** 2 * (abs(r) > 3)) / (2 * variance))
                   for x in (-3, -1, 1, 3)}  # fmt: skip
        expected = sum(x * w for x, w in weights.items()) / sum(weights.values())
        found = symbols.mean_of_levels(torch.tensor([r]), torch.tensor([variance]), 4)
        assert float(found) == pytest.approx(expected, abs=1e-5)


def test_far_values_give_finite_llrs_and_means():
    o = torch.tensor([1e4, -1e4, 0.0])
    variance = torch.full((3,), 1e-3)
    assert symbols.axis_llrs(o, variance, 6).isfinite().all()
    assert symbols.mean_of_levels(o, variance, 6).tolist() == [7.0, -7.0, 0.0]
