# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Losses in dB: synthetic curves of known shift."""

import numpy as np
import pytest
from fewbit_lab.snr_loss import Loss, paired_losses, smoothed, snr_at
from scipy.stats import binom

SNR = np.arange(10.0, 17.0)


def rate(snr_db):
    """An error rate that falls half a decade a dB, .1 at 12.8 dB."""
    return np.minimum(1.0, 10.0 ** (-0.5 * (np.asarray(snr_db) - 10.8)))


@pytest.mark.parametrize(
    "target,at", [(0.1, 12.8), (0.01, 14.8), (0.03, 10.8 - 2 * np.log10(0.03))]
)
def test_finds_the_crossing_of_a_straight_curve(target, at):
    assert snr_at(SNR, rate(SNR), target) == pytest.approx(at, abs=1e-12)


def test_finds_many_crossings_at_once():
    shifts = np.array([0.0, 0.1, 0.7])
    found = snr_at(SNR, rate(SNR[None, :] - shifts[:, None]), 0.01)
    assert found == pytest.approx(14.8 + shifts, abs=1e-12)


def test_a_target_exactly_at_a_point_is_that_point():
    assert snr_at(np.array([1.0, 2.0, 3.0]), np.array([0.5, 0.1, 0.02]), 0.1) == pytest.approx(2.0)


@pytest.mark.parametrize("target", [1e-9, 1.1])
def test_a_target_outside_the_points_is_nan(target):
    assert np.isnan(snr_at(SNR, rate(SNR), target))


def test_no_error_counts_as_half_an_error():
    assert smoothed(np.array([0, 3]), np.array([100, 100])) == pytest.approx([0.005, 0.03])


def simulated(shifts, batches, seed):
    """Paired packets: one fading draw decides all schemes, as one channel does in the link."""
    rng = np.random.default_rng(seed)
    errors, packets = [], []
    for snr in SNR:
        draws = rng.random((batches, 250, 1))
        lost = draws < rate(snr - np.asarray(shifts))
        errors.append(lost.sum(axis=1))
        packets.append(np.full(batches, 250))
    return errors, packets


def test_recovers_a_known_shift_with_a_narrow_interval():
    # 20,000 packets a point; paired, so an interval of about a tenth of a dB.
    shifts = [0.0, 0.15, 0.5]
    errors, packets = simulated(shifts, 80, seed=4)
    losses = paired_losses(SNR, errors, packets, [0.1, 0.01])
    for scheme, shift in enumerate(shifts):
        for loss in losses[scheme]:
            assert loss.db == pytest.approx(shift, abs=0.06)
            assert loss.low <= loss.db <= loss.high
            assert loss.high - loss.low < 0.2
    assert losses[0][0].db == losses[0][0].low == losses[0][0].high == 0.0


def test_intervals_cover_the_truth_as_often_as_they_say():
    runs = 200
    covered = 0
    for seed in range(runs):
        errors, packets = simulated([0.0, 0.2], 40, seed)
        loss = paired_losses(SNR, errors, packets, [0.1], resamples=400, seed=seed)[1][0]
        # The interpolated curve is the truth here only up to its bend at rate 1, far from .1.
        covered += loss.low <= 0.2 <= loss.high
    # A chance of 1e-4 that intervals of 95 % fail this.
    assert covered >= binom.ppf(1e-4, runs, 0.95)


def test_intervals_cover_the_truth_at_the_edge_of_the_curve():
    # The scheme crosses .01 at 14.95 dB, the points end at 15: about every fourth run misses the
    # target, and of the others many resamples do. Each limit fails 2.5 % of the runs at most.
    runs, shift = 300, 0.15
    too_low = too_high = bounded = 0
    for seed in range(runs):
        errors, packets = simulated([0.0, shift], 40, seed)
        loss = paired_losses(SNR[:6], errors[:6], packets[:6], [0.01], resamples=400, seed=seed)
        too_low += loss[1][0].high < shift
        too_high += loss[1][0].low > shift
        bounded += loss[1][0].high < np.inf
    most = binom.ppf(1.0 - 1e-4, runs, 0.025)
    assert too_low <= most and too_high <= most
    assert bounded > 0


def test_resamples_that_miss_the_target_open_the_interval():
    # Half the batches of the last point are above .01: about half of the resamples never reach it.
    packets = [np.full(40, 100)] * 2
    errors = [np.full((40, 2), 20), np.column_stack([np.zeros(40), np.repeat([0, 2], 20)])]
    loss = paired_losses(np.array([14.0, 15.0]), errors, packets, [0.0101], seed=1)[1][0]
    assert np.isfinite([loss.db, loss.low]).all() and loss.high == np.inf


def test_few_batches_have_no_finite_limits():
    errors, packets = simulated([0.0, 0.2], 5, seed=1)
    loss = paired_losses(SNR, errors, packets, [0.1], resamples=50)[1][0]
    assert np.isfinite(loss.db) and (loss.low, loss.high) == (-np.inf, np.inf)


def test_a_scheme_that_never_reaches_the_target_loses_at_least_the_rest_of_the_curve():
    errors, packets = simulated([0.0, 9.0], 40, seed=1)
    reference, hopeless = paired_losses(SNR, errors, packets, [0.1], resamples=100)
    assert reference[0] == Loss(0.0, 0.0, 0.0)
    assert hopeless[0].db == hopeless[0].high == np.inf
    assert 3.0 < hopeless[0].low < 16.0 - 12.5


def test_an_unreached_target_gives_nan_and_no_exception():
    errors, packets = simulated([0.0, 0.2], 4, seed=1)
    loss = paired_losses(SNR[:2], errors[:2], packets[:2], [0.01], resamples=50)[1][0]
    assert np.isnan([loss.db, loss.low, loss.high]).all()


def test_one_point_crosses_nothing():
    assert np.isnan(snr_at(np.array([10.0]), np.array([0.1]), 0.01))
    assert np.isnan(snr_at(np.array([10.0]), np.array([[0.1], [0.001]]), 0.01)).all()
