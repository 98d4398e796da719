# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped designs and trained models reach the error that they state."""

from pathlib import Path

import numpy as np
import pytest
from gnuradio import fewbit
from gnuradio.fewbit import algorithms

#: 1/98 + .489796 D_M, D_M the distortion of Lloyd-Max for a unit Gaussian.
TARGETS = {2: 0.1882, 4: 0.0678, 8: 0.0271, 16: 0.0149}
TRAINED_TARGETS = {**TARGETS, 3: 0.1034, 6: 0.0386, 12: 0.0182}


def _mean_square_error(name, seed):
    """On 4000 channels of 80 entries at P = 4: a standard error of .4 % at most."""
    chain = algorithms.named_quantizer(name).at(1.0)
    rng = np.random.default_rng(seed)
    h, w = (
        (rng.normal(size=(4000, size)) + 1j * rng.normal(size=(4000, size))) / np.sqrt(2)
        for size in (40, 120)
    )
    phi = np.exp(-2j * np.pi * np.outer(np.arange(12), np.arange(4)) / 12)
    y = h @ (2 * np.kron(phi, np.eye(10))).T + w
    estimate = chain.estimate(y.astype(np.complex64))
    return np.mean((estimate - np.concatenate([h.real, h.imag], 1)) ** 2)


@pytest.mark.parametrize("levels", TARGETS)
def test_closed_form_reaches_its_target(levels):
    error = _mean_square_error(f"tbq_closed_form_m{levels}.safetensors", levels)
    assert error == pytest.approx(TARGETS[levels], rel=0.015)


@pytest.mark.parametrize("levels", TRAINED_TARGETS)
def test_trained_estimators_are_near_the_target(levels):
    """Within 3 % of theory; three standard errors are 1.2 %."""
    error = _mean_square_error(f"task_estimation_m{levels}.safetensors", levels)
    assert error < 1.03 * 1.012 * TRAINED_TARGETS[levels]


@pytest.mark.parametrize(("levels", "most"), [(8, 0.030), (16, 0.018)])
def test_estimators_for_any_power_are_good_at_the_middle_one(levels, most):
    error = _mean_square_error(f"task_estimation_m{levels}_snr.safetensors", levels)
    assert error < 1.012 * most


#: The most that detectors may err, by rate and SNR: a tenth more than when they were trained.
DETECTION = {("r1", 8): 0.0144, ("r1", 10): 0.0028, ("r2", 8): 0.0120, ("r2", 10): 0.0021}


@pytest.mark.parametrize(("rate", "snr_db"), DETECTION)
def test_detectors_err_as_their_card_says(rate, snr_db):
    """65,536 vectors of 4 bits: four standard errors of the difference from the card's."""
    name = f"task_detection_{rate}_{snr_db}db.safetensors"
    card = algorithms.bundle.load(f"{fewbit.models_path()}/{name}").config["measured"][0]
    assert card["snr_db"] == snr_db and card["ber"] < DETECTION[rate, snr_db]
    chain = algorithms.named_quantizer(name).at(1.0)
    rng = np.random.default_rng(snr_db)
    bits = rng.integers(0, 2, (65536, 4), dtype=np.uint8)
    gains = np.exp(-np.abs(np.subtract.outer(np.arange(12), np.arange(4))))
    noise = 10 ** (-snr_db / 20) * rng.normal(size=(len(bits), 12))
    decided = chain.decide(((1.0 - 2.0 * bits) @ gains.T + noise).astype(np.float32))
    error = np.sqrt(2) * card["ber_error"]
    assert np.mean(decided != bits) == pytest.approx(card["ber"], abs=4 * error)


def test_a_shipped_design_is_found_by_its_name():
    names = sorted(path.stem for path in Path(fewbit.models_path()).glob("task_*.safetensors"))
    found = algorithms.task_quantizer(names[0])
    by_path = algorithms.task_quantizer(Path(fewbit.models_path()) / f"{names[0]}.safetensors")
    assert found.method == by_path.method and found.adcs == by_path.adcs
