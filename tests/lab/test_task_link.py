# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The draws of the task-based figures against the papers' equations, written out in numpy."""

import numpy as np
import pytest
from fewbit_lab import task_link


def moments_of_eq_6(power):
    """E[x x^T] and E[s x^T] of y = sqrt(P) (Phi kron I) h + w, x = [Re y; Im y]: for circular
    vectors both follow from the complex covariances."""
    time, user = np.arange(12)[:, None], np.arange(4)
    a = np.sqrt(power) * np.kron(np.exp(-2j * np.pi * time * user / 12), np.eye(10))
    c_yy, c_hy = a @ a.conj().T + np.eye(120), a.conj().T

    def real(c):
        return 0.5 * np.block([[c.real, -c.imag], [c.imag, c.real]])

    return real(c_yy), real(c_hy)


@pytest.mark.parametrize("power", [4.0, 1.0])
def test_channel_estimation_has_the_moments_of_eq_6(power):
    x, s = task_link.EstimationLink(power).draw(40_000, seed=3)
    assert x.shape == (40_000, 240) and s.shape == (40_000, 80)
    assert x.dtype == s.dtype == np.float32
    c_xx, c_sx = moments_of_eq_6(power)
    # A sample moment's standard error is at most sqrt(2 var var / 40,000); 5 of them.
    scale = np.sqrt(np.diag(c_xx))
    assert np.max(np.abs(x.T @ x / 40_000 - c_xx) / np.outer(scale, scale)) < 5 * 0.0071
    assert np.max(np.abs(s.T @ x / 40_000 - c_sx) / (np.sqrt(0.5) * scale)) < 5 * 0.0071


def test_detection_sends_what_the_class_says_through_h():
    x, classes = task_link.detection_draw(200_000, 10.0, seed=4)
    channel = task_link.true_channel()
    assert channel[4, 1] == pytest.approx(np.exp(-3.0)) and channel.shape == (12, 4)
    bits = (classes[:, None] >> np.arange(4)) & 1
    noise = x - (1.0 - 2.0 * bits) @ channel.T
    assert np.mean(noise**2) == pytest.approx(0.1, rel=5 * np.sqrt(2 / 2_400_000))
    assert np.max(np.abs(noise.mean(axis=0))) < 5 * np.sqrt(0.1 / 200_000)
    counts = np.bincount(classes, minlength=16)
    assert np.max(np.abs(counts - 12_500)) < 5 * np.sqrt(12_500)


def test_csi_errors_are_relative_to_the_entry():
    rng = np.random.default_rng(5)
    ratios = np.array([task_link.uncertain_channel(rng) for _ in range(2000)])
    ratios = ratios / task_link.true_channel() - 1.0
    assert np.var(ratios) == pytest.approx(0.2, rel=5 * np.sqrt(2 / ratios.size))


def test_wrong_bits_are_counted_in_each_vector():
    decided = np.array([0, 15, 5, 8], dtype=np.uint8)
    sent = np.array([0, 0, 4, 7], dtype=np.uint8)
    assert task_link.wrong_bits(decided, sent).tolist() == [0, 4, 1, 4]


def test_a_seed_repeats_a_draw():
    first, second = (task_link.detection_draw(100, 8.0, seed=6) for _ in range(2))
    assert np.array_equal(first[0], second[0]) and np.array_equal(first[1], second[1])
    link = task_link.EstimationLink()
    assert np.array_equal(link.draw(5, 7)[0], link.draw(5, 7)[0])
    assert not np.array_equal(link.draw(5, 7)[0], link.draw(5, 8)[0])
