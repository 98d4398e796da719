# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each denoiser against the problem that it solves."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fewbit_trainer.unfolded_detector.denoisers import DENOISERS  # noqa: E402

R = torch.linspace(-6.0, 6.0, 121)


def answer(name, w, r=R, bits=4):
    return DENOISERS[name](r, torch.tensor(w), bits)


def minimiser(penalty):
    """Of penalty(x) + (x - r)^2 / 2 over a fine grid, for each r."""
    x = np.linspace(-8, 8, 16001)
    costs = penalty(x)[None] + 0.5 * (x[None] - R.numpy()[:, None]) ** 2
    return x[costs.argmin(1)]


def test_soft_threshold_is_the_prox_of_the_absolute_value():
    expected = minimiser(lambda x: 0.7 * np.abs(x))
    assert np.abs(answer("soft_threshold", 0.7).numpy() - expected).max() < 1.1e-3


def test_clip_is_the_prox_of_the_box():
    expected = minimiser(lambda x: np.where(np.abs(x) > 2.5 + 1e-9, np.inf, 0.0))
    assert np.abs(answer("clip", 2.5).numpy() - expected).max() < 1.1e-3


@pytest.mark.parametrize("bits", [2, 4, 6, 8])
def test_a_staircase_of_width_one_is_the_box(bits):
    r = torch.linspace(-20.0, 20.0, 401)
    outer = float(2 ** (bits // 2) - 1)
    assert torch.allclose(answer("staircase", 1.0, r, bits), r.clamp(-outer, outer), atol=1e-5)


def test_a_narrow_staircase_decides_and_no_narrower_than_an_eighth():
    r = torch.tensor([-9.0, -2.2, -1.8, -0.3, 0.0, 0.3, 2.2])
    assert answer("staircase", 0.125, r).tolist() == [-3, -3, -1, -1, 0, 1, 3]
    assert torch.equal(answer("staircase", 0.01), answer("staircase", 0.125))


def test_the_posterior_mean_is_that_of_noisy_levels():
    """By drawing: of levels + noise, the mean of those that fall near r."""
    rng = np.random.default_rng(3)
    x = rng.choice([-3.0, -1.0, 1.0, 3.0], 4_000_000)
    noisy = x + np.sqrt(0.5) * rng.standard_normal(len(x))
    for r in (-2.4, -1.0, 0.2, 1.7, 3.5):
        near = np.abs(noisy - r) < 0.02
        found = float(answer("posterior_mean", 0.5, torch.tensor([r])))
        # One standard error of about 30,000 draws is below .007; the bin's slope adds .001.
        assert found == pytest.approx(x[near].mean(), abs=0.03)


@pytest.mark.parametrize("name", DENOISERS)
def test_denoisers_are_odd_and_do_not_fall(name):
    found = answer(name, 0.6)
    assert torch.allclose(found, -found.flip(0), atol=1e-5)
    assert (found.diff() >= -1e-6).all()
